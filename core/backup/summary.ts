import { buffer } from 'node:stream/consumers';
import { z } from 'zod';
import { StartError } from '../config/index.ts';
import { unpackText } from './pack.ts';
import type { BackupStore } from './store.ts';

/**
 * A backup is a folder `bases/<id>` of the store, and what was added since: the log under `wal`, blobs under `blobs`.
 * `base.json` is written last, so that a folder with one is whole. It says nothing secret and is signed by nobody: what a
 * restore relies on stands once more in the encrypted manifest.
 */
export const formatName = 'liaison-backup-2';

const count = z.number().int().min(0);
const position = z.string().regex(/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/);

const summarySchema = z.object({
  format: z.literal(formatName),
  id: z.string().regex(/^\d{8}T\d{6}Z-[0-9a-f]{6}$/),
  /** When the copy of the database began and when it was whole. */
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  program: z.string().max(100),
  postgresMajor: z.number().int().positive(),
  systemId: z.string().regex(/^\d{1,20}$/),
  timeline: z.number().int().positive(),
  segmentBytes: z.number().int().min(1_048_576).max(1_073_741_824),
  startLsn: position,
  endLsn: position,
  database: z.object({ bytes: count, storedBytes: count }),
  blobs: z.object({ count, bytes: count, added: count, addedStoredBytes: count, damaged: count }),
  recipients: z.array(z.string().max(3000)).max(64),
});
export type BaseSummary = z.infer<typeof summarySchema>;

const part = z.object({ bytes: count, sha256: z.string().regex(/^[0-9a-f]{64}$/) });
const manifestSchema = z.object({
  summary: summarySchema,
  parts: z.object({ database: part, keys: part, blobs: part }),
  /** With what blobs are named, in hexadecimal digits. */
  nameKey: z.string().regex(/^[0-9a-f]{64}$/),
});
export type BaseManifest = z.infer<typeof manifestSchema>;

export const baseFiles = (id: string) => ({
  database: `bases/${id}/database.tar.zst.age`,
  keys: `bases/${id}/keys.json.zst.age`,
  blobs: `bases/${id}/blobs.list.zst.age`,
  /** Names of files of blobs, for thinning by a server that cannot read the list. */
  names: `bases/${id}/blobs.names.zst`,
  manifest: `bases/${id}/manifest.json.zst.age`,
  summary: `bases/${id}/base.json`,
  verified: `bases/${id}/verified.json`,
});

/** Lists of blobs that were copied between bases: `added/<time>-<random>.list.zst.age`. */
export const addedBlobsFolder = 'added/';

/** A moment as names carry it: `20261123T030000Z`. */
export const stampOf = (date: Date): string => date.toISOString().replace(/[-:]|\.\d+/g, '');

const verifiedSchema = z.object({
  at: z.iso.datetime(),
  ok: z.boolean(),
  detail: z.string().max(2000),
  seconds: z.number().min(0),
});
export type Verified = z.infer<typeof verifiedSchema>;

export interface Base extends BaseSummary {
  verified: Verified | undefined;
}

/** Every whole backup, the oldest first. One that cannot be read is left out and told of. */
export async function listBases(
  store: BackupStore,
  onUnreadable: (name: string, why: string) => void = () => {},
): Promise<Base[]> {
  const summaries: string[] = [];
  const checked = new Set<string>();
  for await (const { name } of store.list('bases/')) {
    if (name.endsWith('/base.json')) summaries.push(name);
    if (name.endsWith('/verified.json')) checked.add(name);
  }
  const bases: Base[] = [];
  for (const name of summaries) {
    try {
      const summary = readSummary(await readSmall(store, name));
      const file = baseFiles(summary.id).verified;
      const verified = checked.has(file)
        ? verifiedSchema.safeParse(JSON.parse(await readSmall(store, file))).data
        : undefined;
      bases.push({ ...summary, verified });
    } catch (error) {
      onUnreadable(name, error instanceof Error ? error.message : String(error));
    }
  }
  return bases.toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
}

export function readSummary(text: string): BaseSummary {
  const json = JSON.parse(text) as { format?: unknown };
  if (
    typeof json.format === 'string' &&
    /^liaison-backup-\d+$/.test(json.format) &&
    json.format !== formatName
  ) {
    throw new StartError({
      what: `the backup has the format ${json.format}, and this program knows ${formatName}`,
      mend: 'restore it with the version of Liaison that made it, or a newer one',
    });
  }
  return summarySchema.parse(json);
}

/** Reads the manifest of a base with the identity. */
export async function readManifest(
  store: BackupStore,
  id: string,
  identities: readonly string[],
): Promise<BaseManifest> {
  const name = baseFiles(id).manifest;
  const text = await unpackText({ store, name, identities }, 1_000_000);
  const parsed = manifestSchema.safeParse(JSON.parse(text));
  if (parsed.success && parsed.data.summary.id === id) return parsed.data;
  throw new StartError({
    what: `the backup is damaged: ${name} is not what it should be`,
    mend: 'name another backup',
  });
}

async function readSmall(store: BackupStore, name: string): Promise<string> {
  const stream = await store.get(name);
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > 1_000_000) stream.destroy(new Error('it is too large'));
  });
  return (await buffer(stream)).toString('utf8');
}
