import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDb, type TestDb } from '../testing/test-db.ts';
import type { Tx } from './db.ts';
import type { CoreTables } from './tables.ts';

let testDb: TestDb;
beforeAll(async () => {
  testDb = await createTestDb();
});
afterAll(() => testDb.close());

const org = (n: number) => `00000000-0000-7000-8000-00000000000${n}`;
const insertSpace = (orgId: string, id: string, owner = orgId) =>
  testDb.db.transaction(orgId, (tx) =>
    tx
      .as<CoreTables>()
      .insertInto('core.space')
      .values({ id, org_id: owner, kind: 'team', name: 'x', archived_at: null, home_site: 0 })
      .execute(),
  );

describe('a transaction', () => {
  it('sees its organisation alone and writes into no other', async () => {
    await insertSpace(org(1), org(5));
    await insertSpace(org(2), org(6));
    const seen = await testDb.db.read(org(1), (tx) => tx.query('select id from core.space'));
    expect(seen).toEqual([{ id: org(5) }]);
    await expect(insertSpace(org(1), org(7), org(2))).rejects.toThrow(/row-level security/);
    const changed = await testDb.db.transaction(org(1), (tx) =>
      tx.query('update core.space set name = $1 where id = $2 returning id', ['stolen', org(6)]),
    );
    expect(changed).toEqual([]);
  });

  it('fails loudly when no organisation was named', async () => {
    const client = await testDb.db.dedicated('liaison_app');
    try {
      await expect(client.query('select * from core.space')).rejects.toThrow(/liaison.org/);
    } finally {
      await client.end();
    }
  });

  it('does not leak its organisation into the next use of the connection', async () => {
    await testDb.db.read(org(1), (tx) => tx.query('select 1'));
    const rows = await testDb.db.system((tx) =>
      tx.query("select current_setting('liaison.org', true) as org"),
    );
    expect(rows[0]?.org ?? '').toBe('');
  });

  it('rolls back as a whole, and leaves after-commit work out', async () => {
    let told = false;
    await expect(
      testDb.db.transaction(org(3), async (tx) => {
        await tx.query(
          "insert into core.space (id, org_id, kind, name, home_site) values ($1, $2, 'team', 'y', 0)",
          [org(8), org(3)],
        );
        tx.afterCommit(() => {
          told = true;
        });
        tx.beforeCommit(async () => {
          throw new Error('not after all');
        });
      }),
    ).rejects.toThrow('not after all');
    expect(told).toBe(false);
    expect(await testDb.db.read(org(3), (tx) => tx.query('select id from core.space'))).toEqual([]);
  });

  it('that loses its connection fails alone, and the next one has another', async () => {
    await expect(
      testDb.db.read(org(1), async (tx) => {
        const [row] = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
        await testDb.admin('select pg_terminate_backend($1)', [row!.pid]);
        await tx.query('select 1');
      }),
    ).rejects.toMatchObject({ status: 503, code: 'database-unreachable' });
    await expect(
      testDb.db.systemQuery('select pg_terminate_backend(pg_backend_pid())'),
    ).rejects.toMatchObject({ status: 503, code: 'database-unreachable' });
    expect(await testDb.db.read(org(1), (tx) => tx.query('select 1 as one'))).toEqual([{ one: 1 }]);
    expect(await testDb.db.systemQuery('select 1 as one')).toEqual([{ one: 1 }]);
    // What a statement itself did wrong is told as it is.
    await expect(testDb.db.systemQuery('select 1 / 0')).rejects.toMatchObject({ code: '22012' });
  });

  it('tries again after a deadlock', async () => {
    await insertSpace(org(4), '00000000-0000-7000-8000-00000000000a');
    await insertSpace(org(4), '00000000-0000-7000-8000-00000000000b');
    let runs = 0;
    let bothHold: () => void;
    const held = new Promise<void>((resolve) => {
      bothHold = resolve;
    });
    let holding = 0;
    const touch = (first: string, second: string) =>
      testDb.db.transaction(org(4), async (tx) => {
        runs += 1;
        const lock = (last: string) =>
          tx.query('update core.space set name = name where id = $1', [
            `00000000-0000-7000-8000-00000000000${last}`,
          ]);
        await lock(first);
        holding += 1;
        if (holding === 2) bothHold();
        await held;
        await lock(second);
      });
    await Promise.all([touch('a', 'b'), touch('b', 'a')]);
    // On a busy machine the one that goes on may wake up so late that they meet once more.
    expect(runs).toBeGreaterThanOrEqual(3);
  });

  it('plans its statements once where it is shared, and by their values in the next one of its connection', async () => {
    const { db } = testDb;
    const mode = async (tx: Tx) => {
      const [row] = await tx.query<{ plans: string; reads: string }>(
        "select current_setting('plan_cache_mode') as plans, current_setting('enable_seqscan') as reads",
      );
      return [row?.plans, row?.reads];
    };
    const once = ['force_generic_plan', 'off'];
    expect(await db.shared(() => db.transaction(org(4), mode))).toEqual(once);
    expect(await db.shared(() => db.read(org(4), mode))).toEqual(once);
    expect(await db.transaction(org(4), mode)).toEqual(['auto', 'on']);
    expect(await db.read(org(4), mode)).toEqual(['auto', 'on']);
  });

  it('looks up by key where it is shared, however small a table was when that was planned', async () => {
    const { db } = testDb;
    await testDb.admin('analyze core.space');
    const scansOf = async (tx: Tx) => {
      const [row] = await tx.query<{ scans: number }>(
        "select seq_scan as scans from pg_stat_xact_user_tables where relid = 'core.space'::regclass",
      );
      return row?.scans ?? 0;
    };
    /** How often the whole table was read for it. */
    const look = async (tx: Tx) => {
      const before = await scansOf(tx);
      await tx.query('select id from core.space where id = any($1::uuid[])', [[org(8)]]);
      return (await scansOf(tx)) - before;
    };
    // Often enough to be prepared, alone first.
    for (let times = 0; times < 12; times++) expect(await db.read(org(4), look)).toBe(1);
    for (let times = 0; times < 12; times++) expect(await db.shared(() => db.read(org(4), look))).toBe(0);
  });

  it('shares with others that are begun at the same moment, where that is asked for', async () => {
    const { db } = testDb;
    const own = (tx: Tx) =>
      tx.query<{ xid: string }>('select pg_current_xact_id()::text as xid').then(([row]) => row?.xid);
    const ids = await db.shared(() => Promise.all([1, 2, 3].map(() => db.transaction(org(4), own))));
    expect(new Set(ids).size).toBe(1);
    const alone = await Promise.all([1, 2].map(() => db.transaction(org(4), own)));
    expect(new Set(alone).size).toBe(2);
    const later = async () => {
      await Promise.resolve();
      return db.transaction(org(4), own);
    };
    expect(new Set(await db.shared(() => Promise.all([later(), later()]))).size).toBe(2);
    const elsewhere = db.shared(() => [db.transaction(org(4), own), db.transaction(org(3), own)]);
    expect(new Set(await Promise.all(elsewhere)).size).toBe(2);
  });
});

describe('statements', () => {
  const space = (n: number) => `00000000-0000-7000-8000-0000000001${String(n).padStart(2, '0')}`;

  it('that are started together are answered in their order, and one that fails spoils them all', async () => {
    const numbers = await testDb.db.read(org(1), (tx) =>
      Promise.all(Array.from({ length: 20 }, (_, n) => tx.query<{ n: number }>('select $1::int as n', [n]))),
    );
    expect(numbers.map(([row]) => row!.n)).toEqual(Array.from({ length: 20 }, (_, n) => n));
    const both = testDb.db.transaction(org(9), (tx) =>
      Promise.all([
        tx.query('insert into core.space (id, org_id, kind, name, home_site) values ($1, $2, $3, $3, 0)', [
          space(1),
          org(9),
          'team',
        ]),
        tx.query('select 1 / $1::int', [0]),
      ]),
    );
    await expect(both).rejects.toThrow(/division by zero/);
    expect(await testDb.db.read(org(9), (tx) => tx.query('select id from core.space'))).toEqual([]);
  });

  it('that failed and were passed over do not pass for committed', async () => {
    let told = false;
    await expect(
      testDb.db.transaction(org(9), async (tx) => {
        tx.afterCommit(() => {
          told = true;
        });
        await tx.query('select 1 / $1::int', [0]).catch(() => {});
      }),
    ).rejects.toThrow(/nothing of it was kept/);
    expect(told).toBe(false);
  });

  it('sent with the commit hold with it or not at all', async () => {
    const insert = (id: string, divisor: number, answered: (rows: Record<string, unknown>[]) => void) =>
      testDb.db.transaction(org(9), async (tx) => {
        tx.withCommit(() => ({
          sql: `insert into core.space (id, org_id, kind, name, home_site)
                select $1::uuid, $2::uuid, 'team', 'x', 1 / $3::int returning name`,
          parameters: [id, org(9), divisor],
          answered,
        }));
      });
    const rows: unknown[] = [];
    await insert(space(2), 1, (answer) => void rows.push(...answer));
    await expect(insert(space(3), 0, (answer) => void rows.push(...answer))).rejects.toThrow(
      /division by zero/,
    );
    expect(rows).toEqual([{ name: 'x' }]);
    expect(await testDb.db.read(org(9), (tx) => tx.query('select id from core.space'))).toEqual([
      { id: space(2) },
    ]);
  });

  it('that are repeated follow a table that a migration changes meanwhile', async () => {
    await testDb.admin(
      'create table core.changing (n int); grant select on core.changing to liaison_app, liaison_system',
    );
    await testDb.admin('insert into core.changing values (1)');
    const read = () =>
      testDb.db.read(org(1), (tx) => tx.query('select * from core.changing where n = $1', [1]));
    const readAlone = () => testDb.db.systemQuery('select * from core.changing where n = $1 limit 1', [1]);
    for (let n = 0; n < 12; n++) expect([await read(), await readAlone()]).toEqual([[{ n: 1 }], [{ n: 1 }]]);
    // Several connections hold the plan.
    await Promise.all(Array.from({ length: 6 }, read));
    await testDb.admin("alter table core.changing add column word text default 'new'");
    const now = [{ n: 1, word: 'new' }];
    expect(await readAlone()).toEqual(now);
    expect(await Promise.all(Array.from({ length: 6 }, read))).toEqual(Array.from({ length: 6 }, () => now));
    await testDb.admin('drop table core.changing');
  });
});

/** Tables that people's requests reach without row-level security, each with its reason. */
const withoutPolicies: Record<string, string> = {
  'core.migration': 'names of files',
  'core.reaction_scan': 'positions only; liaison_app has no right to it',
};

describe('the catalogue', () => {
  it('has no login role that is a superuser, bypasses policies or owns one of our tables', async () => {
    const roles = await testDb.admin(
      `select rolname from pg_roles where rolname like 'liaison\\_%' and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb)`,
    );
    expect(roles).toEqual([]);
    const owned = await testDb.admin(
      `select n.nspname || '.' || c.relname as name, r.rolname from pg_class c
       join pg_namespace n on n.oid = c.relnamespace join pg_roles r on r.oid = c.relowner
       where r.rolcanlogin and c.relkind in ('r', 'p', 'v') and n.nspname not in ('pg_catalog', 'information_schema', 'auth', 'graphile_worker')`,
    );
    expect(owned).toEqual([]);
  });

  it('forces row-level security on every table but the named exceptions', async () => {
    const open = await testDb.admin(
      `select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'p') and not (c.relrowsecurity and c.relforcerowsecurity)
         and n.nspname not in ('pg_catalog', 'information_schema', 'auth', 'graphile_worker', 'pg_toast')
         and has_table_privilege('liaison_app', c.oid, 'select')`,
    );
    expect(open.map((row) => row.name).filter((name) => !(String(name) in withoutPolicies))).toEqual([]);
  });
});
