import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer, IncomingMessage } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BlobTooLargeError } from './blobs.ts';
import { createSpool, type FolderSpool } from './spool.ts';

const id = '00000000-0000-7000-8000-000000000001';
let folder: string;
let spool: FolderSpool;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'liaison-spool-'));
  spool = createSpool(join(folder, 'spool'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const maxBytes = 100;
const from = (...parts: string[]) => Readable.from(parts.map((part) => Buffer.from(part)));

test('What comes in pieces is whole in the end', async () => {
  expect(await spool.size(id)).toBe(0);
  expect(await spool.append(id, 0, from('high ', 'water'), { maxBytes })).toBe(10);
  expect(await spool.append(id, 10, from(' at nine'), { maxBytes })).toBe(18);
  expect(await text(await spool.open(id))).toBe('high water at nine');
  await spool.remove(id);
  await spool.remove(id);
  expect(await spool.size(id)).toBe(0);
});

test('What came before a source broke off is kept, and more than was said is not', async () => {
  const broken = Readable.from(
    (async function* () {
      yield Buffer.from('kept');
      throw new Error('the line was cut');
    })(),
  );
  await expect(spool.append(id, 0, broken, { maxBytes })).rejects.toThrow('cut');
  expect(await spool.size(id)).toBe(4);
  await expect(spool.append(id, 4, from(' and more'), { maxBytes: 8 })).rejects.toThrow(BlobTooLargeError);
  expect(await text(await spool.open(id))).toBe('kept and');
});

test('What a killed process had written is there, and is gone on with', async () => {
  const script = `
    import { createSpool } from ${JSON.stringify(join(import.meta.dirname, 'spool.ts'))};
    const forever = (async function* () {
      for (let n = 0; ; n++) {
        yield Buffer.alloc(1000, 97);
        if (n === 20) process.stdout.write('there');
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    })();
    await createSpool(${JSON.stringify(join(folder, 'spool'))}).append('${id}', 0, forever, { maxBytes: 1e9 });`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'close');
  const size = await spool.size(id);
  expect(size).toBeGreaterThanOrEqual(20_000);
  await spool.append(id, size, from('b'), { maxBytes: 1e9 });
  expect(await text(await spool.open(id))).toBe(`${'a'.repeat(size)}b`);
});

test('Another process goes on with it, and takes all of it away; so it does with what an earlier version left', async () => {
  const other = createSpool(join(folder, 'spool'));
  await spool.append(id, 0, from('high '), { maxBytes });
  expect(await other.size(id)).toBe(5);
  expect(await other.append(id, 5, from('water'), { maxBytes })).toBe(10);
  expect(await spool.append(id, 10, from(' at nine'), { maxBytes })).toBe(18);
  for (const each of [spool, other]) expect(await text(await each.open(id))).toBe('high water at nine');
  await spool.remove(id);
  expect([await spool.size(id), await other.size(id)]).toEqual([0, 0]);
  await spool.append(id, 0, from('again'), { maxBytes });
  await other.remove(id);
  expect(await readdir(join(folder, 'spool'))).toEqual([]);
  await writeFile(join(folder, 'spool', id), 'low ');
  expect(await spool.append(id, await spool.size(id), from('water'), { maxBytes })).toBe(9);
});

test('Only what one process alone wrote is sealed, with its sum, whoever asks', async () => {
  const other = createSpool(join(folder, 'spool'));
  const sumOf = (words: string) => createHash('sha256').update(words).digest('hex');
  await spool.append(id, 0, from('high '), { maxBytes });
  await spool.append(id, 5, from('water'), { maxBytes });
  const sealed = await spool.seal(id);
  expect(sealed).toMatchObject({ sha256: sumOf('high water'), bytes: 10 });
  // As after a process that was killed before it had named the blob.
  expect(await other.size(id)).toBe(10);
  expect(await other.seal(id)).toEqual(sealed);
  await expect(other.append(id, 10, from('!'), { maxBytes })).rejects.toThrow('whole');
  await other.remove(id);
  expect(await other.seal(id)).toBeNull();

  await spool.append(id, 0, from('high '), { maxBytes });
  await other.append(id, 5, from('water'), { maxBytes });
  expect([await spool.seal(id), await other.seal(id)]).toEqual([null, null]);
});

test('Memory of what a request brings is given back as it is written; that of others is theirs', async () => {
  const body = randomBytes(3_000_000);
  const pieces: Uint8Array[] = [];
  const server = createServer((request, response) => {
    const push = request.push.bind(request);
    request.push = (piece: Uint8Array | null) => {
      if (piece) pieces.push(piece);
      return push(piece);
    };
    spool.append(id, 0, request, { maxBytes: body.length }).then(
      (size) => response.end(String(size)),
      () => response.destroy(),
    );
  }).listen(0, '127.0.0.1');
  try {
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body });
    expect(await answer.text()).toBe(String(body.length));
  } finally {
    server.closeAllConnections();
    server.close();
  }
  expect((await buffer(await spool.open(id))).equals(body)).toBe(true);
  expect((await spool.seal(id))?.sha256).toBe(createHash('sha256').update(body).digest('hex'));
  expect(pieces.length).toBeGreaterThan(1);
  expect(pieces.every(({ byteLength }) => byteLength === 0)).toBe(true);

  const other = id.replace('1', '2');
  const kept = Buffer.from(new ArrayBuffer(10));
  const whole = Buffer.from(new ArrayBuffer(20));
  await spool.append(other, 0, Readable.from([kept]), { maxBytes });
  const request = new IncomingMessage(new Socket());
  request.push(whole.subarray(5, 15));
  request.push(null);
  expect(await spool.append(other, 10, request, { maxBytes })).toBe(20);
  expect([kept.length, whole.length]).toEqual([10, 20]);
});

test('What nobody goes on with is swept away, and names lead nowhere else', async () => {
  const other = id.replace('1', '2');
  await spool.append(id, 0, from('old'), { maxBytes });
  await spool.append(other, 0, from('new'), { maxBytes });
  const [name = ''] = (await readdir(join(folder, 'spool'))).filter((each) => each.startsWith(id));
  await utimes(join(folder, 'spool', name), new Date(0), new Date(0));
  expect(await spool.sweep(60_000)).toBe(1);
  expect([await spool.size(id), await spool.size(other)]).toEqual([0, 3]);
  expect(await createSpool(join(folder, 'none')).sweep(0)).toBe(0);
  await expect(spool.append('../escape', 0, from('x'), { maxBytes })).rejects.toThrow(TypeError);
});
