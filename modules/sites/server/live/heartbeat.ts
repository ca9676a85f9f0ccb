import { X509Certificate } from 'node:crypto';
import { readFile, statfs } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { programVersion } from '@liaison/core/config';
import type { Core, Service } from '@liaison/core/floor';
import type { Figures, SiteRows } from './across-organisations.ts';

/** How often each process says that it is there. */
const beatMs = 5000;
/** Disk and certificate change slowly. */
const slowlyMs = 60_000;
const subject = 'sites.beat';

/**
 * Writes every few seconds what this process does and has, for the administration. Nobody decides by it: whether a process lives is
 * `core.owned`'s to say.
 */
export function createHeartbeat(
  core: Pick<Core, 'owned' | 'bus' | 'live' | 'http' | 'settings' | 'log'>,
  rows: SiteRows,
  load: () => { calls: number },
): Service {
  const { owned, bus, live, http, settings, log } = core;
  const startedAt = new Date(Date.now() - performance.now());
  const version = programVersion(process.env);
  let running: { stop(): Promise<void> } | undefined;

  function run(): { stop(): Promise<void> } {
    const stopping = new AbortController();
    const heard = new Map<string, number>();
    const mine = new Set<string>();
    const unsubscribe = bus.subscribe(subject, (data) => {
      const from = (data as { processId?: unknown } | null)?.processId;
      if (typeof from !== 'string') return;
      if (heard.size > 1000) heard.clear();
      heard.set(from, performance.now());
    });
    let slow: Pick<Figures, 'disk' | 'certificateUntil'> = { disk: null, certificateUntil: null };
    let slowAt = Number.NEGATIVE_INFINITY;
    const beat = async (): Promise<void> => {
      if (performance.now() - slowAt > slowlyMs) {
        slow = await lookSlowly(settings);
        slowAt = performance.now();
      }
      const id = owned.processId;
      mine.add(id);
      bus.publish(subject, { processId: id });
      const recent = performance.now() - 3 * beatMs;
      await rows.beat({
        id,
        node: hostname().slice(0, 255) || 'localhost',
        pid: process.pid,
        duties: settings.duties,
        version,
        startedAt,
        figures: {
          draining: owned.draining,
          calls: load().calls,
          pages: live.connections().length,
          requests: http.underWay,
          memoryBytes: process.memoryUsage.rss(),
          ...slow,
          clockFault: owned.clockFault,
          hears: [...heard].filter(([from, at]) => at > recent && !mine.has(from)).length,
        },
      });
    };
    const beating = (async () => {
      let silent = false;
      while (!stopping.signal.aborted) {
        try {
          await beat();
          silent = false;
        } catch (error) {
          if (!silent) log.warn({ err: error }, 'this process could not say that it is there; trying again');
          silent = true;
        }
        await sleep(beatMs, undefined, { signal: stopping.signal }).catch(() => {});
      }
    })();
    return {
      async stop() {
        stopping.abort();
        unsubscribe();
        await beating;
        // What is not forgotten now is, with the hour.
        await rows.forget([...mine]).catch(() => {});
      },
    };
  }

  return {
    name: 'sites.heartbeat',
    async start() {
      running ??= run();
    },
    async stop() {
      await running?.stop();
      running = undefined;
    },
  };
}

async function lookSlowly(settings: Core['settings']): Promise<Pick<Figures, 'disk' | 'certificateUntil'>> {
  const disk = await statfs(settings.dataFolder).then(
    ({ bsize, bavail, blocks }) => ({ freeBytes: bsize * bavail, totalBytes: bsize * blocks }),
    () => null,
  );
  const file = settings.tlsCertificateFile ?? join(settings.dataFolder, 'tls', 'server.pem');
  const certificateUntil = await readFile(file, 'utf8').then(
    (text) => new Date(new X509Certificate(text).validTo).toISOString(),
    () => null,
  );
  return { disk, certificateUntil };
}
