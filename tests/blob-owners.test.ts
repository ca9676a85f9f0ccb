import { createTestDb, type TestDb } from '@liaison/core/testing';
import { blobOwners, migrations } from '@liaison/server/compose';
import { afterAll, beforeAll, expect, test } from 'vitest';

let testDb: TestDb;
beforeAll(async () => {
  testDb = await createTestDb(migrations.filter(({ schema }) => schema !== 'core'));
});
afterAll(() => testDb?.close());

/** Sums of something that is no blob. */
const noBlobs = ['files.preview.source_sha256'];

test('Whoever has a column with names of blobs is asked before one is removed, and answers by an index', async () => {
  const columns = await testDb.admin(
    `select table_schema || '.' || table_name as "table", column_name as "column" from information_schema.columns
     where table_schema not in ('pg_catalog', 'information_schema') and data_type = 'text'
       and (column_name ~ 'sha256' or column_name in ('photo', 'picture', 'logo', 'blob'))
       and not (table_schema = 'people' and column_name like 'ha1%')`,
  );
  const all = columns
    .map(({ table, column }) => ({ table: String(table), column: String(column) }))
    .filter(({ table, column }) => !noBlobs.includes(`${table}.${column}`));
  expect(all.length).toBeGreaterThanOrEqual(8);
  const asked: string[] = [];
  await testDb.db.system(async (tx) => {
    const listening = new Proxy(tx, {
      get(target, name) {
        if (name !== 'query') return Reflect.get(target, name);
        return (text: string, parameters: unknown[]) => {
          asked.push(text);
          return target.query(text, parameters);
        };
      },
    });
    for (const owner of blobOwners) expect(await owner.named(listening, ['0'.repeat(64)])).toEqual([]);
  });
  const questions = asked.join('\n').replaceAll(/\s+/g, ' ');
  for (const { table, column } of all) {
    expect(questions).toMatch(new RegExp(`from ${table} where ${column} = any`));
    const indexes = await testDb.admin('select indexdef from pg_indexes where indexdef ~ $1', [
      `ON ${table} USING btree \\(${column}\\)`,
    ]);
    expect(indexes, `an index on ${table} (${column})`).toHaveLength(1);
  }
});
