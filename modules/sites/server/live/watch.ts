import { randomBytes } from 'node:crypto';
import { access, constants } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Core, Service } from '@liaison/core/floor';
import pg from 'pg';
import { z } from 'zod';
import type { SiteRows } from './across-organisations.ts';
import type { BackupNote } from './backup-note.ts';
import { partsNow } from './parts.ts';

/** How often the parts are looked at, the standbys and the place of blobs asked. */
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
  core: Pick<Core, 'settings' | 'log' | 'outbox' | 'blobs'>,
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
        const ok = await reachesBlobs(core).then(
          () => true,
          (error: unknown) => {
            log.warn({ err: error }, 'the place of blobs cannot be reached');
            return false;
          },
        );
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

/** Asks for a blob that nobody has. None is written: backups would see it come and go; the operator's doctor tries that. */
async function reachesBlobs({ blobs, settings }: Pick<Core, 'blobs' | 'settings'>): Promise<void> {
  if (settings.blobsUrl.startsWith('file:')) await access(fileURLToPath(settings.blobsUrl), constants.W_OK);
  await blobs.has(randomBytes(32).toString('hex'));
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
