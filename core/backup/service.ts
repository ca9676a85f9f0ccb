import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Settings } from '../config/index.ts';
import type { Log } from '../log/index.ts';
import type { AgentTask } from './agent.ts';
import { openClient } from './client.ts';
import type { BackupStatus, KeeperTimes } from './keeper.ts';
import type { BackupPlan } from './settings.ts';

export interface BackupService {
  readonly name: 'core.backup';
  start(): Promise<void>;
  stop(): Promise<void>;
  /** What the process that keeps the backups has told; undefined where that is another one, or none. */
  readonly status: BackupStatus | undefined;
  /** What somebody should look at, as one line; null when all is well or not ours. */
  remark(now?: Date): string | null;
}

/** The advisory lock of the one process that keeps the backups, next to that of a base. */
const keeperLock = '5193281, 2';
/** One process of all has it; the others ask so often whether it has gone. */
const askEveryMs = 10_000;
const agent = fileURLToPath(new URL('./agent.ts', import.meta.url));

/**
 * Runs the backups of an installation in a process of their own, beside exactly one of all servers: who holds an advisory
 * lock on a connection of its own. When that server ends or is cut off, another takes over within seconds.
 */
export function createBackupService(options: {
  plan: BackupPlan;
  url: string;
  settings: Pick<Settings, 'logLevel'>;
  log: Log;
  /** For tests. */
  times?: Partial<KeeperTimes>;
  systemFolder?: string;
}): BackupService {
  const { plan, url, settings, log, times, systemFolder } = options;
  const ending = new AbortController();
  const { signal } = ending;
  let running: Promise<void> | undefined;
  let status: BackupStatus | undefined;

  const hold = async (work: (lost: AbortSignal) => Promise<void>) => {
    const client = openClient(url);
    const lost = new AbortController();
    client.on('error', () => lost.abort());
    client.on('end', () => lost.abort());
    try {
      await client.connect();
      const { rows } = await client.query<{ held: boolean }>(
        `SELECT pg_try_advisory_lock(${keeperLock}) AS held`,
      );
      if (rows[0]?.held === true) await work(AbortSignal.any([lost.signal, signal]));
    } finally {
      await client.end().catch(() => {});
    }
  };
  const runAgent = async (task: AgentTask, lost: AbortSignal) => {
    for (let pauseMs = 5000; !lost.aborted; pauseMs = Math.min(300_000, pauseMs * 2)) {
      const began = performance.now();
      const child = fork(agent, {
        execArgv: [...process.execArgv, '--max-old-space-size=512'],
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      });
      const ended = once(child, 'exit');
      child.on('error', () => {});
      child.on('message', (told: BackupStatus) => {
        status = told;
      });
      child.send(task, () => {});
      lost.addEventListener('abort', () => endChild(child), { once: true });
      const [code, by] = (await ended) as [number | null, string | null];
      status = undefined;
      if (lost.aborted) return;
      if (performance.now() - began > 600_000) pauseMs = 5000;
      log.error(
        { code, signal: by, againInMs: pauseMs },
        'the process that makes backups ended; it is started again',
      );
      await sleep(pauseMs, undefined, { signal: lost }).catch(() => {});
    }
  };
  const run = async (task: AgentTask) => {
    while (!signal.aborted) {
      await hold((lost) => runAgent(task, lost)).catch((error: unknown) => {
        log.warn({ err: error }, 'whether backups are ours to make cannot be asked');
      });
      await sleep(askEveryMs, undefined, { signal }).catch(() => {});
    }
  };

  return {
    name: 'core.backup',
    async start() {
      const task: AgentTask = { plan, url, logLevel: settings.logLevel };
      if (times !== undefined) task.times = times;
      if (systemFolder !== undefined) task.systemFolder = systemFolder;
      running = run(task);
    },
    async stop() {
      ending.abort();
      await running;
    },
    get status() {
      return status;
    },
    remark(now = new Date()) {
      if (status === undefined) return null;
      const [part, why] = Object.entries(status.faults)[0] ?? [];
      if (part !== undefined) return `${part}: ${why}`;
      const waitsMs =
        status.waitingSince === undefined ? 0 : now.getTime() - new Date(status.waitingSince).getTime();
      if (waitsMs > 10 * 60_000) return `the log has waited for ${Math.round(waitsMs / 60_000)} minutes`;
      const { keptLogBytes: kept, leftLogBytes: left } = status;
      if (left !== undefined && left < kept)
        return `the database keeps ${Math.round(kept / 1e6)} MB of log and soon no more`;
      return null;
    },
  };
}

function endChild(child: ChildProcess): void {
  if (child.connected) child.disconnect();
  const late = setTimeout(() => child.kill('SIGKILL'), 8000);
  late.unref();
  child.once('exit', () => clearTimeout(late));
}
