import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StartError } from '../config/index.ts';
import { BlobMissingError, type Blobs, BlobTooLargeError, createBlobs, isBlobName } from './index.ts';

let folder: string;
let blobs: Blobs;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'liaison-blobs-'));
  blobs = await createBlobs(pathToFileURL(folder).href);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const maxBytes = 10_000_000;
const sumOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const read = async (sha256: string, range?: { start?: number; end?: number }) =>
  buffer((await blobs.open(sha256, range)).stream);
const listed = async () => {
  const all = [];
  for await (const blob of blobs.list()) all.push(blob);
  return all;
};
const incoming = () => readdir(join(folder, 'incoming'));

test('What was put comes back, whole and in parts, under the sum of its bytes', async () => {
  const content = fc.array(fc.uint8Array({ maxLength: 2000 }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(content, fc.nat(16_000), fc.nat(16_000), async (chunks, start, end) => {
      const whole = Buffer.concat(chunks);
      const stored = await blobs.put(chunks, { maxBytes });
      expect(stored).toEqual({ sha256: sumOf(whole), bytes: whole.length });
      expect((await read(stored.sha256)).equals(whole)).toBe(true);
      const part = await blobs.open(stored.sha256, { start, end });
      const expected = whole.subarray(start, end + 1);
      expect(part.bytes).toBe(expected.length);
      expect((await buffer(part.stream)).equals(expected)).toBe(true);
    }),
    { numRuns: 60 },
  );
  expect(await incoming()).toEqual([]);
});

test('The same bytes put twenty times at once are one blob', async () => {
  const bytes = randomBytes(300_000);
  const all = await Promise.all(
    Array.from({ length: 20 }, () =>
      blobs.put(Readable.from([bytes.subarray(0, 1000), bytes.subarray(1000)]), { maxBytes }),
    ),
  );
  expect(new Set(all.map((stored) => stored.sha256))).toEqual(new Set([sumOf(bytes)]));
  expect(await listed()).toMatchObject([{ sha256: sumOf(bytes), bytes: 300_000 }]);
  expect(await incoming()).toEqual([]);
});

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

test('Too much is refused, at the limit it is not, and nothing is left', async () => {
  await expect(blobs.put([Buffer.alloc(600), Buffer.alloc(401)], { maxBytes: 1000 })).rejects.toThrow(
    BlobTooLargeError,
  );
  expect(await listed()).toEqual([]);
  expect(await incoming()).toEqual([]);
  expect(await blobs.put([Buffer.alloc(600), Buffer.alloc(400)], { maxBytes: 1000 })).toMatchObject({
    bytes: 1000,
  });
});

test('An aborted put, also one whose source stands still, and a failing source leave nothing', async () => {
  const abort = new AbortController();
  const source = new PassThrough();
  source.write(Buffer.alloc(1000));
  const putting = blobs.put(source, { maxBytes, signal: abort.signal });
  while ((await incoming()).length === 0) await new Promise((resolve) => setImmediate(resolve));
  abort.abort();
  await expect(putting).rejects.toThrow(/abort/i);
  expect(source.destroyed).toBe(true);
  await expect(blobs.put([], { maxBytes, signal: abort.signal })).rejects.toThrow(/abort/i);
  const failing = Readable.from(
    (async function* () {
      yield Buffer.alloc(10);
      throw new Error('the sender went away');
    })(),
  );
  await expect(blobs.put(failing, { maxBytes })).rejects.toThrow('the sender went away');
  expect(await incoming()).toEqual([]);
  expect(await listed()).toEqual([]);
});

test('Killed in the middle of a put, no blob appears, and what is left goes at a later start', async () => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'testdata', 'put-forever.ts'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(await listed()).toEqual([]);
  const [left] = await incoming();
  expect(left).toBeDefined();
  await createBlobs(pathToFileURL(folder).href);
  expect(await incoming()).toEqual([left]); // it might be another process's put that still runs
  const twoHoursAgo = new Date(Date.now() - 2 * 60 * 60 * 1000);
  await utimes(join(folder, 'incoming', left!), twoHoursAgo, twoHoursAgo);
  await createBlobs(pathToFileURL(folder).href);
  expect(await incoming()).toEqual([]);
});

test('What is not there is missing, what was removed too, and no name leads out of the folder', async () => {
  const absent = '0'.repeat(64);
  expect(await blobs.has(absent)).toBe(false);
  await expect(blobs.open(absent)).rejects.toThrow(BlobMissingError);
  await blobs.remove(absent);
  const { sha256 } = await blobs.put([Buffer.from('x')], { maxBytes });
  expect(await blobs.has(sha256)).toBe(true);
  await blobs.remove(sha256);
  expect(await blobs.has(sha256)).toBe(false);
  for (const name of ['../../etc/passwd', '', sha256.toUpperCase(), `${sha256}/`, `../${sha256}`]) {
    expect(isBlobName(name)).toBe(false);
    await expect(blobs.open(name)).rejects.toThrow(TypeError);
    await expect(blobs.has(name)).rejects.toThrow(TypeError);
    await expect(blobs.remove(name)).rejects.toThrow(TypeError);
  }
});

test('A store that cannot be used stops the start with one line', async () => {
  await expect(createBlobs('s3://bucket/x')).rejects.toThrow(/S3 are not there yet · BLOBS_URL/);
  await writeFile(join(folder, 'file'), '');
  for (const url of [pathToFileURL(join(folder, 'file')).href, 'file://another-host/blobs', 'http://x']) {
    await expect(createBlobs(url)).rejects.toThrow(StartError);
  }
});
