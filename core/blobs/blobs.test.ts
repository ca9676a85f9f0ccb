import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StartError } from '../config/index.ts';
import { type Blobs, createBlobs } from './index.ts';
import { readS3Place } from './s3-place.ts';
import { everyStoreKeeps, listed } from './testing/index.ts';

let folder: string;
let blobs: Blobs;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'liaison-blobs-'));
  blobs = await createBlobs(pathToFileURL(folder).href);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const maxBytes = 10_000_000;
const incoming = () => readdir(join(folder, 'incoming'));

everyStoreKeeps({ blobs: () => blobs, leftovers: incoming, clockMs: 5, runs: 60 });

test('A blob is never rewritten, and storing it again renews its time', async () => {
  const { sha256 } = await blobs.put([Buffer.from('hello')], { maxBytes });
  const path = join(folder, sha256.slice(0, 2), sha256);
  await utimes(path, new Date(0), new Date(0));
  const before = await stat(path);
  await blobs.put([Buffer.from('hello')], { maxBytes });
  const after = await stat(path);
  expect(after.ino).toBe(before.ino);
  expect(after.mtimeMs).toBeGreaterThan(before.mtimeMs);
});

const uploadId = '00000000-0000-7000-8000-000000000001';

test('What is whole in the spool becomes a blob as it is, young for the collector, and safely twice', async () => {
  await blobs.spool.append(uploadId, 0, Readable.from([Buffer.from('high water')]), { maxBytes });
  const [name = ''] = await readdir(join(folder, 'spool'));
  const before = await stat(join(folder, 'spool', name));
  await utimes(join(folder, 'spool', name), new Date(0), new Date(0));
  const stored = await blobs.putSpooled(uploadId, { maxBytes });
  const after = await stat(join(folder, stored.sha256.slice(0, 2), stored.sha256));
  expect(after.ino).toBe(before.ino);
  expect(after.mtimeMs).toBeGreaterThan(Date.now() - 60_000);
  expect(await blobs.putSpooled(uploadId, { maxBytes })).toEqual(stored);
  await blobs.spool.remove(uploadId);
  expect(await text((await blobs.open(stored.sha256)).stream)).toBe('high water');
  expect(await readdir(join(folder, 'spool'))).toEqual([]);
});

test('Whoever still writes to the spool from another process changes no blob', async () => {
  const other = await createBlobs(pathToFileURL(folder).href);
  const late = new PassThrough();
  late.write('high ');
  const writing = blobs.spool.append(uploadId, 0, late, { maxBytes });
  while ((await other.spool.size(uploadId)) < 5) await new Promise((resolve) => setTimeout(resolve, 5));
  await other.spool.append(uploadId, 5, Readable.from([Buffer.from('water')]), { maxBytes });
  const stored = await other.putSpooled(uploadId, { maxBytes });
  late.end('WATER');
  await writing;
  expect(await text((await blobs.open(stored.sha256)).stream)).toBe('high water');
});

test('Killed in the middle of a put, no blob appears, and what is left goes at a later start', async () => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'testdata', 'put-forever.ts'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(await listed(blobs)).toEqual([]);
  const [left] = await incoming();
  expect(left).toBeDefined();
  await createBlobs(pathToFileURL(folder).href);
  expect(await incoming()).toEqual([left]); // it might be another process's put that still runs
  const twoHoursAgo = new Date(Date.now() - 2 * 60 * 60 * 1000);
  await utimes(join(folder, 'incoming', left!), twoHoursAgo, twoHoursAgo);
  await createBlobs(pathToFileURL(folder).href);
  expect(await incoming()).toEqual([]);
});

test('A removal that was broken off is undone at a later start, and until then the blob is found', async () => {
  const { sha256 } = await blobs.put([Buffer.from('hello')], { maxBytes });
  const path = join(folder, sha256.slice(0, 2), sha256);
  await rename(path, join(folder, 'removing', `${sha256}.abc`));
  expect(await blobs.has(sha256)).toBe(true);
  await expect(stat(path)).rejects.toThrow('ENOENT');
  await createBlobs(pathToFileURL(folder).href);
  expect((await stat(path)).size).toBe(5);
  expect(await readdir(join(folder, 'removing'))).toEqual([]);
});

test('A store that cannot be used stops the start with one line', async () => {
  await writeFile(join(folder, 'file'), '');
  for (const url of [pathToFileURL(join(folder, 'file')).href, 'file://another-host/blobs', 'http://x']) {
    await expect(createBlobs(url)).rejects.toThrow(StartError);
  }
});

test('The address of a bucket says where, who and under which name; a wrong one says what is wrong and never the secret', () => {
  expect(readS3Place('s3://KEY:s%2Fcr%40t@store.example.org/blobs/one/two?region=eu')).toEqual({
    isPlain: false,
    host: 'store.example.org',
    port: 443,
    keyId: 'KEY',
    secret: 's/cr@t',
    region: 'eu',
    bucket: 'blobs',
    prefix: 'one/two/',
  });
  expect(readS3Place('s3+http://k:hidden@127.0.0.1:3900/blobs')).toMatchObject({
    isPlain: true,
    port: 3900,
    region: 'us-east-1',
    prefix: '',
  });
  const wrong = {
    's3://': /no host|not the address/,
    's3://store.example.org/blobs': /no key or no secret/,
    's3://k:hidden@store.example.org/': /cannot be called ""/,
    's3://k:hidden@store.example.org/Blobs_1': /cannot be called "Blobs_1"/,
    's3://k:hidden@store.example.org/blobs/a%20b': /other signs/,
    's3://k:hidden@store.example.org/blobs?regoin=eu': /knows no "regoin"/,
    's3://k:%E0%A4@store.example.org/blobs': /stands for nothing/,
  };
  for (const [address, why] of Object.entries(wrong)) {
    expect(() => readS3Place(address)).toThrow(why);
    expect(() => readS3Place(address)).toThrow(/BLOBS_URL/);
    expect(() => readS3Place(address)).not.toThrow(/hidden/);
  }
});
