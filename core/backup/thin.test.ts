import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLog } from '../log/index.ts';
import { type BackupStore, openBackupStore } from './store.ts';
import { type BaseSummary, baseFiles, formatName, listBases } from './summary.ts';
import { thin } from './thin.ts';
import { walFile } from './wal.ts';

const log = createLog({ level: 'silent' });
let folder: string;
let store: BackupStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'liaison-thin-'));
  store = await openBackupStore(pathToFileURL(folder).href);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const dayMs = 86_400_000;
const dayOf = (day: number) => new Date(Date.UTC(2026, 10, day, 3));
const idOf = (day: number) => `202611${String(day).padStart(2, '0')}T030000Z-00000${day % 10}`;
const blob = (name: string) => `blobs/${name.slice(0, 2)}/${name}.age`;

async function put(name: string, at: Date, content = 'x'): Promise<string> {
  await store.put(name, Buffer.from(content));
  await utimes(join(folder, name), at, at);
  return name;
}

/** A base of a day: its log begins at 1000 times the day, and it names these blobs. */
async function base(day: number, blobs: string[], timeline = 1): Promise<void> {
  const files = baseFiles(idOf(day));
  const lsn = (position: number) => `0/${position.toString(16).toUpperCase()}`;
  const summary: BaseSummary = {
    format: formatName,
    id: idOf(day),
    startedAt: dayOf(day).toISOString(),
    endedAt: dayOf(day).toISOString(),
    program: '1',
    postgresMajor: 18,
    systemId: '7',
    timeline,
    segmentBytes: 16_777_216,
    startLsn: lsn(day * 1000),
    endLsn: lsn(day * 1000 + 10),
    database: { bytes: 1, storedBytes: 1 },
    blobs: { count: blobs.length, bytes: 1, added: 0, addedStoredBytes: 0, damaged: 0 },
    recipients: [],
  };
  for (const name of [files.database, files.keys, files.blobs, files.manifest]) await put(name, dayOf(day));
  await store.put(files.names, zstdCompressSync(blobs.map(blob).join('\n')));
  await put(files.summary, dayOf(day), JSON.stringify(summary));
}

const names = async (prefix: string) => {
  const found: string[] = [];
  for await (const { name } of store.list(prefix)) found.push(name);
  return found;
};
const wal = (from: number, to: number, timeline = 1) => walFile('7', timeline, BigInt(from), BigInt(to));

test('What no kept base needs goes, with its log, lists and blobs; everything else stays', async () => {
  for (const [day, blobs] of [
    [1, ['aa1', 'bb1']],
    [10, ['bb1', 'cc1']],
    [11, ['cc1']],
    [12, ['cc1', 'dd1']],
  ] as const)
    await base(day, [...blobs]);
  await put('bases/20261111T120000Z-abcdef/database.tar.zst.age', dayOf(11)); // never came to its end
  for (const name of ['aa1', 'bb1', 'cc1', 'dd1']) await put(blob(name), dayOf(1));
  await put(blob('ee1'), dayOf(12)); // of a list after the oldest of the days
  await put('added/20261101T040000Z-00000a.list.zst.age', dayOf(1));
  await put('added/20261112T040000Z-00000a.list.zst.age', dayOf(12));
  for (const day of [1, 10, 11, 12]) await put(wal(day * 1000, day * 1000 + 1000), dayOf(day));
  await put(wal(5, 6, 9), dayOf(1)); // a timeline that nobody is on
  await put(wal(5, 6, 8), new Date(dayOf(12).getTime() + dayMs)); // one that begins now

  expect(await thin({ store, keep: { days: 2, weeks: 0, months: 0 }, zone: 'UTC', log })).toMatchObject({
    bases: 2,
  });
  expect((await listBases(store)).map(({ id }) => id)).toEqual([idOf(11), idOf(12)]);
  expect((await names('bases/')).length).toBe(12);
  expect(await names('wal/')).toEqual([wal(11_000, 12_000), wal(12_000, 13_000), wal(5, 6, 8)]);
  expect(await names('added/')).toEqual(['added/20261112T040000Z-00000a.list.zst.age']);
  expect(await names('blobs/')).toEqual(['cc1', 'dd1', 'ee1'].map(blob));
  expect(await thin({ store, keep: { days: 2, weeks: 0, months: 0 }, zone: 'UTC', log })).toEqual({
    bases: 0,
    files: 0,
  });
});

test('A base that cannot be read is left alone, and so are all blobs', async () => {
  await base(10, ['aa1']);
  await base(12, []);
  await put(blob('aa1'), dayOf(1));
  await store.put(baseFiles(idOf(10)).summary, Buffer.from('{'));
  await thin({ store, keep: { days: 1, weeks: 0, months: 0 }, zone: 'UTC', log });
  expect((await names(`bases/${idOf(10)}`)).length).toBe(6);
  expect(await names('blobs/')).toEqual([blob('aa1')]);
});
