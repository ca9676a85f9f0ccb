import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createTestDb, type TestDb, testPassword } from '../testing/test-db.ts';
import { createDb, type Db } from './db.ts';
import { SharingPool } from './sharing-pool.ts';

const org = '00000000-0000-7000-8000-000000000001';

let testDb: TestDb;
let db: Db;
beforeEach(async () => {
  testDb = await createTestDb();
  db = createDb({ url: testDb.url, password: testPassword, poolSize: 8 });
});
afterEach(async () => {
  await db.close();
  await testDb.close();
});

/** PostgreSQL gives so many connections to this database, whoever asks; -1 for any number. */
const giveOnly = (connections: number) =>
  testDb.admin(`alter database ${new URL(testDb.url).pathname.slice(1)} connection limit ${connections}`);

const busy = () => db.transaction(org, (tx) => tx.query('select pg_sleep(0.02)'));
const connected = () => db.pools().reduce((sum, { busy, idle }) => sum + busy + idle, 0);

test('Where PostgreSQL gives no more connections, people wait for one that there is, and later there are more again', async () => {
  await giveOnly(2);
  await Promise.all(Array.from({ length: 60 }, busy));
  expect(connected()).toBeLessThanOrEqual(2);
  await giveOnly(-1);
  await vi.waitFor(
    async () => {
      await Promise.all(Array.from({ length: 30 }, busy));
      expect(connected()).toBe(8);
    },
    { timeout: 10_000, interval: 100 },
  );
});

test('Who finds all connections with others gets the first that they leave, and a reason where they leave none', async () => {
  const options = { ...db.connectionOptions('liaison_app'), max: 4 };
  const [others, pool] = [new SharingPool(options), new SharingPool(options)];
  const hasty = new SharingPool({ ...options, connectionTimeoutMillis: 400 });
  try {
    await giveOnly(1);
    const held = await others.connect();
    const attempts = Array.from({ length: 5 }, () => hasty.query('select 1'));
    const refused = await Promise.allSettled(attempts);
    for (const one of refused) expect(one).toMatchObject({ status: 'rejected', reason: expect.any(Error) });
    const waiting = pool.query('select 7 as seven');
    held.release(true);
    expect((await waiting).rows).toEqual([{ seven: 7 }]);
    await new Promise<void>((resolve, reject) =>
      pool.connect((error, client, release) => {
        release();
        if (error || !client) reject(error);
        else resolve();
      }),
    );
    expect(pool.idleCount).toBe(1);
  } finally {
    await Promise.all([others.end(), pool.end(), hasty.end()]);
  }
});
