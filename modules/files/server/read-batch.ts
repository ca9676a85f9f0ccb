import { Problem } from '@liaison/core/contract';
import { batchLineSchema, maxBatchBytes, maxBatchLineBytes } from '../contract/index.ts';
import { readMediaType } from './tus.ts';

/** One file of a batch; its bytes are a part of the body. */
export interface BatchedFile {
  readonly folderId: string;
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

const lineFeed = 10;

/** The files of a body: all of them, or none. @throws Problem 400 where it is not what its line says, 413 where that is too much. */
export function readBatch(body: Buffer): BatchedFile[] {
  const end = body.subarray(0, maxBatchLineBytes).indexOf(lineFeed);
  if (end === -1) throw malformed('it has no line that says what is in it');
  const { files } = readLine(body.subarray(0, end));
  let at = end + 1;
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total > maxBatchBytes) throw new Problem(413, 'too-large', 'This batch is too large.');
  if (total !== body.length - at) throw malformed('it has more or fewer bytes than its line says');
  return files.map(({ folderId, name, type, bytes }) => {
    const content = body.subarray(at, at + bytes);
    at += bytes;
    return { folderId, name, mediaType: readMediaType(type), bytes: content };
  });
}

function readLine(line: Buffer) {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line));
  } catch {
    throw malformed('its line is no JSON in UTF-8');
  }
  const read = batchLineSchema.safeParse(value);
  if (read.success) return read.data;
  throw new Problem(400, 'files-batch', 'This batch could not be read.', {
    detail: 'its line does not say what a batch needs',
    errors: read.error.issues.slice(0, 20).map(({ path, message }) => ({ path: path.join('.'), message })),
  });
}

const malformed = (detail: string) =>
  new Problem(400, 'files-batch', 'This batch could not be read.', { detail });
