import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { isConcurrent, isOlder, neededVersion } from './expand-contract.ts';
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
  /** Of this program, as `1.4.0`: whether a newer one's database still is one that it can work with. */
  version?: string;
  /** Libraries that migrate themselves, after ours: they get the schema that was made for their role. */
  log?: { info(fields: Record<string, unknown>, message: string): void };
}

/** The database lacks what this program needs, or a landed migration was changed. */
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
  /** See `neededVersion`. */
  needsVersion: string | null;
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
        needsVersion: neededVersion(sql),
      });
    }
  }
  return all;
}

/**
 * Brings the database to what this program needs. Forward only; each file in its own transaction, under one advisory
 * lock, with a lock_timeout so that a busy table makes it fail and be tried again rather than stop everybody.
 *
 * A database that a newer program has been at is worked with, unless that program took away what this one uses: while an
 * update rolls out, and after one that was taken back, both have the same database (decision 9).
 *
 * @returns how many files were applied.
 * @throws MigrationRefused when a newer program took something away, or a landed file was edited.
 * @throws ForeignMasterKey before anything is changed, when another installation's master key set the roles.
 */
export async function migrate(options: MigrateOptions): Promise<{ applied: number }> {
  const migrations = await readMigrations(options.sources);
  const client = new pg.Client({ connectionString: options.url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    await lockMigrations(client);
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
    await addNeedsVersion(client);
    const done = new Map<string, string>();
    const known = new Set(migrations.map((m) => `${m.schema}/${m.name}`));
    const landed = await client.query<{ key: string; checksum: string; needs_version: string | null }>(
      "select schema || '/' || name as key, checksum, needs_version from core.migration order by applied_at, name",
    );
    const { version = '0.0.0' } = options;
    for (const { key, checksum, needs_version: needs } of landed.rows) {
      done.set(key, checksum);
      if (known.has(key) || needs === null || !isOlder(version, needs)) continue;
      throw new MigrationRefused(
        `the database has been used by a newer program: since ${key} it needs ${needs}, and this is ${version}`,
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
      try {
        await apply(client, migration);
      } catch (error) {
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

/**
 * One process at a time. Asked again and again rather than waited for: a statement that waits is seen by PostgreSQL as one
 * under way, and `create index concurrently` would wait for it in turn.
 */
async function lockMigrations(client: pg.Client, withinMs = 60_000): Promise<void> {
  for (const until = Date.now() + withinMs; ; await sleep(50)) {
    const { rows } = await client.query('select pg_try_advisory_lock($1) as locked', [migrationLock]);
    if (rows[0]?.locked === true) return;
    if (Date.now() > until)
      throw new Error('another process is bringing the database up to date for too long');
  }
}

/** Added by the first start of a program that knows it; looked for first, because even an idle `alter` locks the table. */
async function addNeedsVersion(client: pg.Client): Promise<void> {
  const { rowCount } = await client.query(
    "select from pg_attribute where attrelid = 'core.migration'::regclass and attname = 'needs_version'",
  );
  if (rowCount === 0) await client.query('alter table core.migration add column needs_version text');
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  const note = () =>
    client.query(
      'insert into core.migration (schema, name, checksum, needs_version) values ($1, $2, $3, $4)',
      [migration.schema, migration.name, migration.checksum, migration.needsVersion],
    );
  if (isConcurrent(migration.sql)) {
    await applyConcurrently(client, migration.sql);
    await note();
    return;
  }
  await client.query('begin');
  try {
    await client.query(`create schema if not exists ${migration.schema}`);
    await client.query(`grant usage on schema ${migration.schema} to liaison_app, liaison_system`);
    await client.query(migration.sql);
    await note();
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

/**
 * An index made beside the work waits for transactions that began before it, so it has more patience. One that was broken
 * off leaves an index that is not valid, and `if not exists` would take it for done: it is removed first.
 */
async function applyConcurrently(client: pg.Client, sql: string): Promise<void> {
  const name = /index concurrently (?:if not exists )?(?!on\b)(\w+)\s+on\s+(\w+)\./i.exec(sql);
  if (name) {
    const broken = await client.query(
      `select from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
       where not i.indisvalid and c.relname = $1 and n.nspname = $2`,
      [name[1], name[2]],
    );
    if ((broken.rowCount ?? 0) > 0) await client.query(`drop index ${name[2]}.${name[1]}`);
  }
  await client.query("set lock_timeout = '10min'");
  try {
    await client.query(sql);
  } finally {
    await client.query("set lock_timeout = '5s'");
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
