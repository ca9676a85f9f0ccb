import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runInContext } from '../context/index.ts';
import { createIds } from '../ids/index.ts';
import { createTestDb, type TestDb } from '../testing/test-db.ts';
import { createAudit } from './index.ts';

let test: TestDb;
const ids = createIds({ site: 1 });
const audit = createAudit({ nextId: () => ids.next() });
let here: string;
const there = ids.next();

beforeAll(async () => {
  test = await createTestDb();
});
beforeEach(() => {
  here = ids.next();
});
afterAll(() => test.close());

const record = (entry: Parameters<typeof audit.record>[1], orgId = here) =>
  test.db.transaction(orgId, (tx) => audit.record(tx, entry));
const list = (query: Parameters<typeof audit.list>[1], orgId = here) =>
  test.db.read(orgId, (tx) => audit.list(tx, query));

it('an entry says who did what to whom in which request', async () => {
  const [personId, subjectId] = [ids.next(), ids.next()];
  await runInContext({ requestId: 'req-1', personId }, () =>
    record({ action: 'people.role-changed', subjectId, ip: '2001:db8::1', details: { role: 'manager' } }),
  );
  await record({ action: 'people.signed-out', personId: null });
  const { rows, next } = await list({ limit: 10 });
  expect(next).toBeNull();
  expect(rows).toEqual([
    expect.objectContaining({
      action: 'people.signed-out',
      personId: null,
      requestId: null,
      ip: null,
      details: {},
    }),
    {
      id: expect.any(String),
      at: expect.any(Date),
      action: 'people.role-changed',
      personId,
      subjectId,
      requestId: 'req-1',
      ip: '2001:db8::1',
      details: { role: 'manager' },
    },
  ]);
});

it('an entry goes with the transaction that it tells of', async () => {
  await expect(
    test.db.transaction(here, async (tx) => {
      await audit.record(tx, { action: 'people.person-removed' });
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  expect((await list({ limit: 10 })).rows).toEqual([]);
});

it('pages lose and repeat nothing, also where many entries have the same time', async () => {
  const personId = ids.next();
  await test.db.transaction(here, async (tx) => {
    for (let i = 0; i < 25; i++) await audit.record(tx, { action: 'people.imported', details: { i } });
  });
  for (let i = 25; i < 30; i++) await record({ action: 'people.invited', personId, details: { i } });
  const seen: number[] = [];
  let cursor: string | undefined;
  do {
    const page = await list({ limit: 7, ...(cursor === undefined ? {} : { cursor }) });
    seen.push(...page.rows.map((row) => row.details.i as number));
    cursor = page.next ?? undefined;
    // Something newer arrives between two pages.
    await record({ action: 'people.noise-made', details: { i: 100 } });
  } while (cursor !== undefined);
  expect(seen).toEqual(Array.from({ length: 30 }, (_, i) => 29 - i));
  expect((await list({ limit: 100, personId })).rows).toHaveLength(5);
  expect((await list({ limit: 100, action: 'people.imported' })).rows).toHaveLength(25);
});

describe('what serves people', () => {
  it('sees only its own organisation', async () => {
    await record({ action: 'people.invited' });
    expect((await list({ limit: 10 }, there)).rows).toEqual([]);
  });

  it('can neither change nor delete, nor write for another organisation', async () => {
    await record({ action: 'people.invited' });
    for (const sql of [
      "update core.audit set action = 'x.y'",
      'delete from core.audit',
      'truncate core.audit',
    ]) {
      await expect(test.db.transaction(here, (tx) => tx.query(sql))).rejects.toThrow('permission denied');
    }
    await expect(
      test.db.transaction(here, (tx) =>
        tx.query("insert into core.audit (id, org_id, action) values ($1, $2, 'a.b')", [ids.next(), there]),
      ),
    ).rejects.toThrow('row-level security');
    expect((await list({ limit: 10 })).rows).toHaveLength(1);
  });

  it('can let go only of what is older than a year, of its own organisation', async () => {
    for (const [orgId, days] of [
      [here, 400],
      [here, 100],
      [there, 400],
    ] as const) {
      await test.admin(
        "insert into core.audit (id, org_id, action, at) values ($1, $2, 'a.b', now() - $3 * interval '1 day')",
        [ids.next(), orgId, days],
      );
    }
    const [row] = await test.db.transaction(here, (tx) =>
      tx.query('select core.purge_audit(now(), 100) as gone'),
    );
    expect(row).toEqual({ gone: 1 });
    expect((await list({ limit: 10 })).rows).toHaveLength(1);
    expect((await list({ limit: 10 }, there)).rows).toHaveLength(1);
  });
});

it.each([
  'x',
  '_',
  '1_2',
  `${'9'.repeat(40)}_${ids.next()}`,
  `1_${'0'.repeat(36)}`,
  "1_'; drop table core.audit",
])('the cursor %s is refused', async (cursor) => {
  await expect(list({ limit: 10, cursor })).rejects.toMatchObject({ status: 400, code: 'invalid' });
});

it('what is too large, nameless or of no organisation is refused', async () => {
  await expect(record({ action: 'people.invited', details: { text: 'x'.repeat(5000) } })).rejects.toThrow(
    'limited',
  );
  await expect(record({ action: 'Invited' })).rejects.toThrow('past-tense');
  await expect(test.db.system((tx) => audit.record(tx, { action: 'a.b' }))).rejects.toThrow('must name');
  await expect(test.db.system((tx) => audit.list(tx, { limit: 1 }))).rejects.toThrow('within one');
});
