import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Blobs } from '../blobs/index.ts';
import type { Log } from '../log/index.ts';
import { copyBlob } from './base.ts';
import { blobFile, pack } from './pack.ts';
import type { BackupStore } from './store.ts';
import { addedBlobsFolder, stampOf } from './summary.ts';

/** Blobs stored while the last look was under way are looked at again. */
const overlapMs = 10 * 60_000;

export interface BlobShipper {
  /** Copies what was stored since the last look, and lists it, so that the log after a base finds its blobs. */
  look(): Promise<{ added: number; bytes: number }>;
}

/** Follows a store of blobs between bases. `since` is when the newest base, or an earlier shipper's last look, began. */
export function followBlobs(options: {
  store: BackupStore;
  blobs: Blobs;
  recipients: readonly string[];
  nameKey: Buffer;
  since: Date;
  log: Log;
  signal: AbortSignal;
}): BlobShipper {
  const { store, blobs, recipients, nameKey, signal } = options;
  let from = options.since;
  /** What the last looks have copied; older ones are behind `from`. */
  let known = new Map<string, Date>();
  return {
    async look() {
      const begun = new Date();
      const least = new Date(from.getTime() - overlapMs);
      const lines: string[] = [];
      let bytes = 0;
      for await (const blob of blobs.list()) {
        signal.throwIfAborted();
        const { sha256, storedAt } = blob;
        if (storedAt < least || (known.get(sha256)?.getTime() ?? 0) >= storedAt.getTime()) continue;
        const copied = await copyBlob(options, sha256, blobFile(nameKey, sha256));
        if (typeof copied !== 'number') continue;
        known.set(sha256, storedAt);
        lines.push(`${sha256} ${blob.bytes}\n`);
        bytes += blob.bytes;
      }
      if (lines.length > 0) {
        const name = `${addedBlobsFolder}${stampOf(begun)}-${randomBytes(3).toString('hex')}.list.zst.age`;
        const source = Readable.from([Buffer.from(`blobs\n${lines.join('')}`)]);
        await pack(source, { store, name, recipients, signal });
      }
      from = begun;
      known = new Map([...known].filter(([, storedAt]) => storedAt.getTime() >= begun.getTime() - overlapMs));
      return { added: lines.length, bytes };
    },
  };
}
