import { setTimeout as sleep } from 'node:timers/promises';
import { blobsStep, runStep } from '@liaison/core/doctor';
import type { Core, Service } from '@liaison/core/floor';
import pg from 'pg';
import { z } from 'zod';
import type { SiteRows } from './across-organisations.ts';
import type { BackupNote } from './backup-note.ts';
import { partsNow } from './parts.ts';

/** How often the parts are looked at, the standbys asked, and blobs tried. */
const countEveryMs = 30_000;
const standbysEveryMs = 15_000;
const backupsEveryMs = 20_000;
const blobsEveryMs = 5 * 60_000;

export const standbysSchema = z
  .array(
    z.object({
      name: z.string(),
      state: z.string(),
      bytesBehind: z.number().nullable(),
      secondsBehind: z.number().nullable(),
    }),
  )
  .max(20);

/**
 * Looks for all processes together at what is looked at once: how far standbys are, whether blobs are taken, and minute by minute
 * whether each part is there. Several workers do each other no harm: a minute is counted once.
 */
export function createWatch(
  core: Pick<Core, 'settings' | 'log' | 'outbox'>,
  rows: SiteRows,
  backups: () => BackupNote | undefined,
): Service {
  const { settings, log, outbox } = core;
  let running: { stop(): Promise<void> } | undefined;

  const tasks: readonly { every: number; what: string; work: () => Promise<void> }[] = [
    {
      every: countEveryMs,
      what: 'parts',
      work: async () => {
        await rows.count(partsNow(await rows.processes(), (await outbox.backlog()).lagSeconds));
        await rows.forgetOld();
        await rows.forgetOldDays();
      },
    },
    {
      every: standbysEveryMs,
      what: 'standbys',
      work: async () => {
        // Ours is on this machine and has none.
        if (settings.databaseUrl !== undefined)
          await rows.note('standbys', await askStandbys(settings.databaseUrl));
      },
    },
    {
      every: backupsEveryMs,
      what: 'backups',
      work: async () => {
        const note = backups();
        // Another process keeps them, or nobody does.
        if (note) await rows.note('backup', note);
      },
    },
    {
      every: blobsEveryMs,
      what: 'blobs',
      work: async () => {
        const examined = { settings, env: {}, log, migrations: [], host: '', timeServer: null };
        const found = await runStep(blobsStep, examined);
        const ok = found.every(({ outcome }) => outcome === 'good');
        if (!ok) log.warn({ found: found.map(({ what }) => what) }, 'blobs are not taken as they should be');
        await rows.note('blobs', { ok });
      },
    },
  ];

  function run(): { stop(): Promise<void> } {
    const stopping = new AbortController();
    const loops = tasks.map(async ({ every, what, work }) => {
      let failing = false;
      while (!stopping.signal.aborted) {
        try {
          await work();
          failing = false;
        } catch (error) {
          if (!failing)
            log.warn({ err: error, what }, 'the installation could not be looked at; trying again');
          failing = true;
        }
        await sleep(every, undefined, { signal: stopping.signal }).catch(() => {});
      }
    });
    return {
      async stop() {
        stopping.abort();
        await Promise.all(loops);
      },
    };
  }

  return {
    name: 'sites.watch',
    async start() {
      running ??= run();
    },
    async stop() {
      await running?.stop();
      running = undefined;
    },
  };
}

/** Asked as the operator's login: PostgreSQL tells how far a standby is to nobody else. */
async function askStandbys(connectionString: string): Promise<z.infer<typeof standbysSchema>> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5000, query_timeout: 5000 });
  client.on('error', () => {});
  await client.connect();
  try {
    const { rows } = await client.query<{
      name: string;
      state: string | null;
      bytes: string | null;
      seconds: number | null;
    }>(
      `select application_name as name, state, pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::bigint::text as bytes,
         extract(epoch from replay_lag)::float8 as seconds
       from pg_stat_replication where not pg_is_in_recovery() and state <> 'backup' order by 1 limit 20`,
    );
    return rows.map(({ name, state, bytes, seconds }) => ({
      name,
      state: state ?? '',
      bytesBehind: bytes === null ? null : Number(bytes),
      secondsBehind: seconds,
    }));
  } finally {
    await client.end().catch(() => {});
  }
}
