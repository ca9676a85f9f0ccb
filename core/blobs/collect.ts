import { z } from 'zod';
import type { Db, Tx } from '../db/index.ts';
import { defineJob, type Jobs } from '../jobs/jobs.ts';
import type { Log } from '../log/index.ts';
import type { Metrics } from '../metrics/index.ts';
import type { Blobs } from './blobs.ts';

/** One module's answer about the blobs that its rows name. Every module with a column of such names offers one. */
export interface BlobsNamed {
  readonly module: string;
  /**
   * Those of these that any of its rows names, in whatever organisation; found by an index for each column. At most
   * `collectedPage` are asked for at once. The transaction reads across organisations.
   */
  named(tx: Tx, sha256s: readonly string[]): Promise<readonly string[]>;
}

export interface CollectorDependencies {
  blobs: Blobs;
  db: Pick<Db, 'system'>;
  jobs: Jobs;
  log: Log;
  metrics: Metrics;
}

/** So many are asked for in one question, and removed by one job. */
export const collectedPage = 500;
/** Whoever puts a blob names it within this time, or puts it again. */
const namedWithinMs = 60 * 60 * 1000;
/** The names of a job's payload take 67 bytes each of its 64 kB. */
const removeUnnamedJob = defineJob({
  name: 'core.remove-unnamed-blobs',
  payload: z.strictObject({ sha256s: z.array(z.string().regex(/^[0-9a-f]{64}$/)).max(collectedPage) }),
});

export interface Collector {
  /** Looks through all blobs and condemns those that nobody names; `later` is told of them, a page at a time. */
  condemn(later: (sha256s: string[]) => Promise<void>, signal: AbortSignal): Promise<Counted>;
  /** Removes those of them that still nobody names, and that nobody put since. */
  remove(sha256s: readonly string[], signal: AbortSignal): Promise<Counted>;
}
interface Counted {
  readonly bytes: number;
  readonly count: number;
}

/**
 * Removes blobs that no row names any more. All that are older than an hour are asked for, a page at a time; those that nobody
 * names are condemned, asked for again an hour later, and go if nobody put the same bytes meanwhile.
 *
 * That no row ever names a blob that went, over all processes: somebody puts a blob at `p` and names it by a commit at `c`, within an
 * hour. Rows are asked at `q`, and it is removed only if nobody put it since an hour before `q`. If `p` is later than that it stays;
 * if it is earlier, `c` came before `q` and the row was found. That a put and the removal do not pass each other unseen is the
 * store's promise (`Blobs.removeCondemned`). A row copied from another that is deleted at that moment is found at one of both times,
 * or lies under a lock with it, as files of a tree do.
 */
export function createCollector(
  owners: readonly BlobsNamed[],
  { blobs, db }: Pick<CollectorDependencies, 'blobs' | 'db'>,
): Collector {
  const unnamed = async (sha256s: readonly string[]): Promise<string[]> => {
    // One that cannot answer fails the whole: nothing is removed that somebody was not asked for.
    const named = await db.system(async (tx) => {
      const answers = [];
      for (const owner of owners) answers.push(...(await owner.named(tx, sha256s)));
      return new Set(answers);
    });
    return sha256s.filter((sha256) => !named.has(sha256));
  };
  return {
    async condemn(later, signal) {
      const before = new Date(Date.now() - namedWithinMs);
      const kept = { bytes: 0, count: 0 };
      let page: string[] = [];
      const look = async () => {
        const sha256s = page.length === 0 ? [] : await unnamed(page);
        page = [];
        if (sha256s.length === 0) return;
        for (const sha256 of sha256s) await blobs.condemn(sha256);
        await later(sha256s);
      };
      for await (const { sha256, bytes, storedAt } of blobs.list()) {
        signal.throwIfAborted();
        kept.bytes += bytes;
        kept.count += 1;
        if (storedAt < before && page.push(sha256) === collectedPage) await look();
      }
      await look();
      return kept;
    },
    async remove(sha256s, signal) {
      // Taken before anybody is asked.
      const before = new Date(Date.now() - namedWithinMs);
      const gone = { bytes: 0, count: 0 };
      const still = new Set(await unnamed(sha256s));
      for (const sha256 of sha256s) {
        signal.throwIfAborted();
        const bytes = still.has(sha256) ? await blobs.removeCondemned(sha256, before) : null;
        if (!still.has(sha256)) await blobs.pardon(sha256);
        if (bytes === null) continue;
        gone.bytes += bytes;
        gone.count += 1;
      }
      return gone;
    },
  };
}

/**
 * Collects each night, in one process. Call it once, before `jobs.start()`, with what every module names: what one forgets to
 * offer would be lost.
 */
export function collectBlobs(owners: readonly BlobsNamed[], dependencies: CollectorDependencies): void {
  const { jobs, log, metrics } = dependencies;
  const collector = createCollector(owners, dependencies);
  let keptBytes: number | undefined;
  let removedBytes = 0;
  jobs.every('core.collect-blobs', '47 4 * * *', async ({ signal }) => {
    // A little later than must be, because a store's clock may be another one.
    const runAt = new Date(Date.now() + namedWithinMs + 60_000);
    const kept = await collector.condemn(
      (sha256s) => jobs.add(removeUnnamedJob, { sha256s }, { runAt, key: `blobs-${sha256s[0]}` }),
      signal,
    );
    keptBytes = kept.bytes;
    log.info({ ...kept }, 'blobs were looked through');
  });
  jobs.handle(removeUnnamedJob, async ({ sha256s }, { signal }) => {
    const gone = await collector.remove(sha256s, signal);
    removedBytes += gone.bytes;
    log.info({ ...gone }, 'blobs that no row names were removed');
  });

  metrics.gauge({
    name: 'liaison_blobs_kept_bytes',
    help: 'Bytes of all blobs, as this process counted them last night',
    read: async () => {
      if (keptBytes === undefined) throw new Error('not counted yet');
      return keptBytes;
    },
  });
  metrics.gauge({
    name: 'liaison_blobs_removed_bytes',
    help: 'Bytes of blobs that no row named any more, removed by this process since it started',
    read: () => removedBytes,
  });
}
