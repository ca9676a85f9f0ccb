import type { SipRequest } from '../message/message.ts';
import { isToken, parseParams } from '../message/params.ts';
import { ParseError } from '../message/parse-error.ts';

/** RFC 6665 §8.2.1. */
export interface EventHeader {
  readonly package: string;
  readonly id: string | undefined;
  /** As NOTIFY repeats it. */
  readonly text: string;
}

/** Throws ParseError 489 when it is missing or no event. */
export function parseEvent(request: SipRequest): EventHeader {
  const value = request.headers.get('event') ?? '';
  const semicolon = value.indexOf(';');
  const name = (semicolon < 0 ? value : value.slice(0, semicolon)).trim();
  if (!isToken(name)) throw new ParseError('Bad Event', 489);
  const id = semicolon < 0 ? undefined : (parseParams(value, semicolon).get('id') ?? undefined);
  if (id !== undefined && !isToken(id)) throw new ParseError('Bad Event', 489);
  return { package: name.toLowerCase(), id, text: id === undefined ? name : `${name};id=${id}` };
}

export function sameEvent(a: EventHeader, b: EventHeader): boolean {
  return a.package === b.package && a.id === b.id;
}
