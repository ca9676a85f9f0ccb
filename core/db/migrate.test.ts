import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { coreMigrations, createTestDb, type TestDb, testPassword } from '../testing/test-db.ts';
import { landedMigrations } from './landed-migrations.ts';
import { migrate } from './migrate.ts';

let testDb: TestDb;
let server: pg.Client;
let folder: string;
beforeAll(async () => {
  testDb = await createTestDb();
  server = new pg.Client({ connectionString: inject('postgresUrl') });
  await server.connect();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'liaison-migrations-'));
  // Roles belong to the whole server, and other files' databases are on it: one at a time sets them.
  await server.query('select pg_advisory_lock(731000)');
});
afterEach(async () => {
  await server.query('select pg_advisory_unlock(731000)');
  await testDb.admin("delete from core.migration where schema = 'next'");
  await testDb.admin('drop schema if exists next cascade');
  await rm(folder, { recursive: true });
});
afterAll(async () => {
  await server.end();
  await testDb.close();
});

/** A program of that version, which knows these files beside the floor's. */
async function start(version: string | undefined, files: Record<string, string> = {}) {
  const own = await mkdtemp(join(folder, 'program-'));
  for (const [name, sql] of Object.entries(files)) await writeFile(join(own, `${name}.sql`), sql);
  return migrate({
    url: testDb.url,
    password: testPassword,
    ...(version === undefined ? {} : { version }),
    sources: [coreMigrations, { schema: 'next', folder: pathToFileURL(`${own}/`) }],
  });
}
const table = { '0001-thing': 'create table next.thing (id integer primary key, kind text);' };
const expand = { ...table, '0002-wider': "alter table next.thing add column note text not null default '';" };
const contract = {
  ...expand,
  '0003-narrower':
    '-- contract: nothing reads or writes it since 1.3.0\nalter table next.thing drop column kind;',
};

describe('a program on the database of a newer one', () => {
  it('goes on after what was added, and the newer one finds its own work done', async () => {
    expect(await start('1.2.0', table)).toEqual({ applied: 1 });
    expect(await start('1.3.0', expand)).toEqual({ applied: 1 });
    for (const version of ['1.2.0', undefined]) expect(await start(version, table)).toEqual({ applied: 0 });
    expect(await start('1.3.0', expand)).toEqual({ applied: 0 });
  });

  it('goes on after what was taken away only if it has not used that any more', async () => {
    await start('1.2.0', table);
    expect(await start('1.4.0', contract)).toEqual({ applied: 2 });
    for (const version of ['1.3.0', '1.3.0-rc.1', '1.10.2', '2.0.0']) {
      expect(await start(version, expand), version).toEqual({ applied: 0 });
    }
    for (const version of ['1.2.9', '0.9.0', undefined]) {
      await expect(start(version, expand), version).rejects.toThrow(
        /newer program: since next\/0003-narrower it needs 1\.3\.0, and this is /,
      );
    }
  });

  it('says what it has had, and what each needs, to whoever asks it with one statement', async () => {
    await start('1.4.0', contract);
    const [row] = await testDb.admin(landedMigrations);
    const landed = row?.json_agg as [string, string][];
    expect(landed[0]?.[0]).toMatch(/^core\/0001-/);
    expect(landed.slice(-3)).toEqual([
      ['next/0001-thing', ''],
      ['next/0002-wider', ''],
      ['next/0003-narrower', '1.3.0'],
    ]);
    // It goes through a shell, between quotes.
    expect(landedMigrations).not.toMatch(/["$`\\]/);
  });

  it('is stopped by a file of its own that was changed', async () => {
    await start('1.2.0', table);
    await expect(start('1.2.0', { '0001-thing': 'create table next.thing ();' })).rejects.toThrow(
      /next\/0001-thing was changed/,
    );
  });
});

describe('an index made beside the work', () => {
  const index = {
    ...table,
    '0002-index': 'create unique index concurrently if not exists thing_kind on next.thing (kind);',
  };
  const valid = () =>
    testDb.admin("select indisvalid from pg_index where indexrelid = to_regclass('next.thing_kind')");

  it('is made while other processes wait to start, and once', async () => {
    await start('1.0.0', table);
    const starts = await Promise.all([1, 2, 3].map(() => start('1.1.0', index)));
    expect(starts.map(({ applied }) => applied).sort()).toEqual([0, 0, 1]);
    expect(await valid()).toEqual([{ indisvalid: true }]);
  });

  it('that was broken off is made anew', async () => {
    await start('1.0.0', table);
    await testDb.admin("insert into next.thing values (1, 'same'), (2, 'same')");
    await expect(start('1.1.0', index)).rejects.toThrow(
      /next\/0002-index failed: could not create unique index/,
    );
    expect(await valid()).toEqual([{ indisvalid: false }]);
    await testDb.admin('delete from next.thing where id = 2');
    expect(await start('1.1.0', index)).toEqual({ applied: 1 });
    expect(await valid()).toEqual([{ indisvalid: true }]);
  });
});
