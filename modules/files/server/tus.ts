import { invalid, Problem } from '@liaison/core/contract';
import { z } from 'zod';
import { maxFileBytes } from '../contract/index.ts';

/** The version of tus (https://tus.io/protocols/resumable-upload) that is spoken here, and the only one. */
export const tusVersion = '1.0.0';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

const one = (headers: Headers, name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? undefined : value;
};

/** tus 1.0.0 "Tus-Resumable": another version is refused before anything is looked at. */
export function requireTus(headers: Headers): void {
  if (one(headers, 'tus-resumable') === tusVersion) return;
  throw new Problem(412, 'files-tus-version', 'Uploads speak tus 1.0.0 here.');
}

function readCount(headers: Headers, name: string): number {
  const text = one(headers, name);
  if (text === undefined || !/^\d{1,16}$/.test(text)) throw invalid(`${name} is missing or no number.`);
  return Number(text);
}

export const readOffset = (headers: Headers): number => readCount(headers, 'upload-offset');

/** Bytes of a piece come as nothing else: a form of another page cannot send this type. */
export const isPiece = (headers: Headers): boolean =>
  one(headers, 'content-type') === 'application/offset+octet-stream';

/** Whether a request that begins an upload brings all of it. */
export const bringsAll = (headers: Headers, bytes: number): boolean =>
  isPiece(headers) && bytes > 0 && one(headers, 'content-length') === String(bytes);

export function requirePiece(headers: Headers): void {
  if (!isPiece(headers)) {
    throw new Problem(415, 'files-tus-type', 'A piece of an upload is application/offset+octet-stream.');
  }
}

const metadataSchema = z.object({
  folderid: z.uuid(),
  filename: z.string().max(1000),
  filetype: z.string().optional(),
});

/**
 * The metadata of a new upload: pairs of a key and its value in base64, between commas.
 *
 * @param into where it goes, for who may not choose a folder.
 */
export function readCreation(
  headers: Headers,
  into?: string,
): {
  folderId: string;
  name: string;
  mediaType: string;
  bytes: number;
} {
  const bytes = readCount(headers, 'upload-length');
  if (bytes > maxFileBytes) throw new Problem(413, 'too-large', 'This file is too large.');
  const pairs = (one(headers, 'upload-metadata') ?? '').split(',').map((pair) => {
    const [key = '', value = ''] = pair.trim().split(' ', 2);
    return [key.toLowerCase(), Buffer.from(value, 'base64').toString('utf8')] as const;
  });
  const read = metadataSchema.safeParse({
    ...Object.fromEntries(pairs),
    ...(into === undefined ? {} : { folderid: into }),
  });
  if (!read.success) throw invalid('Upload-Metadata needs a folderId and a filename.');
  const { folderid: folderId, filename: name, filetype = '' } = read.data;
  return { folderId, name, mediaType: readMediaType(filetype), bytes };
}

/** What a file calls itself is shown and never believed. */
export const readMediaType = (given: string): string =>
  /^[\w.+-]{1,100}\/[\w.+-]{1,100}$/.test(given) ? given : 'application/octet-stream';
