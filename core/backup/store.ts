import type { Readable } from 'node:stream';
import { StartError } from '../config/index.ts';
import { createFolderStore } from './folder-store.ts';

/** Where backups lie: named files that are written whole or not at all. One installation writes, anybody may read. */
export interface BackupStore {
  /** Where it is, without any secret. */
  readonly where: string;
  /** Writes a file, replacing one of that name, and resolves when it is safe. Nothing is left of a put that fails. */
  put(name: string, source: Readable | Uint8Array, signal?: AbortSignal): Promise<{ bytes: number }>;
  /** Throws a `FileMissingError`. The caller consumes or destroys the stream. */
  get(name: string): Promise<Readable>;
  /** Every file whose name begins so, in order of their names. */
  list(prefix: string): AsyncIterable<StoredFile>;
  /** Removes a file if it is there. */
  remove(name: string): Promise<void>;
  close(): void;
}

export interface StoredFile {
  name: string;
  bytes: number;
  storedAt: Date;
}

export class FileMissingError extends Error {
  override readonly name = 'FileMissingError';
  constructor(file: string) {
    super(`the backup has no ${file}`);
  }
}

/** Opens the place that `LIAISON_BACKUP_TO` names. Throws a `StartError` for one that cannot be used. */
export async function openBackupStore(
  url: string,
  options: { mustExist?: boolean } = {},
): Promise<BackupStore> {
  if (url.startsWith('file:')) return createFolderStore(url, options);
  // Few installations have it, and its signing is not small.
  if (/^s3(\+http)?:/.test(url)) return (await import('./s3-store.ts')).createS3Store(url);
  throw new StartError({
    what: 'backups cannot lie there',
    setting: 'LIAISON_BACKUP_TO',
    mend: 'name a folder such as /srv/backups, or a bucket as s3://KEY:SECRET@host/bucket/folder',
  });
}

/** Names of ours: letters, digits, dot, dash, underscore, and folders. */
export function checkFileName(name: string): void {
  if (!/^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/.test(name) || name.length > 300)
    throw new TypeError('not the name of a file in a backup');
}
