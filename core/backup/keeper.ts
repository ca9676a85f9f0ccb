import { setTimeout as sleep } from 'node:timers/promises';
import { createBlobs } from '../blobs/index.ts';
import type { Log } from '../log/index.ts';
import { backupSlot } from '../postgres/backup-slot.ts';
import { createIdentity } from './age.ts';
import { makeBase } from './base.ts';
import { checkBackup } from './check.ts';
import { openClient } from './client.ts';
import { isDue } from './schedule.ts';
import type { BackupPlan } from './settings.ts';
import { followBlobs } from './ship-blobs.ts';
import { shipLog } from './ship-log.ts';
import { type BackupStore, openBackupStore } from './store.ts';
import { addedBlobsFolder, type Base, listBases } from './summary.ts';
import { thinUnderLock } from './thin.ts';
import { listWal, walAfter } from './wal.ts';
import { openWalsender, parseLsn } from './walsender.ts';

/** What is known of the backups; plain data, told again whenever something of it has changed. */
export interface BackupStatus {
  /** When the newest whole base ended, and how large it is in the store without its blobs. */
  lastBase: { id: string; endedAt: string; storedBytes: number; verified: boolean | undefined } | undefined;
  lastVerifiedAt: string | undefined;
  bases: number;
  /** Since when written log has waited to be shipped; undefined when all of it is safe. */
  waitingSince: string | undefined;
  lastShippedAt: string | undefined;
  /** Log that the database keeps for us, in bytes, and how much more it will keep; undefined where it has no limit. */
  keptLogBytes: number;
  leftLogBytes: number | undefined;
  /** What goes wrong now, by part. */
  faults: Partial<Record<'store' | 'base' | 'log' | 'room' | 'blobs' | 'check', string>>;
}

export interface KeeperOptions {
  plan: BackupPlan;
  url: string;
  log: Log;
  signal: AbortSignal;
  onStatus: (status: BackupStatus) => void;
  /** Shorter ones are for tests. */
  times?: Partial<KeeperTimes>;
  systemFolder?: string;
}

export interface KeeperTimes {
  logMs: number;
  blobsMs: number;
  lookMs: number;
  listMs: number;
  retryMs: number;
}

const usualTimes: KeeperTimes = {
  logMs: 20_000,
  blobsMs: 45_000,
  lookMs: 30_000,
  listMs: 10 * 60_000,
  retryMs: 5_000,
};
const longestRetryMs = 5 * 60_000;
/** A base that fails has written much: it is not begun again every other minute. */
const longestBaseRetryMs = 30 * 60_000;

/**
 * Keeps the backups of one installation until the signal comes: ships log and blobs, makes a base when one is due or when
 * the log has a gap, proves it, and thins. What fails is told in the status and tried again, ever more slowly; a part that
 * fails stops no other.
 */
export async function keepBackups(options: KeeperOptions): Promise<void> {
  const { plan, url, log, signal, onStatus } = options;
  const times = { ...usualTimes, ...options.times };
  const status: BackupStatus = {
    lastBase: undefined,
    lastVerifiedAt: undefined,
    bases: 0,
    waitingSince: undefined,
    lastShippedAt: undefined,
    keptLogBytes: 0,
    leftLogBytes: undefined,
    faults: {},
  };
  const tell = (changes: Partial<BackupStatus>) => onStatus(structuredClone(Object.assign(status, changes)));
  const fault = (part: keyof BackupStatus['faults'], why: string | undefined) => {
    if (status.faults[part] === why) return;
    if (why === undefined) delete status.faults[part];
    else status.faults[part] = why;
    tell({});
  };
  /** Repeats a part for ever; what it throws is told, and the pauses grow while it goes on failing. */
  const forever = async (part: keyof BackupStatus['faults'], work: () => Promise<void>, everyMs: number) => {
    let pauseMs = times.retryMs;
    while (!signal.aborted) {
      let waitMs = everyMs;
      const began = performance.now();
      try {
        await work();
        fault(part, undefined);
        pauseMs = times.retryMs;
      } catch (error) {
        if (signal.aborted) return;
        const why = error instanceof Error ? error.message : String(error);
        log.warn({ err: error, part, againInMs: pauseMs }, 'a backup could not go on');
        fault(part, why.slice(0, 500));
        // What ran well for long and then failed is tried again at once.
        if (performance.now() - began > longestRetryMs) pauseMs = times.retryMs;
        waitMs = pauseMs;
        pauseMs = Math.min(part === 'base' ? longestBaseRetryMs : longestRetryMs, pauseMs * 2);
      }
      await sleep(waitMs, undefined, { signal }).catch(() => {});
    }
  };

  const store = await opened(plan, { forever, fault, signal });
  if (store === undefined) return;
  const blobs = await createBlobs(plan.blobsUrl);
  const nameKey = Buffer.from(plan.nameKey, 'hex');
  /** Looked at now and then, and not twice a minute: a store may take its time for long lists. */
  let known: { bases: Base[]; gap: string | undefined; at: number } | undefined;

  const lookAtBases = async (): Promise<Base[]> => {
    const bases = await listBases(store, (name, why) => log.warn({ name, why }, 'a backup cannot be read'));
    const last = bases.at(-1);
    const verified = bases.findLast((base) => base.verified?.ok);
    tell({
      bases: bases.length,
      lastBase: last && {
        id: last.id,
        endedAt: last.endedAt,
        storedBytes: last.database.storedBytes,
        verified: last.verified?.ok,
      },
      lastVerifiedAt: verified?.verified?.at,
    });
    return bases;
  };

  const keepBases = async () => {
    if (known === undefined || performance.now() - known.at > times.listMs) {
      const found = await lookAtBases();
      known = { bases: found, gap: await gapOf(store, url, found), at: performance.now() };
    }
    const { bases, gap: why } = known;
    const due = isDue(
      plan.at,
      bases.map((base) => new Date(base.startedAt)),
      new Date(),
    );
    if (!due && why === undefined) return;
    const checker = await createIdentity();
    log.info({ because: why ?? 'it is time' }, 'a backup begins');
    const made = await makeBase({
      ...plan,
      url,
      store,
      checker: checker.recipient,
      blobs,
      nameKey,
      log,
      signal,
    });
    known = undefined;
    log.info({ id: made.id, bytes: made.database.storedBytes, blobs: made.blobs }, 'a backup is made');
    await thinUnderLock({ url, store, keep: plan.keep, zone: plan.at.zone, log });
    fault('base', undefined);
    await lookAtBases();
    try {
      // The identity of this one base is known to this process alone, and goes with it.
      const checked = await checkBackup({
        store,
        identities: [checker.identity],
        base: made,
        blobs: 'present',
        workFolder: plan.workFolder,
        log,
        ...(options.systemFolder === undefined ? {} : { systemFolder: options.systemFolder }),
      });
      log.info(
        { id: made.id, detail: checked.detail, seconds: checked.seconds },
        'a backup is proved by a restore',
      );
      fault('check', undefined);
    } catch (error) {
      log.error({ err: error, id: made.id }, 'a backup could not be proved');
      fault('check', error instanceof Error ? error.message : String(error));
    }
    await lookAtBases();
  };

  await Promise.all([
    forever('base', keepBases, times.lookMs),
    forever(
      'log',
      () =>
        shipLog({
          url,
          store,
          recipients: plan.recipients,
          everyMs: times.logMs,
          log,
          signal,
          onShipped() {
            fault('log', undefined);
            tell({ lastShippedAt: new Date().toISOString() });
          },
          onWaiting: (since) => tell({ waitingSince: since?.toISOString() }),
        }),
      times.retryMs,
    ),
    (async () => {
      const since = await firstLook(store).catch(() => new Date(0));
      const follower = followBlobs({
        store,
        blobs,
        recipients: plan.recipients,
        nameKey,
        since,
        log,
        signal,
      });
      const look = async () => {
        const began = performance.now();
        await follower.look();
        // Looking through very many files takes long: it is no more than a tenth of what this does.
        const waitMs = Math.min(longestBaseRetryMs, 10 * (performance.now() - began));
        if (waitMs > times.blobsMs) await sleep(waitMs, undefined, { signal }).catch(() => {});
      };
      await forever('blobs', look, times.blobsMs);
    })(),
    forever('room', () => watchKeptLog(url, tell), times.lookMs),
  ]);
}

async function opened(
  plan: BackupPlan,
  {
    forever,
    fault,
    signal,
  }: {
    forever: (part: 'store', work: () => Promise<void>, everyMs: number) => Promise<void>;
    fault: (part: 'store', why: string | undefined) => void;
    signal: AbortSignal;
  },
): Promise<BackupStore | undefined> {
  let store: BackupStore | undefined;
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  void forever(
    'store',
    async () => {
      if (store === undefined) {
        store = await openBackupStore(plan.to);
        signal.addEventListener('abort', () => store?.close(), { once: true });
        resolve();
      }
    },
    60_000,
  );
  signal.addEventListener('abort', () => resolve(), { once: true });
  await ready;
  fault('store', undefined);
  return store;
}

/** Why the newest base and the log that is shipped do not go together, or undefined. */
async function gapOf(store: BackupStore, url: string, bases: readonly Base[]): Promise<string | undefined> {
  const walsender = await openWalsender(url);
  try {
    const { systemId, timeline } = await walsender.identify();
    const base = bases.findLast((one) => one.systemId === systemId && one.timeline === timeline);
    if (base === undefined) return 'there is none of this database';
    const range = { start: parseLsn(base.startLsn), end: parseLsn(base.endLsn) };
    const { gapAt } = await walAfter(listWal(store, systemId, timeline), range);
    return gapAt === undefined ? undefined : 'the log after the last one has a gap';
  } finally {
    await walsender.close();
  }
}

/** When the blobs that the store lacks can have come at the earliest. */
async function firstLook(store: BackupStore): Promise<Date> {
  let last = '';
  for await (const { name } of store.list(addedBlobsFolder)) last = name;
  const [, y, mo, d, h, mi, s] = /^added\/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-/.exec(last) ?? [];
  const listed = y === undefined ? undefined : new Date(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
  const base = (await listBases(store)).at(-1);
  const begun = base === undefined ? new Date() : new Date(base.startedAt);
  return listed === undefined || listed < begun ? begun : listed;
}

async function watchKeptLog(url: string, tell: (changes: Partial<BackupStatus>) => void): Promise<void> {
  const client = openClient(url);
  try {
    await client.connect();
    const { rows } = await client.query<{ kept: string | null; left: string | null }>(
      `SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::text AS kept, safe_wal_size::text AS left FROM pg_replication_slots WHERE slot_name = '${backupSlot}'`,
    );
    tell({
      keptLogBytes: Number(rows[0]?.kept ?? 0),
      leftLogBytes: rows[0]?.left === null || rows[0] === undefined ? undefined : Number(rows[0].left),
    });
  } finally {
    await client.end().catch(() => {});
  }
}
