// The process that makes backups, begun by service.ts: compressing and encrypting must not hold up calls.
import { setPriority } from 'node:os';
import { createLog } from '../log/index.ts';
import { type BackupStatus, type KeeperTimes, keepBackups } from './keeper.ts';
import type { BackupPlan } from './settings.ts';

export interface AgentTask {
  plan: BackupPlan;
  url: string;
  logLevel: string;
  times?: Partial<KeeperTimes>;
  systemFolder?: string;
}

const ending = new AbortController();
// Whoever began us is gone, or asks for the end: what is unfinished counts for nothing.
process.on('disconnect', () => ending.abort());
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ending.abort());
// After everything that people wait for.
setPriority(10);

process.once('message', (task: AgentTask) => {
  const log = createLog({ level: task.logLevel as 'info' });
  const tell = (status: BackupStatus) => {
    // Whoever is gone since cannot be told; 'disconnect' is on its way.
    if (process.connected) process.send?.(status, undefined, undefined, () => {});
  };
  const { times, systemFolder } = task;
  keepBackups({
    plan: task.plan,
    url: task.url,
    log,
    signal: ending.signal,
    onStatus: tell,
    ...(times === undefined ? {} : { times }),
    ...(systemFolder === undefined ? {} : { systemFolder }),
  }).then(
    () => process.exit(0),
    (error: unknown) => {
      log.error({ err: error }, 'the backups ended');
      process.exit(1);
    },
  );
  // An upload that heeds no signal must not keep us.
  ending.signal.addEventListener('abort', () => setTimeout(() => process.exit(0), 5000).unref(), {
    once: true,
  });
});
