import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDb, type TestDb } from '../testing/index.ts';
import { type Blobs, type BlobsNamed, collectedPage, createBlobs, createCollector } from './index.ts';
import { listed } from './testing/index.ts';

let folder: string;
let blobs: Blobs;
let testDb: TestDb;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'liaison-collect-'));
  blobs = await createBlobs(pathToFileURL(folder).href);
  testDb = await createTestDb();
  await testDb.admin('create table core.picture (sha256 text not null)');
  await testDb.admin('grant select on core.picture to liaison_system');
});
afterAll(async () => {
  await testDb?.close();
  await rm(folder, { recursive: true, force: true });
});

const maxBytes = 1_000_000;
const { signal } = new AbortController();
const pictures: BlobsNamed = {
  module: 'pictures',
  named: async (tx, sha256s) =>
    (
      await tx.query<{ sha256: string }>('select sha256 from core.picture where sha256 = any($1)', [sha256s])
    ).map(({ sha256 }) => sha256),
};
const nobody: BlobsNamed = { module: 'nobody', named: async () => [] };
const collectorOf = (owners: BlobsNamed[] = [nobody, pictures]) =>
  createCollector(owners, { blobs, db: testDb.db });
const put = async (content: Uint8Array = randomBytes(2000)) =>
  (await blobs.put([content], { maxBytes })).sha256;
const name = (sha256: string) => testDb.admin('insert into core.picture values ($1)', [sha256]);
const unname = (sha256: string) => testDb.admin('delete from core.picture where sha256 = $1', [sha256]);
const makeOld = (sha256: string) => {
  const twoHoursAgo = new Date(Date.now() - 2 * 60 * 60 * 1000);
  return utimes(join(folder, sha256.slice(0, 2), sha256), twoHoursAgo, twoHoursAgo);
};
async function condemned(owners?: BlobsNamed[]): Promise<string[]> {
  const all: string[] = [];
  await collectorOf(owners).condemn(async (sha256s) => void all.push(...sha256s), signal);
  return all;
}

test('What no row names for long goes at the second asking; what is named, young, named again or put again stays', async () => {
  const [gone, named, young, again, anew] = [await put(), await put(), await put(), await put(), await put()];
  await name(named);
  for (const old of [gone, named, again, anew]) await makeOld(old);
  const found = await condemned();
  expect(found.toSorted()).toEqual([gone, again, anew].toSorted());
  // Nothing went yet.
  expect(await listed(blobs)).toHaveLength(5);
  await name(again);
  await blobs.open(anew).then(async ({ stream }) => blobs.put(stream, { maxBytes }));
  expect(await collectorOf().remove(found, signal)).toEqual({ bytes: 2000, count: 1 });
  // Under its own name already, not only where somebody looks for what was broken off.
  expect((await stat(join(folder, anew.slice(0, 2), anew))).size).toBe(2000);
  expect((await listed(blobs)).map(({ sha256 }) => sha256)).toEqual([named, young, again, anew].toSorted());
  // A job may run twice.
  expect(await collectorOf().remove(found, signal)).toEqual({ bytes: 0, count: 0 });
});

test('All are asked for, a page at a time; the store is told what is condemned and what was named again', async () => {
  const told: string[] = [];
  const names = Array.from({ length: collectedPage + 1 }, (_, at) => at.toString(16).padStart(64, '0'));
  const many: Blobs = {
    ...blobs,
    async *list() {
      for (const sha256 of names) yield { sha256, bytes: 2, storedAt: new Date(0) };
    },
    condemn: async (sha256) => void told.push(`condemn ${sha256}`),
    pardon: async (sha256) => void told.push(`pardon ${sha256}`),
    removeCondemned: async (sha256) => {
      told.push(`remove ${sha256}`);
      return 2;
    },
  };
  const collector = createCollector([nobody, pictures], { blobs: many, db: testDb.db });
  const pages: string[][] = [];
  const condemn = (stop: AbortSignal) =>
    collector.condemn(async (page) => {
      // Whoever removes them finds them condemned.
      expect(told.slice(-page.length)).toEqual(page.map((each) => `condemn ${each}`));
      pages.push(page);
    }, stop);
  expect(await condemn(signal)).toEqual({ count: names.length, bytes: 2 * names.length });
  expect(pages).toEqual([names.slice(0, -1), names.slice(-1)]);
  told.length = 0;
  const [first = '', second = ''] = names;
  await name(first);
  expect(await collector.remove([first, second], signal)).toEqual({ bytes: 2, count: 1 });
  expect(told).toEqual([`pardon ${first}`, `remove ${second}`]);
  await unname(first);

  told.length = 0;
  const stopped = AbortSignal.abort();
  await expect(condemn(stopped)).rejects.toThrow();
  await expect(collector.remove([first, second], stopped)).rejects.toThrow();
  expect(told).toEqual([]);
});

test('An owner that cannot answer saves all', async () => {
  await makeOld(await put());
  const broken: BlobsNamed = {
    module: 'broken',
    named: async () => {
      throw new Error('no such table');
    },
  };
  await expect(condemned([pictures, broken])).rejects.toThrow('no such table');
  const [sha256 = ''] = await condemned();
  await expect(collectorOf([pictures, broken]).remove([sha256], signal)).rejects.toThrow('no such table');
  expect(await blobs.has(sha256)).toBe(true);
});

test('An upload of the same bytes at the very moment of the removal never ends with a row whose blob is missing', async () => {
  // Another process, as far as files are concerned.
  const others = await createBlobs(pathToFileURL(folder).href);
  for (let round = 0; round < 8; round++) {
    const contents = Array.from({ length: 8 }, () => randomBytes(500));
    const sha256s = await Promise.all(contents.map(put));
    await Promise.all(sha256s.map(makeOld));
    const removing = collectorOf().remove(sha256s, signal);
    const uploading = contents.map(async (content, at) => {
      // Some before the removal, some after it.
      await pause(at);
      const { sha256 } = await others.put([content], { maxBytes });
      await name(sha256);
      return sha256;
    });
    const [named] = await Promise.all([Promise.all(uploading), removing]);
    for (const sha256 of named) {
      expect(await others.has(sha256)).toBe(true);
      await unname(sha256);
      await blobs.remove(sha256);
    }
  }
});
