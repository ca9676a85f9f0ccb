import type { SipMessage, SipRequest } from '../message/message.ts';
import { SipRefusal } from '../refusal.ts';
import type { Handlers } from './types.ts';

/*
 * What we understand, said and asked in one place: Allow (RFC 3261 §20.5), Supported (§20.37), Require (§8.2.2.3).
 */

/** Option tags that a request of this method may require of us. */
const understood: Readonly<Record<string, readonly string[]>> = {
  INVITE: ['100rel', 'timer', 'replaces', 'norefersub', 'gruu'], // RFC 3262, 4028, 3891, 4488, 5627
  UPDATE: ['100rel', 'timer', 'gruu'],
  PRACK: ['100rel', 'timer'],
  REGISTER: ['path', 'outbound', 'gruu'], // RFC 3327, 5626, 5627
  REFER: ['norefersub', 'replaces', 'gruu'],
  SUBSCRIBE: ['gruu'],
};

export interface Capabilities {
  readonly allow: string;
  /** For INVITE, UPDATE, OPTIONS and their responses. */
  readonly supported: string;
  /** For the answer to REGISTER. */
  readonly registrarSupported: string;
  /** `Allow-Events` (RFC 6665 §8.2.2), or undefined without subscriptions. */
  readonly allowEvents: string | undefined;
}

export function createCapabilities(
  handlers: Pick<Handlers, 'message' | 'refer' | 'subscribe' | 'other'>,
  eventPackages: readonly string[],
): Capabilities {
  const methods = [
    'INVITE',
    'ACK',
    'CANCEL',
    'BYE',
    'OPTIONS',
    'REGISTER',
    'INFO',
    'PRACK',
    'UPDATE',
    'REFER',
    'NOTIFY',
  ];
  if (handlers.message) methods.push('MESSAGE');
  if (handlers.subscribe) methods.push('SUBSCRIBE');
  return {
    allow: methods.join(', '),
    supported: '100rel, timer, replaces, norefersub',
    registrarSupported: 'path, outbound, gruu',
    allowEvents: handlers.subscribe && eventPackages.length > 0 ? eventPackages.join(', ') : undefined,
  };
}

/** RFC 3261 §8.2.2.3: names what a request requires and we do not have. Not asked of ACK and CANCEL (§8.2.2.3). */
export function refuseUnsupported(request: SipRequest): void {
  if (request.method === 'ACK' || request.method === 'CANCEL') return;
  const known = understood[request.method] ?? [];
  const unsupported = request.require.filter((tag) => !known.includes(tag.toLowerCase()));
  if (unsupported.length === 0) return;
  throw new SipRefusal(420, 'Bad Extension', [['unsupported', unsupported.join(', ')]]);
}

export function supports(message: SipMessage, tag: string): boolean {
  return hasTag(message, 'supported', tag) || hasTag(message, 'require', tag);
}

export function requires(message: SipMessage, tag: string): boolean {
  return hasTag(message, 'require', tag);
}

/** Undefined when it does not say what it allows. */
export function allows(message: SipMessage, method: string): boolean | undefined {
  if (!message.headers.has('allow')) return undefined;
  return message.headers.list('allow').some((name) => name.toUpperCase() === method);
}

function hasTag(message: SipMessage, header: string, tag: string): boolean {
  return message.headers.has(header) && message.headers.list(header).some((one) => one.toLowerCase() === tag);
}
