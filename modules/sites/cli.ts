import type { Command } from '@liaison/core/cli';
import { scale } from './cli/scale.ts';
import { site } from './cli/site.ts';
import { status } from './cli/status.ts';
import { update } from './cli/update.ts';

/** Each is one file of `cli/`; what they work with is loaded when one is given. */
export const commands: Command[] = [site, status, scale, update];
