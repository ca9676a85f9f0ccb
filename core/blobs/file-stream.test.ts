import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { createServer, get, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer, get as getByTls } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLog } from '../log/index.ts';
import { createTls } from '../tls/index.ts';
import { FileStream } from './file-stream.ts';

const bytes = randomBytes(3_000_001);
const piece = 256 * 1024;
const parts = [
  [0, 0],
  [0, 1],
  [5, piece + 5],
  [0, piece + 1],
  [1, 2 * piece + 1],
  [0, bytes.length],
] as const;
let folder: string;
const ends: (() => unknown)[] = [];
let begun: FileStream[] = [];

const part = async (start: number, end: number) =>
  new FileStream(await open(join(folder, 'file'), 'r'), start, end);

const answer: RequestListener = async (request, response) => {
  const [start, end] = request.url!.slice(1).split('-').map(Number) as [number, number];
  const stream = await part(start, end);
  begun.push(stream);
  // As Fastify does it: whoever goes away ends the reading, and a reading that failed ends the answer.
  stream.on('error', () => response.destroy());
  response.on('close', () => stream.destroy());
  response.setHeader('content-length', end - start);
  stream.pipe(response);
};
let plain: number;
let sealed: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'liaison-file-stream-'));
  ends.push(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'file'), bytes);
  const tls = await createTls({
    settings: { dataFolder: folder, advertise: ['127.0.0.1'] },
    log: createLog({ level: 'silent' }),
  });
  ends.push(() => tls.stop());
  const server = createServer(answer).listen(0, '127.0.0.1');
  const tlsServer = createTlsServer(tls.options(), answer).listen(0, '127.0.0.1');
  await Promise.all([once(server, 'listening'), once(tlsServer, 'listening')]);
  plain = (server.address() as AddressInfo).port;
  sealed = (tlsServer.address() as AddressInfo).port;
  ends.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  ends.push(
    () => tlsServer.closeAllConnections(),
    () => tlsServer.close(),
  );
});
afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

const asked = async (port: number, start: number, end: number): Promise<IncomingMessage> => {
  const where = { port, host: '127.0.0.1', path: `/${start}-${end}`, agent: false } as const;
  const request = port === sealed ? getByTls({ ...where, rejectUnauthorized: false }) : get(where);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
};

test('What is sent as an answer comes as it is, whole or in part, sealed or not, also to who takes it slowly', async () => {
  for (const port of [plain, sealed]) {
    for (const [start, end] of parts) {
      const expected = bytes.subarray(start, end);
      expect((await buffer(await asked(port, start, end))).equals(expected)).toBe(true);
    }
    const taken: Buffer[] = [];
    for await (const some of await asked(port, 0, bytes.length)) {
      taken.push(some as Buffer);
      // Long enough for everything that waits on the way to be written over, were it not waited for.
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(Buffer.concat(taken).equals(bytes)).toBe(true);
  }
});

test('Whoever reads it in another way keeps what it gets', async () => {
  for (const [start, end] of parts) {
    expect((await buffer(await part(start, end))).equals(bytes.subarray(start, end))).toBe(true);
    const through = new PassThrough({ highWaterMark: 8 * piece });
    const [passed] = await Promise.all([buffer(through), pipeline(await part(start, end), through)]);
    expect(passed.equals(bytes.subarray(start, end))).toBe(true);
  }
});

test('Whoever goes away ends the reading, and so does a file that is shorter than it was', async () => {
  begun = [];
  const leaving = await asked(plain, 0, bytes.length);
  leaving.destroy();
  const [stream] = begun as [FileStream];
  if (!stream.closed) await once(stream, 'close');
  expect(stream.readableEnded).toBe(false);

  await expect(buffer(await part(0, bytes.length + 1))).rejects.toThrow('shorter');
  const short = await asked(plain, 0, bytes.length + 1);
  await expect(buffer(short)).rejects.toThrow(/aborted|hang up/);
});
