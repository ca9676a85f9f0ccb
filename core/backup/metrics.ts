import type { Metrics } from '../metrics/index.ts';
import type { BackupStatus } from './keeper.ts';
import type { BackupService } from './service.ts';

/** Figures of the process that keeps the backups; the others tell nothing of them. */
export function registerBackupGauges(metrics: Metrics, service: BackupService): void {
  const secondsSince = (time: string | undefined) =>
    time === undefined ? undefined : Math.max(0, (Date.now() - new Date(time).getTime()) / 1000);
  const figure = (
    name: `liaison_backup_${string}`,
    help: string,
    read: (status: BackupStatus) => number | undefined,
  ) =>
    metrics.gauge({
      name,
      help,
      read() {
        const value = service.status && read(service.status);
        return value === undefined ? [] : [{ labels: {}, value }];
      },
    });

  figure('liaison_backup_age_seconds', 'Since the newest whole backup was taken', ({ lastBase }) =>
    secondsSince(lastBase?.endedAt),
  );
  figure(
    'liaison_backup_verified_age_seconds',
    'Since a backup was last proved by a restore',
    ({ lastVerifiedAt }) => secondsSince(lastVerifiedAt),
  );
  figure(
    'liaison_backup_bytes',
    'Size of the newest backup of the database as it is stored',
    ({ lastBase }) => lastBase?.storedBytes,
  );
  figure(
    'liaison_backup_log_waiting_seconds',
    'For how long the oldest written log has waited to be shipped',
    ({ waitingSince }) => secondsSince(waitingSince) ?? 0,
  );
  figure(
    'liaison_backup_log_kept_bytes',
    'Log that the database keeps until it is shipped',
    ({ keptLogBytes }) => keptLogBytes,
  );
  figure(
    'liaison_backup_faults',
    'Parts of the backups that fail now',
    ({ faults }) => Object.keys(faults).length,
  );
}
