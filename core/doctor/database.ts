import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { programVersion } from '../config/index.ts';
import { isOlder } from '../db/expand-contract.ts';
import { type Examined, failed, good, reasonOf, type Said, type Step, warning } from './finding.ts';

const patienceMs = 5000;
const GiB = 2 ** 30;
/** How far a standby may be behind before somebody should look. */
const lagBytes = 64 * 2 ** 20;
const lagSeconds = 30;

/** Where the database is: the operator's, or the embedded one of a server that runs. Nothing is started for it. */
async function databaseAddress({ settings }: Pick<Examined, 'settings'>): Promise<string | null> {
  if (settings.databaseUrl !== undefined) return settings.databaseUrl;
  // Servers load this file too, and mostly have a database elsewhere.
  const { findRunningPostgres } = await import('../postgres/index.ts');
  return (await findRunningPostgres(settings.dataFolder))?.url ?? null;
}

/** One question as the operator's login, over a connection that ends with it. */
export async function askOnce<Row extends pg.QueryResultRow>(
  examined: Pick<Examined, 'settings'>,
  sql: string,
): Promise<Row[]> {
  return withClient(examined, async (client) => (await client.query<Row>(sql)).rows);
}

/** How far the database's clock is before ours, from the quickest of a few answers, and half of how long that took. */
export async function askClock(
  examined: Pick<Examined, 'settings'>,
): Promise<{ offsetMs: number; uncertainMs: number }> {
  return withClient(examined, async (client) => {
    const answers: { offsetMs: number; uncertainMs: number }[] = [];
    for (let time = 0; time < 4; time++) {
      const begun = Date.now();
      const { rows } = await client.query<{ now_ms: string }>(
        'select (extract(epoch from clock_timestamp()) * 1000)::bigint::text as now_ms',
      );
      const ended = Date.now();
      answers.push({
        offsetMs: Number(rows[0]?.now_ms) - (begun + ended) / 2,
        uncertainMs: (ended - begun) / 2,
      });
    }
    return answers.reduce((best, each) => (each.uncertainMs < best.uncertainMs ? each : best));
  });
}

class NoDatabase extends Error {}

async function withClient<T>(
  examined: Pick<Examined, 'settings'>,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const url = await databaseAddress(examined);
  if (url === null) throw new NoDatabase('no database runs');
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: patienceMs,
    query_timeout: patienceMs,
    application_name: 'liaison doctor',
  });
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/** Whether it answers, is the one that is written to, fits this program, and is followed by its standby. */
export const databaseStep: Step = {
  name: 'database',
  limitMs: 4 * patienceMs,
  async look(examined) {
    const { settings } = examined;
    try {
      return await withClient(examined, async (client) => [
        await judgeServer(client),
        await judgeMigrations(client, examined),
        ...(await judgeStandbys(client)),
      ]);
    } catch (error) {
      if (error instanceof NoDatabase)
        return [
          failed(
            'no database runs in the data folder',
            'start the server; or give this command the LIAISON_DATA or DATABASE_URL of the one that runs',
          ),
        ];
      const reason = reasonOf(error);
      if (/password|authentication|no pg_hba/i.test(reason))
        return [
          failed(`the database refuses the sign-in: ${reason}`, 'correct user and password in DATABASE_URL'),
        ];
      if (/does not exist/.test(reason))
        return [failed(reason, 'correct the name of the database in DATABASE_URL, or create it')];
      return [
        failed(
          `the database ${settings.databaseUrl === undefined ? '' : `at ${placeOf(settings.databaseUrl)} `}does not answer: ${reason}`,
          'look whether PostgreSQL runs, whether DATABASE_URL leads to it, and whether a firewall stands between',
        ),
      ];
    }
  },
};

/** Host and port alone: the address holds a password. */
const placeOf = (url: string): string => new URL(url).host || 'the local socket';

async function judgeServer(client: pg.Client): Promise<Said> {
  const begun = performance.now();
  const { rows } = await client.query<{
    version: string;
    number: string;
    bytes: string;
    standby: boolean;
    readonly: string;
  }>(
    `select current_setting('server_version') as version, current_setting('server_version_num') as number,
       pg_database_size(current_database())::text as bytes, pg_is_in_recovery() as standby,
       current_setting('default_transaction_read_only') as readonly`,
  );
  const ms = Math.round((performance.now() - begun) * 10) / 10;
  const [row] = rows;
  const figure = { value: ms, unit: 'ms' };
  if (row?.standby)
    return failed(
      'the database is a standby, which takes nothing new',
      'let DATABASE_URL lead to the primary; where the primary is lost, fail over first',
      figure,
    );
  if (row?.readonly === 'on')
    return failed(
      'the database takes nothing new (default_transaction_read_only)',
      'look why it was set, mostly by a full disk or a failover under way, and take it back',
      figure,
    );
  const words = `PostgreSQL ${row?.version}, ${(Number(row?.bytes) / GiB).toFixed(2)} GiB, answers in ${ms} ms`;
  if (Number(row?.number) < 180_000) return failed(`${words}: too old`, 'bring it to PostgreSQL 18', figure);
  return good(words, figure);
}

/** Whether this program and the database go together: what it lacks, and what newer programs have done to it. */
async function judgeMigrations(client: pg.Client, examined: Examined): Promise<Said> {
  const known = new Set<string>();
  for (const { schema, folder } of examined.migrations)
    for (const name of await readdir(fileURLToPath(folder)))
      if (name.endsWith('.sql')) known.add(`${schema}/${name.slice(0, -'.sql'.length)}`);
  const table = await client.query<{ there: boolean }>(
    "select to_regclass('core.migration') is not null as there",
  );
  if (!table.rows[0]?.there)
    return warning('the database is empty', 'start the server once, which sets it up');
  const { rows } = await client.query<{ key: string; needs: string | null }>(
    // The column is younger than the table.
    `select schema || '/' || name as key, to_jsonb(m)->>'needs_version' as needs from core.migration m order by applied_at, name`,
  );
  const version = programVersion(examined.env);
  const strange = rows.filter(({ key }) => !known.has(key));
  const needing = strange.find(({ needs }) => needs !== null && isOlder(version, needs));
  const figure = { value: rows.length, unit: 'steps' };
  if (needing)
    return failed(
      `the database needs version ${needing.needs} or newer since ${needing.key}, and this program is ${version}`,
      'take the newer version, or restore a backup from before it',
      figure,
    );
  const landed = new Set(rows.map(({ key }) => key));
  const missing = [...known].filter((key) => !landed.has(key));
  if (missing.length > 0)
    return warning(
      `the database lacks ${missing.length} steps of version ${version} (${missing[0]})`,
      'start a server of this version, which brings it up to date; right while an update is under way',
      figure,
    );
  if (strange.length > 0)
    return warning(
      `a newer program has brought the database ${strange.length} steps further than version ${version}; it works with that`,
      'right during an update, and after one that was taken back; otherwise take the newer version everywhere',
      figure,
    );
  return good(`the database is where version ${version} wants it (${rows.length} steps)`, figure);
}

async function judgeStandbys(client: pg.Client): Promise<Said[]> {
  const { rows } = await client.query<{
    name: string;
    state: string | null;
    bytes: string | null;
    seconds: number | null;
  }>(
    `select application_name as name, state, pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::bigint::text as bytes,
       extract(epoch from replay_lag)::float8 as seconds
     from pg_stat_replication where state <> 'backup' order by 1`,
  );
  return rows.map(({ name, state, bytes, seconds }) => {
    if (bytes === null)
      return warning(
        `the standby ${name} is there, and how far it is may not be asked`,
        'give the login of DATABASE_URL the role pg_monitor',
      );
    const behind = Number(bytes);
    const figure = { value: behind, unit: 'bytes behind' };
    const words = `the standby ${name} is ${(behind / 2 ** 20).toFixed(1)} MiB behind${seconds === null ? '' : `, ${seconds.toFixed(1)} s`}`;
    if (state !== 'streaming')
      return warning(
        `${words} and is catching up (${state})`,
        'wait, and look again; it cannot take over before',
        figure,
      );
    if (behind > lagBytes || (seconds ?? 0) > lagSeconds)
      return warning(
        words,
        'look at the network and the disk of the standby: what it lacks is lost in a failover',
        figure,
      );
    return good(words, figure);
  });
}
