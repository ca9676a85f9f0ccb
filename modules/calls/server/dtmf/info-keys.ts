import { eventOfKey } from '@liaison/rtp';

/**
 * Keys by SIP INFO, the way of telephones that send no telephone events. It has no RFC of its own (to RFC 6086 it is legacy use,
 * without an info package); what follows is what telephones write.
 */
export interface KeyPress {
  /** `0` to `9`, `*`, `#`, `A` to `D`. */
  readonly key: string;
  readonly durationMs: number;
}

/** What telephones mean by a press without a length. */
export const usualKeyMs = 160;
/** Shorter is missed by receivers (ITU-T Q.24: 40 ms); longer is somebody leaning on the key. */
const shortestMs = 40;
const longestMs = 5000;
/** The longest body that still is one key. */
const mostBytes = 512;

export const relayType = 'application/dtmf-relay';
const plainType = 'application/dtmf';
/** What `readInfoKey` reads. */
export const infoTypes: readonly string[] = [relayType, plainType];

const bounded = (durationMs: number): number => Math.min(longestMs, Math.max(shortestMs, durationMs));

/** Some write the event's number (RFC 4733 §3.2), ten and eleven for star and hash; 12 to 15 are the letters. */
const keyOf = (written: string): string | undefined => {
  const text = written.trim().toUpperCase();
  if (/^1[0-5]$/.test(text)) return '*#ABCD'[Number(text) - 10];
  return eventOfKey(text) === undefined ? undefined : text;
};

/** The key of one INFO; `undefined` for a body of another type, or that names no key. */
export function readInfoKey(contentType: string, body: Buffer): KeyPress | undefined {
  const type = contentType.split(';', 1)[0]!.trim().toLowerCase();
  if (!infoTypes.includes(type) || body.length > mostBytes) return undefined;
  const text = body.toString('latin1');
  const fields = new Map<string, string>();
  for (const line of text.split(/\r\n|\r|\n/)) {
    const [, name, value] = /^\s*([A-Za-z]+)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined && !fields.has(name.toLowerCase())) {
      fields.set(name.toLowerCase(), value);
    }
  }
  // Some telephones write the bare key under the relay's type, and others the relay's lines under the plain one.
  const key = keyOf(fields.get('signal') ?? text);
  if (key === undefined) return undefined;
  const length = /^\d{1,6}$/.exec(fields.get('duration') ?? '')?.[0];
  return { key, durationMs: length === undefined ? usualKeyMs : bounded(Number(length)) };
}

/** The body of an INFO of type `application/dtmf-relay`. */
export const writeInfoKey = ({ key, durationMs }: KeyPress): string =>
  `Signal=${key}\r\nDuration=${Math.round(bounded(durationMs))}\r\n`;
