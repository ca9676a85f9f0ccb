import { createHash, randomBytes } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BlobMissingError, type Blobs, BlobTooLargeError, isBlobName } from '../index.ts';

/** A store that is empty before each test. */
export interface BlobStage {
  blobs(): Blobs;
  /** Names of unfinished puts that have left something. */
  leftovers(): Promise<readonly string[]>;
  /** Times that it tells apart. */
  clockMs: number;
  /** How many stores and reads of random content are tried. */
  runs: number;
}

const maxBytes = 200_000_000;
const sumOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

export async function listed(blobs: Blobs) {
  const all = [];
  for await (const blob of blobs.list()) all.push(blob);
  return all;
}

/** What every store of blobs promises, wherever it keeps them. */
export function everyStoreKeeps({ blobs, leftovers, clockMs, runs }: BlobStage): void {
  const read = async (sha256: string, range?: { start?: number; end?: number }) =>
    buffer((await blobs().open(sha256, range)).stream);

  test('What was put comes back, whole and in parts, under the sum of its bytes', async () => {
    const content = fc.array(fc.uint8Array({ maxLength: 2000 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(content, fc.nat(16_000), fc.nat(16_000), async (chunks, start, end) => {
        const whole = Buffer.concat(chunks);
        const stored = await blobs().put(chunks, { maxBytes });
        expect(stored).toEqual({ sha256: sumOf(whole), bytes: whole.length });
        expect((await read(stored.sha256)).equals(whole)).toBe(true);
        const part = await blobs().open(stored.sha256, { start, end });
        const expected = whole.subarray(start, end + 1);
        expect(part.bytes).toBe(expected.length);
        expect((await buffer(part.stream)).equals(expected)).toBe(true);
      }),
      {
        numRuns: runs,
        examples: [
          [[new Uint8Array()], 0, 0],
          [[new Uint8Array(10)], 10, 20],
          [[new Uint8Array(10)], 5, 5],
        ],
      },
    );
    expect(await leftovers()).toEqual([]);
  });

  test('The same bytes put twenty times at once are one blob', async () => {
    const bytes = randomBytes(300_000);
    const all = await Promise.all(
      Array.from({ length: 20 }, () =>
        blobs().put(Readable.from([bytes.subarray(0, 1000), bytes.subarray(1000)]), { maxBytes }),
      ),
    );
    expect(new Set(all.map((stored) => stored.sha256))).toEqual(new Set([sumOf(bytes)]));
    expect(await listed(blobs())).toMatchObject([{ sha256: sumOf(bytes), bytes: 300_000 }]);
    expect(await leftovers()).toEqual([]);
  });

  test('Several stored together are each under the sum of their bytes, and who has the same has the same blob', async () => {
    const there = Buffer.from('there before');
    await blobs().put([there], { maxBytes });
    const contents = [randomBytes(2000), there, Buffer.alloc(0), randomBytes(1), there];
    const stored = contents.map((content) => ({ sha256: sumOf(content), bytes: content.length }));
    expect(await blobs().putAll(contents)).toEqual(stored);
    for (const [at, { sha256 }] of stored.entries()) {
      expect((await read(sha256)).equals(contents[at]!)).toBe(true);
    }
    expect(await listed(blobs())).toHaveLength(4);
    expect(await blobs().putAll([])).toEqual([]);
    expect(await leftovers()).toEqual([]);
  });

  test('Hundreds of megabytes would fit: what is larger than memory should hold comes back whole', async () => {
    const piece = randomBytes(1_000_000);
    const pieces = 70;
    const hash = createHash('sha256');
    for (let at = 0; at < pieces; at++) hash.update(piece);
    const stored = await blobs().put(
      (function* () {
        for (let at = 0; at < pieces; at++) yield piece;
      })(),
      { maxBytes },
    );
    expect(stored).toEqual({ sha256: hash.digest('hex'), bytes: pieces * piece.length });
    const back = createHash('sha256');
    for await (const chunk of (await blobs().open(stored.sha256)).stream) back.update(chunk as Buffer);
    expect(back.digest('hex')).toBe(stored.sha256);
    expect(
      (await read(stored.sha256, { start: 69_000_000, end: 69_000_009 })).equals(piece.subarray(0, 10)),
    ).toBe(true);
    expect(await leftovers()).toEqual([]);
  });

  test('All are listed, in order of their names, with size and time', async () => {
    const started = Date.now();
    const stored = await Promise.all(
      [1, 2, 3, 4, 5].map((n) => blobs().put([Buffer.alloc(n)], { maxBytes })),
    );
    const all = await listed(blobs());
    expect(all.map(({ sha256, bytes }) => ({ sha256, bytes }))).toEqual(
      stored.toSorted((a, b) => (a.sha256 < b.sha256 ? -1 : 1)),
    );
    // A store may keep whole seconds only.
    for (const { storedAt } of all) expect(storedAt.getTime()).toBeGreaterThanOrEqual(started - 1000);
  });

  test('Too much is refused, at the limit it is not, and nothing is left', async () => {
    for (const size of [1000, 3_000_000]) {
      await expect(
        blobs().put([Buffer.alloc(size - 400), Buffer.alloc(401)], { maxBytes: size }),
      ).rejects.toThrow(BlobTooLargeError);
    }
    expect(await listed(blobs())).toEqual([]);
    expect(await leftovers()).toEqual([]);
    expect(await blobs().put([Buffer.alloc(600), Buffer.alloc(400)], { maxBytes: 1000 })).toMatchObject({
      bytes: 1000,
    });
  });

  test('An aborted put, also one whose source stands still, and a failing source leave nothing', async () => {
    const abort = new AbortController();
    const source = new PassThrough();
    source.write(Buffer.alloc(1000));
    const putting = blobs().put(source, { maxBytes, signal: abort.signal });
    while (source.readableLength > 0) await pause(1);
    abort.abort();
    await expect(putting).rejects.toThrow(/abort/i);
    expect(source.destroyed).toBe(true);
    await expect(blobs().put([], { maxBytes, signal: abort.signal })).rejects.toThrow(/abort/i);
    const failing = Readable.from(
      (async function* () {
        yield Buffer.alloc(10);
        throw new Error('the sender went away');
      })(),
    );
    await expect(blobs().put(failing, { maxBytes })).rejects.toThrow('the sender went away');
    expect(await leftovers()).toEqual([]);
    expect(await listed(blobs())).toEqual([]);
  });

  test('What is not there is missing, what was removed too, and no name leads elsewhere', async () => {
    const absent = '0'.repeat(64);
    expect(await blobs().has(absent)).toBe(false);
    await expect(blobs().open(absent)).rejects.toThrow(BlobMissingError);
    await expect(blobs().open(absent, { start: 5, end: 3 })).rejects.toThrow(BlobMissingError);
    await blobs().remove(absent);
    const { sha256 } = await blobs().put([Buffer.from('x')], { maxBytes });
    expect(await blobs().has(sha256)).toBe(true);
    await blobs().remove(sha256);
    expect(await blobs().has(sha256)).toBe(false);
    for (const name of ['../../etc/passwd', '', sha256.toUpperCase(), `${sha256}/`, `../${sha256}`]) {
      expect(isBlobName(name)).toBe(false);
      await expect(blobs().open(name)).rejects.toThrow(TypeError);
      await expect(blobs().has(name)).rejects.toThrow(TypeError);
      await expect(blobs().remove(name)).rejects.toThrow(TypeError);
    }
  });

  test('A condemned blob goes, and one that is put at the very moment of its removal stays', async () => {
    const contents = Array.from({ length: 24 }, () => randomBytes(100));
    const stored = await Promise.all(contents.map((content) => blobs().put([content], { maxBytes })));
    const [unwanted, ...wanted] = stored.map(({ sha256 }) => sha256) as [string, ...string[]];
    for (const { sha256 } of stored) await blobs().condemn(sha256);
    await pause(2 * clockMs);
    const before = new Date();
    expect(await blobs().removeCondemned(unwanted, new Date(0))).toBeNull();
    await blobs().condemn(unwanted);
    await Promise.all(
      wanted.flatMap((sha256, at) => {
        const put = async () => {
          // All moments between before and after.
          await pause(at % 8);
          await blobs().put([contents[at + 1]!], { maxBytes });
        };
        return [put(), blobs().removeCondemned(sha256, before)];
      }),
    );
    for (const [at, sha256] of wanted.entries()) {
      expect((await read(sha256)).equals(contents[at + 1]!)).toBe(true);
      // Pardoned, condemned and put again, in whatever state it is.
      await blobs().pardon(sha256);
      await blobs().put([contents[at + 1]!], { maxBytes });
      expect(await blobs().has(sha256)).toBe(true);
    }
    expect((await listed(blobs())).map(({ sha256 }) => sha256)).toEqual([unwanted, ...wanted].toSorted());
    await pause(clockMs);
    await blobs().condemn(unwanted);
    await pause(clockMs);
    expect(await blobs().removeCondemned(unwanted, new Date())).toBe(100);
    expect(await blobs().has(unwanted)).toBe(false);
    expect(await leftovers()).toEqual([]);
  });
}
