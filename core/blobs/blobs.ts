import type { Readable } from 'node:stream';
import { StartError } from '../config/index.ts';
import { createFolderBlobs } from './folder.ts';
import type { Spool } from './spool.ts';

export interface StoredBlob {
  /** SHA-256 of the exact bytes, 64 hexadecimal digits: the blob's only name. */
  sha256: string;
  bytes: number;
}

export interface PutOptions {
  /** More than this is refused with a `BlobTooLargeError`; there is no default, because every sender has a limit. */
  maxBytes: number;
  /** Ends the put; nothing is left of it. */
  signal?: AbortSignal;
}

export interface Blobs {
  /**
   * Stores what comes and resolves when it is on the disk. The same bytes twice are one blob. Whoever stores a blob
   * writes the row that names it afterwards: so a row never names a blob that is not there.
   */
  put(
    source: Readable | AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    options: PutOptions,
  ): Promise<StoredBlob>;
  /**
   * Stores several small ones, in the order of which it answers, and resolves when all are on the disk: together they wait for it
   * less than one by one. Where one fails all do, and some may be there all the same.
   */
  putAll(contents: readonly Uint8Array[]): Promise<StoredBlob[]>;
  /** Stores what the spool has of it, which stays there until it is removed: so this is safe to repeat. */
  putSpooled(id: string, options: PutOptions): Promise<StoredBlob>;
  /**
   * The bytes from `start` to `end`, both included and both optional, as in an HTTP range that was checked before. Throws
   * a `BlobMissingError` before any byte. The caller consumes or destroys the stream.
   */
  open(
    sha256: string,
    range?: { start?: number; end?: number },
  ): Promise<{ stream: Readable; bytes: number }>;
  has(sha256: string): Promise<boolean>;
  /** Removes a blob if it is there, whoever puts the same bytes meanwhile: only for one that nobody else knows of. */
  remove(sha256: string): Promise<void>;
  /**
   * Says that a blob that no row names is about to go: whoever puts its bytes from now on keeps them, whatever becomes of it.
   * Safe to repeat, and so is what follows: `removeCondemned` after all puts of before have named what they put, or `pardon`.
   */
  condemn(sha256: string): Promise<void>;
  pardon(sha256: string): Promise<void>;
  /**
   * Removes a condemned blob that nobody put since `before`, and pardons another. A put of the same bytes at this very moment,
   * in whatever process, has them afterwards. Answers the bytes that went, or null.
   *
   * @param before so long ago that who put a blob then has named it since, and asked of before the rows were: see `collect.ts`.
   */
  removeCondemned(sha256: string, before: Date): Promise<number | null>;
  /** All blobs, in order of their names; for backup, and for the collector of what no row names. */
  list(): AsyncIterable<StoredBlob & { storedAt: Date }>;
  /** Where what comes in pieces waits until it is whole. Processes that share a folder of blobs share it. */
  readonly spool: Spool;
}

export class BlobTooLargeError extends Error {
  override readonly name = 'BlobTooLargeError';
  readonly statusCode = 413;
  readonly maxBytes: number;

  constructor(maxBytes: number) {
    super(`more than ${maxBytes} bytes`);
    this.maxBytes = maxBytes;
  }
}

export class BlobMissingError extends Error {
  override readonly name = 'BlobMissingError';
  readonly statusCode = 404;
  readonly sha256: string;

  constructor(sha256: string) {
    super(`there is no blob ${sha256}`);
    this.sha256 = sha256;
  }
}

/** Opens the store that `BLOBS_URL` names. Throws a `StartError` for one that cannot be used. */
export async function createBlobs(url: string): Promise<Blobs> {
  if (url.startsWith('file:')) return createFolderBlobs(url);
  // Few installations have it, and its signing is not small.
  if (/^s3(\+http)?:/.test(url)) return (await import('./s3.ts')).createS3Blobs(url);
  const scheme = url.slice(0, url.indexOf(':') + 1);
  throw new StartError({
    what: `blobs cannot lie in ${scheme || 'that'}`,
    setting: 'BLOBS_URL',
    mend: 'name a folder such as file:///srv/liaison/blobs, or a bucket as s3://KEY:SECRET@host/bucket',
  });
}

/** Whether this is a blob's name. Ask before a name from outside is used. */
export function isBlobName(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}
