import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { Decrypter, Encrypter } from 'age-encryption';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createIdentity, decrypt, encrypt } from './age.ts';

const run = promisify(execFile);
const chunk = 64 * 1024;
/** Around every edge of a chunk. */
const sizes = [0, 1, chunk - 1, chunk, chunk + 1, 2 * chunk, 2 * chunk + 1, 5 * chunk + 17];

let folder: string;
let keys: { identity: string; recipient: string };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'liaison-age-'));
  keys = await createIdentity();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** In parts of a size that fits nothing. */
const inParts = (bytes: Buffer, size = 10_007): Readable =>
  Readable.from(
    (function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    })(),
  );
const sealed = async (bytes: Buffer): Promise<Buffer> =>
  buffer(await encrypt(inParts(bytes), [keys.recipient]));
const opened = async (bytes: Buffer, size?: number): Promise<Buffer> =>
  buffer(await decrypt(inParts(bytes, size), [keys.identity], 'it'));

test('what one writes the other reads: we, the library, and the age program of the system, at every edge of a chunk', async () => {
  await writeFile(join(folder, 'identity'), keys.identity);
  for (const size of sizes) {
    const plain = randomBytes(size);
    const ours = await sealed(plain);
    expect(plain.equals(await opened(ours)), `ours, ${size}`).toBe(true);
    expect(plain.equals(await opened(ours, 1_000_000)), `ours at once, ${size}`).toBe(true);
    const decrypter = new Decrypter();
    decrypter.addIdentity(keys.identity);
    expect(plain.equals(await decrypter.decrypt(ours)), `the library reads ours, ${size}`).toBe(true);
    const encrypter = new Encrypter();
    encrypter.addRecipient(keys.recipient);
    const theirs = Buffer.from(await encrypter.encrypt(plain));
    expect(plain.equals(await opened(theirs)), `we read the library's, ${size}`).toBe(true);
    expect(ours).toHaveLength(theirs.length);
    await writeFile(join(folder, 'plain'), plain);
    await writeFile(join(folder, 'ours'), ours);
    // It makes no file of nothing.
    await writeFile(join(folder, 'out'), '');
    await run('age', ['-d', '-i', join(folder, 'identity'), '-o', join(folder, 'out'), join(folder, 'ours')]);
    expect(plain.equals(await readFile(join(folder, 'out'))), `age reads ours, ${size}`).toBe(true);
    await run('age', ['-r', keys.recipient, '-o', join(folder, 'theirs'), join(folder, 'plain')]);
    expect(plain.equals(await opened(await readFile(join(folder, 'theirs')))), `we read age's, ${size}`).toBe(
      true,
    );
  }
});

test('changed anywhere, cut anywhere, with chunks exchanged or something behind its end: nothing of that opens', async () => {
  const plain = randomBytes(3 * chunk);
  const ours = await sealed(plain);
  const payload = ours.length - 3 * (chunk + 16);
  for (const at of [0, 30, payload - 20, payload - 1, payload, payload + chunk + 5, ours.length - 1]) {
    const changed = Buffer.from(ours);
    changed[at] = (changed[at] ?? 0) ^ 1;
    await expect(opened(changed), `changed at ${at}`).rejects.toThrow();
  }
  for (const length of [
    0,
    20,
    payload - 1,
    payload,
    payload + 1,
    payload + chunk + 16,
    ours.length - chunk - 16,
    ours.length - 1,
  ])
    await expect(opened(ours.subarray(0, length)), `cut after ${length}`).rejects.toThrow();
  const parts = [0, 1, 2].map((at) =>
    ours.subarray(payload + at * (chunk + 16), payload + (at + 1) * (chunk + 16)),
  );
  const [one = ours, two = ours, three = ours] = parts;
  await expect(opened(Buffer.concat([ours.subarray(0, payload), two, one, three]))).rejects.toThrow();
  await expect(opened(Buffer.concat([ours, one]))).rejects.toThrow();
  await expect(opened(Buffer.concat([Buffer.alloc(200_000, 'x')]))).rejects.toThrow('does not open');
});

test('a source that fails ends what is made of it, sealed and opened; another identity opens nothing', async () => {
  const failing = () =>
    Readable.from(
      (async function* () {
        yield randomBytes(chunk * 2);
        throw new Error('the disk is gone');
      })(),
    );
  await expect(buffer(await encrypt(failing(), [keys.recipient]))).rejects.toThrow('the disk is gone');
  const ours = await sealed(randomBytes(chunk * 4));
  const cut = Readable.from(
    (async function* () {
      yield ours.subarray(0, chunk * 2);
      throw new Error('the line is gone');
    })(),
  );
  await expect(decrypt(cut, [keys.identity], 'it').then(buffer)).rejects.toThrow('the line is gone');
  const other = await createIdentity();
  await expect(decrypt(inParts(ours), [other.identity], 'it')).rejects.toThrow('to another key');
});
