import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort } from '../testing/free-port.ts';
import { createTestDb, type TestDb, testPassword } from '../testing/test-db.ts';
import { createDb, type Db } from './db.ts';
import { watchForSilence } from './silent-server.ts';

const org = '00000000-0000-7000-8000-000000000001';
const silentMs = 300;

let testDb: TestDb;
let way: Way;
let db: Db;
let warnings: string[];
beforeEach(async () => {
  testDb = await createTestDb();
  way = await openWay(new URL(testDb.url));
  warnings = [];
  db = openDb();
});
afterEach(async () => {
  await db.close();
  await way.close();
  await testDb.close();
});

function openDb(): Db {
  const url = new URL(testDb.url);
  url.host = `127.0.0.1:${way.port}`;
  const log = { warn: (_fields: unknown, message: string) => void warnings.push(message) };
  return createDb({ url: url.href, password: testPassword, poolSize: 4, silentMs, log });
}

/** Stands between a process and its database, and may be gone without a word, as a machine without power is. */
interface Way {
  readonly port: number;
  /** Connections stay open, and nothing passes. */
  fallSilent(): void;
  /** Nobody is connected any more. */
  leave(): void;
  arrive(): Promise<void>;
  close(): Promise<void>;
}

async function openWay(to: URL): Promise<Way> {
  const ends = new Set<Socket>();
  let server: Server | undefined;
  async function listen(port: number): Promise<number> {
    server = createServer((near) => {
      const far = connect(Number(to.port), to.hostname);
      near.pipe(far).pipe(near);
      for (const [end, other] of [
        [near, far],
        [far, near],
      ] as const) {
        ends.add(end);
        end.on('error', () => {});
        end.on('close', () => {
          ends.delete(end);
          other.destroy();
        });
      }
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }
  // Nobody is given it while nobody listens there.
  const port = await listen(await freePort());
  return {
    port,
    fallSilent() {
      for (const end of ends) end.unpipe().pause();
    },
    leave() {
      // What is open stays open.
      server?.close();
    },
    arrive: async () => void (await listen(port)),
    async close() {
      server?.close();
      for (const end of ends) end.destroy();
    },
  };
}

const one = (on: Db) => on.read(org, (tx) => tx.query<{ one: number }>('select 1 as one'));
const unreachable = { status: 503, code: 'database-unreachable' };
const soon = { timeout: 10_000 };

test(
  'A server that is gone without a word holds nobody up; with the next one everything goes on',
  soon,
  async () => {
    const held = await db.dedicated('liaison_system');
    const library = new pg.Pool({ ...db.connectionOptions('liaison_auth'), max: 1 });
    try {
      // Two of people's, one of the server's own, a library's, and one that only listens.
      await Promise.all([one(db), one(db), db.systemQuery('select 1'), library.query('select 1')]);
      const ended = new Promise((resolve) => held.once('end', () => resolve(undefined)));
      way.fallSilent();
      way.leave();
      // As a library uses its pool: it gives back what failed as if it were well.
      const borrowed = await library.connect();
      const asked = borrowed.query('select 1').finally(() => borrowed.release());
      await Promise.all([
        expect(one(db)).rejects.toMatchObject(unreachable),
        expect(db.systemQuery('select 1')).rejects.toMatchObject(unreachable),
        expect(asked).rejects.toThrow(/does not answer any more/),
        ended,
      ]);
      expect(warnings).toContain('the database is gone without a word; its connections are ended');
      await expect(one(db)).rejects.toMatchObject(unreachable);
      await way.arrive();
      // Nothing of what was open is used again, though it is the same place.
      expect(await Promise.all([one(db), one(db), db.systemQuery('select 1 as one')])).toEqual(
        Array.from({ length: 3 }, () => [{ one: 1 }]),
      );
      expect((await library.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    } finally {
      await library.end();
      await held.end();
    }
  },
);

test('A slow statement is waited for as long as its server is there', soon, async () => {
  const slow = db.read(org, (tx) => tx.query(`select pg_sleep(${(silentMs * 4) / 1000}), 2 as two`));
  expect(await slow).toMatchObject([{ two: 2 }]);
  expect(warnings).toEqual([]);
});

test(
  'Who takes connections and gives no answer is not waited for longer than an answer may take',
  soon,
  async () => {
    const { connectionString } = db.connectionOptions('liaison_system');
    const gone: string[] = [];
    const Client = watchForSilence({ silentMs: 50, answerMs: 400, onGone: (place) => void gone.push(place) });
    const pool = new pg.Pool({ ...(connectionString ? { connectionString } : {}), max: 1, Client });
    pool.on('error', () => {});
    try {
      const borrowed = await pool.connect();
      way.fallSilent();
      const asked = borrowed.query('select 1').finally(() => borrowed.release());
      await expect(asked).rejects.toThrow('the database did not answer within 0.4 s');
      expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
      expect(gone).toEqual([]);
    } finally {
      await pool.end();
    }
  },
);
