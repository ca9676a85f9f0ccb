import { parseParams } from './params.ts';
import { ParseError } from './parse-error.ts';

/** RFC 3891 §6.1: the dialog to be replaced, as its other end sees it. */
export interface ReplacesHeader {
  readonly callId: string;
  /** The local tag of whoever gets this header. */
  readonly toTag: string;
  readonly fromTag: string;
  readonly isEarlyOnly: boolean;
}

export function parseReplaces(text: string): ReplacesHeader {
  const semicolon = text.indexOf(';');
  const callId = text.slice(0, Math.max(0, semicolon)).trim();
  const params = semicolon < 0 ? undefined : parseParams(text, semicolon);
  const toTag = params?.get('to-tag');
  const fromTag = params?.get('from-tag');
  // RFC 3891 §6.1: exactly one of each.
  if (!/^\S{1,512}$/.test(callId) || !toTag || !fromTag) throw new ParseError('Malformed Replaces');
  return { callId, toTag, fromTag, isEarlyOnly: params?.has('early-only') ?? false };
}

export function formatReplaces(replaces: ReplacesHeader): string {
  const early = replaces.isEarlyOnly ? ';early-only' : '';
  return `${replaces.callId};to-tag=${replaces.toTag};from-tag=${replaces.fromTag}${early}`;
}
