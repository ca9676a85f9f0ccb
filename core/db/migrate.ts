import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { type LoginRole, loginRoles, ownerRole, type RolePassword } from './roles.ts';

/**
 * One schema's migrations: a folder of `NNNN-what.sql` files, applied in order, never edited after they landed.
 * `schema` is also the module's name; `core` comes first.
 */
export interface MigrationSource {
  readonly schema: string;
  readonly folder: URL;
}

export interface MigrateOptions {
  /** A login that may create roles and schemas in this database (embedded: the superuser). */
  url: string;
  password: RolePassword;
  /**
   * What tells the master key behind `password` from others, the newest key's first. The first is noted on the roles; a
   * server whose roles were set by a key that is not among these is left alone. Absent: nothing is looked at or noted.
   */
  keyMarks?: readonly string[];
  sources: readonly MigrationSource[];
  /** Libraries that migrate themselves, after ours: they get the schema that was made for their role. */
  log?: { info(fields: Record<string, unknown>, message: string): void };
}

/** The database is newer than this program, or a landed migration was changed. */
export class MigrationRefused extends Error {
  override name = 'MigrationRefused';
}

/** The roles of this server have passwords from a master key that this process does not have. */
export class ForeignMasterKey extends Error {
  override name = 'ForeignMasterKey';
}

interface Migration {
  schema: string;
  name: string;
  sql: string;
  checksum: string;
}

// Any constant will do, so long as no other use of advisory locks takes it.
const migrationLock = 731_001;

async function readMigrations(sources: readonly MigrationSource[]): Promise<Migration[]> {
  const all: Migration[] = [];
  for (const source of sources) {
    const folder = fileURLToPath(source.folder);
    const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
    for (const name of names) {
      const sql = await readFile(new URL(name, source.folder), 'utf8');
      all.push({
        schema: source.schema,
        name: basename(name, '.sql'),
        sql,
        checksum: createHash('sha256').update(sql).digest('hex'),
      });
    }
  }
  return all;
}

/**
 * Brings the database to what this program needs. Forward only; each file in its own transaction, under one advisory
 * lock, with a lock_timeout so that a busy table makes it fail and be tried again rather than stop everybody.
 *
 * @returns how many files were applied.
 * @throws MigrationRefused when the database is newer than this program or a landed file was edited.
 * @throws ForeignMasterKey before anything is changed, when another installation's master key set the roles.
 */
export async function migrate(options: MigrateOptions): Promise<{ applied: number }> {
  const migrations = await readMigrations(options.sources);
  const client = new pg.Client({ connectionString: options.url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    await client.query("select set_config('lock_timeout', '60s', false)");
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    if (options.keyMarks) await refuseForeignKey(client, options.keyMarks);
    await makeRoles(client, options.password);
    const [mark] = options.keyMarks ?? [];
    if (mark !== undefined) {
      await client.query(`comment on role ${ownerRole} is ${pg.escapeLiteral(markPrefix + mark)}`);
    }
    await client.query(`set role ${ownerRole}`);
    await client.query("set lock_timeout = '5s'");
    await client.query(`
      create schema if not exists core;
      create table if not exists core.migration (
        schema text not null, name text not null, checksum text not null, applied_at timestamptz not null default now(),
        primary key (schema, name)
      )`);
    const done = new Map<string, string>();
    for (const row of (await client.query('select schema, name, checksum from core.migration')).rows) {
      done.set(`${row.schema}/${row.name}`, row.checksum);
    }
    const known = new Set(migrations.map((m) => `${m.schema}/${m.name}`));
    const newer = [...done.keys()].filter((key) => !known.has(key));
    if (newer.length > 0) {
      throw new MigrationRefused(
        `the database has been used by a newer program (it knows ${newer[0]}, this program does not)`,
      );
    }
    let applied = 0;
    for (const migration of migrations) {
      const key = `${migration.schema}/${migration.name}`;
      const checksum = done.get(key);
      if (checksum === migration.checksum) continue;
      if (checksum !== undefined) {
        throw new MigrationRefused(
          `migration ${key} was changed after it was applied; add a new one instead`,
        );
      }
      await client.query('begin');
      try {
        await client.query(`create schema if not exists ${migration.schema}`);
        await client.query(`grant usage on schema ${migration.schema} to liaison_app, liaison_system`);
        await client.query(migration.sql);
        await client.query('insert into core.migration (schema, name, checksum) values ($1, $2, $3)', [
          migration.schema,
          migration.name,
          migration.checksum,
        ]);
        await client.query('commit');
      } catch (error) {
        await client.query('rollback');
        throw new Error(`migration ${key} failed: ${(error as Error).message}`, { cause: error });
      }
      applied += 1;
      options.log?.info({ migration: key }, 'migration applied');
    }
    return { applied };
  } finally {
    await client.end();
  }
}

const markPrefix = 'master key ';

/**
 * Roles belong to the whole server, so their mark does too: it stands in the comment on one of them. A process with another
 * key would otherwise set other passwords and shut everybody else out without a word.
 */
async function refuseForeignKey(client: pg.Client, marks: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ mark: string | null }>(
    "select shobj_description(oid, 'pg_authid') as mark from pg_roles where rolname = $1",
    [ownerRole],
  );
  const comment = rows[0]?.mark;
  if (!comment?.startsWith(markPrefix)) return;
  if (!marks.includes(comment.slice(markPrefix.length))) {
    throw new ForeignMasterKey('this database was set up with another master key');
  }
}

async function makeRoles(client: pg.Client, password: RolePassword): Promise<void> {
  const existing = new Set<string>(
    (await client.query("select rolname from pg_roles where rolname like 'liaison\\_%'")).rows.map(
      (r) => r.rolname,
    ),
  );
  const database = pg.escapeIdentifier(
    (await client.query('select current_database() as name')).rows[0].name,
  );
  if (!existing.has(ownerRole)) {
    await client.query(`create role ${ownerRole} nologin nosuperuser nobypassrls`);
    await client.query(`grant ${ownerRole} to current_user`);
  }
  await client.query(`grant create, connect on database ${database} to ${ownerRole}`);
  for (const role of loginRoles) {
    const secret = pg.escapeLiteral(password(role));
    const verb = existing.has(role) ? 'alter' : 'create';
    await client.query(
      `${verb} role ${role} login nosuperuser nobypassrls nocreatedb nocreaterole noinherit password ${secret}`,
    );
    await client.query(`grant connect on database ${database} to ${role}`);
    for (const [setting, value] of Object.entries(timeouts[role])) {
      await client.query(`alter role ${role} set ${setting} = '${value}'`);
    }
  }
  // Trusted extensions of PostgreSQL's own contrib; the owner of our schemas may not create in `public`.
  for (const extension of ['pg_trgm', 'unaccent'])
    await client.query(`create extension if not exists ${extension}`);
  // Two libraries migrate and own a schema of their own; ours never lie in it.
  for (const [schema, role] of Object.entries({ auth: 'liaison_auth', graphile_worker: 'liaison_jobs' })) {
    await client.query(`grant ${role} to current_user`);
    await client.query(`create schema if not exists ${schema} authorization ${role}`);
  }
}

/** Nothing waits for ever: a statement, a lock and a forgotten transaction each end by themselves. */
const timeouts: Record<LoginRole, Record<string, string>> = {
  liaison_app: { statement_timeout: '15s', lock_timeout: '5s', idle_in_transaction_session_timeout: '30s' },
  liaison_system: {
    statement_timeout: '60s',
    lock_timeout: '10s',
    idle_in_transaction_session_timeout: '60s',
  },
  liaison_auth: { statement_timeout: '15s', lock_timeout: '5s', idle_in_transaction_session_timeout: '30s' },
  liaison_jobs: { lock_timeout: '10s', idle_in_transaction_session_timeout: '60s' },
};
