import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';
import { inject } from 'vitest';
import { createDb, type Db, type MigrationSource, migrate, type RolePassword } from '../db/index.ts';

export const coreMigrations: MigrationSource = {
  schema: 'core',
  folder: new URL('../db/migrations/', import.meta.url),
};

/** Test databases share their server's roles, so all use the same passwords. */
export const testPassword: RolePassword = (role) => createHash('sha256').update(`test ${role}`).digest('hex');

export interface TestDb {
  readonly db: Db;
  /** Address of this database for `liaison_owner`'s keeper, the superuser. */
  readonly url: string;
  /** Runs SQL as the superuser, past every policy: to look, and to break things on purpose. */
  admin(sql: string, parameters?: unknown[]): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

async function fingerprint(sources: readonly MigrationSource[]): Promise<string> {
  const hash = createHash('sha256');
  for (const source of sources) {
    for (const name of (await readdir(source.folder)).sort()) {
      hash.update(`${source.schema}/${name}\n`).update(await readFile(new URL(name, source.folder)));
    }
  }
  return hash.digest('hex').slice(0, 16);
}

const withClient = async <T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

/** A database of its own with these migrations (core's come first), copied from a template made once per run. */
export async function createTestDb(sources: readonly MigrationSource[] = []): Promise<TestDb> {
  const all = [coreMigrations, ...sources];
  const server = inject('postgresUrl');
  const template = `template_${await fingerprint(all)}`;
  const name = `test_${randomBytes(6).toString('hex')}`;
  const at = (database: string) => {
    const url = new URL(server);
    url.pathname = `/${database}`;
    return url.href;
  };
  await withClient(server, async (client) => {
    // Roles and templates belong to the whole server: one test file at a time makes them.
    await client.query('select pg_advisory_lock(731000)');
    const found = await client.query('select from pg_database where datname = $1', [template]);
    if (found.rowCount === 0) {
      await client.query(`create database ${template}_making`);
      await migrate({ url: at(`${template}_making`), password: testPassword, sources: all });
      await client.query(`alter database ${template}_making rename to ${template}`);
    }
    await client.query(`create database ${name} template ${template}`);
  });
  const url = at(name);
  const db = createDb({ url, password: testPassword, poolSize: 6 });
  return {
    db,
    url,
    admin: (sql, parameters = []) =>
      withClient(url, async (client) => (await client.query(sql, parameters)).rows),
    async close() {
      await db.close();
      await withClient(server, (client) => client.query(`drop database ${name} with (force)`));
    },
  };
}
