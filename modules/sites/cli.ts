import type { Command } from '@liaison/core/cli';
import { failover } from './cli/failover.ts';
import { logs } from './cli/logs.ts';
import { node } from './cli/node.ts';
import { scale } from './cli/scale.ts';
import { service } from './cli/service.ts';
import { site } from './cli/site.ts';
import { status } from './cli/status.ts';
import { update } from './cli/update.ts';

/** Each is one file of `cli/`; what they work with is loaded when one is given. */
export const commands: Command[] = [site, status, node, scale, service, update, failover, logs];
