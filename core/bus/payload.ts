import { BusRefused } from './bus.ts';

/** The largest message in bytes of JSON. What is larger belongs into the database or the blobs, its id on the bus. */
export const maxPayloadBytes = 512 * 1024;

/** @throws BusRefused `too-large` above the limit, `invalid` for what is no JSON. */
export function encodePayload(data: unknown): string {
  const text = JSON.stringify(data === undefined ? null : data);
  if (text === undefined) throw new BusRefused('invalid', 'a bus message must be JSON');
  // A string's bytes are at least its length: most are measured without being encoded.
  if (text.length > maxPayloadBytes || Buffer.byteLength(text) > maxPayloadBytes) {
    throw new BusRefused('too-large', `a bus message has at most ${maxPayloadBytes} bytes`);
  }
  return text;
}

const subjectPattern = /^[A-Za-z0-9_-]{1,80}(\.[A-Za-z0-9_-]{1,80}){0,7}$/;

/** Subjects are words joined by dots; wildcards are not offered. */
export function checkSubject(subject: string): void {
  if (!subjectPattern.test(subject)) throw new Error(`"${subject.slice(0, 100)}" is not a bus subject`);
}
