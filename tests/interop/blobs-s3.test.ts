import { randomBytes } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { type Blobs, createBlobs } from '@liaison/core/blobs';
import { everyStoreKeeps, listed, type Swift, startSwift } from '@liaison/core/blobs/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

let swift: Swift;
let blobs: Blobs;
let count = 0;
beforeAll(async () => {
  swift = await startSwift();
  await swift.makeBucket('blobs');
});
afterAll(() => swift?.stop());

const maxBytes = 200_000_000;
/** A folder of its own in the bucket. */
const place = () => `blobs/${count}`;
const address = (where: string, port = swift.port, secret = swift.secret) =>
  `s3+http://${encodeURIComponent(swift.keyId)}:${secret}@127.0.0.1:${port}/${where}?region=eu`;
beforeEach(async () => {
  count++;
  blobs = await createBlobs(address(place()));
});

const spool = join(tmpdir(), 'liaison-blobs');
async function leftovers() {
  await mkdir(spool, { recursive: true });
  return readdir(spool);
}

describe("blobs in Debian's Swift by its S3 face", () => {
  everyStoreKeeps({ blobs: () => blobs, leftovers, clockMs: 1100, runs: 12 });

  it('are what every process with the same address sees', async () => {
    const { sha256 } = await blobs.put([Buffer.from('one store')], { maxBytes });
    const other = await createBlobs(address(place()));
    expect((await buffer((await other.open(sha256)).stream)).toString()).toBe('one store');
    await other.remove(sha256);
    expect(await blobs.has(sha256)).toBe(false);
  });

  it('say in one line why a bucket cannot be used', async () => {
    await expect(createBlobs(address(place(), swift.port, 'high-water'))).rejects.toThrow(
      /blobs refuses the key .*BLOBS_URL/s,
    );
    await expect(createBlobs(address('nowhere'))).rejects.toThrow(/nowhere does not exist .*BLOBS_URL/s);
    const closed = await bridge(() => {});
    await closed.close();
    await expect(createBlobs(address(place(), closed.port))).rejects.toThrow(
      /cannot be reached .*BLOBS_URL/s,
    );
  });
});

describe('a store behind a bad network', () => {
  let wire: Wire | undefined;
  afterEach(() => wire?.close());

  it('loses connections in the middle of what is sent: it is sent again, whole', async () => {
    const bytes = randomBytes(2_500_000);
    let sent = 0;
    let cuts = 0;
    wire = await bridge((chunk, client) => {
      sent += chunk.length;
      // Twice within the body.
      if (sent > 1_000_000 * (cuts + 1) && cuts < 2) {
        cuts++;
        sent = 0;
        client.destroy();
      }
    });
    const distant = await createBlobs(address(place(), wire.port));
    const { sha256 } = await distant.put([bytes], { maxBytes });
    expect(cuts).toBe(2);
    expect((await buffer((await blobs.open(sha256)).stream)).equals(bytes)).toBe(true);
    expect(await leftovers()).toEqual([]);
  });

  it('changes a byte on the way: the store refuses it, and no blob has wrong bytes', async () => {
    wire = await bridge((chunk) => {
      const at = chunk.indexOf('low water');
      if (at >= 0) chunk[at] = 'L'.charCodeAt(0);
    });
    const distant = await createBlobs(address(place(), wire.port));
    await expect(distant.put([Buffer.from('gauges at low water')], { maxBytes })).rejects.toThrow(
      /S3 store answered 4/,
    );
    expect(await listed(blobs)).toEqual([]);
  });
});

interface Wire {
  readonly port: number;
  close(): Promise<void>;
}

/** Carries bytes to Swift and back; `look` sees, and may change, each piece that goes there. */
async function bridge(look: (chunk: Buffer, client: Socket) => void): Promise<Wire> {
  const open = new Set<Socket>();
  const server: Server = createServer((client) => {
    const store = connect(swift.port, '127.0.0.1');
    for (const socket of [client, store]) {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        store.destroy();
      });
    }
    client.on('data', (chunk: Buffer) => {
      look(chunk, client);
      if (!store.destroyed) store.write(chunk);
    });
    store.pipe(client);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('no port');
  return {
    port: bound.port,
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        for (const socket of open) socket.destroy();
      }),
  };
}
