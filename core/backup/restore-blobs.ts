import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { createBlobs } from '../blobs/index.ts';
import type { Settings } from '../config/index.ts';
import { blobFile, damaged, joined, summing, unpack } from './pack.ts';
import type { RestoreOptions } from './restore.ts';
import { isOfStorage, megabytes, sometimes } from './restore-progress.ts';
import { addedBlobsFolder, type BaseManifest, baseFiles, stampOf } from './summary.ts';

/** Every blob of the lists; those that are there already, as after a restore that was interrupted, are passed over. */
export async function placeBlobs(
  options: BlobsOptions,
): Promise<{ count: number; bytes: number; added: number }> {
  const { store, identities, manifest, settings, blobs: mode = 'restore', onProgress = () => {} } = options;
  const nameKey = Buffer.from(manifest.nameKey, 'hex');
  const to = mode === 'restore' ? await createBlobs(settings.blobsUrl) : undefined;
  const present = new Set<string>();
  if (mode === 'present') for await (const { name } of store.list('blobs/')) present.add(name);
  const there = new Map<string, number>();
  if (to !== undefined) for await (const { sha256, bytes } of to.list()) there.set(sha256, bytes);
  const figures = { count: 0, bytes: 0, added: 0 };
  const told = sometimes(onProgress);
  const fetchOne = async (line: string) => {
    const [, sha256 = '', bytes = ''] = /^([0-9a-f]{64}) (\d{1,15})$/.exec(line) ?? [];
    if (sha256 === '') throw damaged('the list of blobs', 'is not what it should be');
    const name = blobFile(nameKey, sha256);
    figures.count++;
    figures.bytes += Number(bytes);
    told(
      () =>
        `Restoring the blobs: ${figures.count} of about ${manifest.summary.blobs.count}, ${megabytes(figures.bytes)}`,
    );
    if (mode === 'present') {
      if (!present.has(name)) throw damaged(name, 'is missing');
      return;
    }
    if (there.get(sha256) === Number(bytes)) return;
    const content = await unpack({ store, name, identities, compressed: false });
    const stored = await (to === undefined
      ? sumOf(content)
      : to.put(content, { maxBytes: Number.MAX_SAFE_INTEGER })
    ).catch((error: unknown) => {
      throw isOfStorage(error) ? error : damaged(name, 'was changed', error);
    });
    if (stored.sha256 !== sha256 || stored.bytes !== Number(bytes)) throw damaged(name, 'is another blob');
    figures.added++;
  };
  for await (const batch of blobLists(options)) await Promise.all(batch.map(fetchOne));
  return figures;
}

type BlobsOptions = Pick<
  RestoreOptions,
  'store' | 'identities' | 'base' | 'until' | 'blobs' | 'onProgress'
> & { manifest: BaseManifest; settings: Pick<Settings, 'blobsUrl'> };

async function sumOf(content: Readable): Promise<{ bytes: number; sha256: string }> {
  const sum = summing();
  for await (const _ of joined(content, sum.stream)) {
    // Only its sum is asked for.
  }
  return sum.result();
}

/** Every line of the base's list of blobs and of the lists that followed it, some at a time. */
async function* blobLists(options: BlobsOptions): AsyncIterable<string[]> {
  const { store, identities, manifest, base, until } = options;
  const names = [baseFiles(manifest.summary.id).blobs];
  // Two days of grace for a clock that was set back: a blob twice in the lists is one blob.
  const since = stampOf(new Date(new Date(manifest.summary.startedAt).getTime() - 2 * 86_400_000));
  if (base === undefined || until !== undefined) {
    for await (const { name } of store.list(addedBlobsFolder)) {
      if (name.slice(addedBlobsFolder.length) > since) names.push(name);
    }
  }
  for (const name of names) {
    const content = await unpack({ store, name, identities });
    let batch: string[] = [];
    for await (const line of createInterface({ input: content, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line === 'blobs' || line === '') continue;
      batch.push(line);
      if (batch.length < 8) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
    const { errored } = content;
    if (errored !== null) throw damaged(name, 'was changed', errored);
  }
}
