import { parseParams } from './params.ts';
import { ParseError } from './parse-error.ts';

/** One part of a multipart body (RFC 5621 §3). */
export interface BodyPart {
  /** Lower-case media type without its parameters; `text/plain` when the part does not say (RFC 2046 §5.1). */
  readonly contentType: string;
  /** Of Content-Disposition: the message is to be refused by who does not understand the part (RFC 5621 §8.2). */
  readonly isRequired: boolean;
  readonly body: Buffer;
}

const maxParts = 16;
const maxHeadBytes = 4096;

export function isMultipart(contentType: string | undefined): boolean {
  return contentType?.startsWith('multipart/') ?? false;
}

/** The parts of a body with that Content-Type. Throws ParseError. */
export function parseMultipart(contentType: string, body: Buffer): BodyPart[] {
  const semicolon = contentType.indexOf(';');
  const boundary = semicolon < 0 ? undefined : parseParams(contentType, semicolon).get('boundary');
  // RFC 2046 §5.1.1
  if (!boundary || boundary.length > 70) throw new ParseError('Multipart without a boundary');
  const delimiter = Buffer.from(`--${boundary}`, 'latin1');
  const parts: BodyPart[] = [];
  let at = nextDelimiter(body, delimiter, 0);
  if (at < 0) throw new ParseError('Multipart without a first part');
  while (body.toString('latin1', at + delimiter.length, at + delimiter.length + 2) !== '--') {
    const lineEnd = body.indexOf('\r\n', at + delimiter.length);
    const next = lineEnd < 0 ? -1 : nextDelimiter(body, delimiter, lineEnd);
    if (next < 0) throw new ParseError('Multipart without its end');
    if (parts.length >= maxParts) throw new ParseError('Too many body parts', 413);
    // The line break before a delimiter belongs to it.
    parts.push(parsePart(body.subarray(lineEnd + 2, Math.max(lineEnd + 2, next - 2))));
    at = next;
  }
  return parts;
}

function nextDelimiter(body: Buffer, delimiter: Buffer, from: number): number {
  for (let at = body.indexOf(delimiter, from); at >= 0; at = body.indexOf(delimiter, at + 1)) {
    if (at === 0 || (body[at - 2] === 13 && body[at - 1] === 10)) return at;
  }
  return -1;
}

function parsePart(bytes: Buffer): BodyPart {
  const hasHead = bytes[0] !== 13;
  const end = hasHead ? bytes.indexOf('\r\n\r\n') : -2;
  if (end === -1 || end > maxHeadBytes) throw new ParseError('A body part without an end of its head');
  const head = hasHead ? bytes.toString('latin1', 0, end).replace(/\r\n[ \t]+/g, ' ') : '';
  const value = (name: string) => new RegExp(`^${name}[ \\t]*:[ \\t]*(.*)$`, 'im').exec(head)?.[1]?.trim();
  const type = (value('content-type') ?? 'text/plain').replace(/;.*$/s, '').trim().toLowerCase();
  return {
    contentType: type,
    isRequired: /;\s*handling\s*=\s*"?required\b/i.test(value('content-disposition') ?? ''),
    body: bytes.subarray(hasHead ? end + 4 : 2),
  };
}
