import type { Metrics } from '../metrics/index.ts';
import type { BackupService } from './service.ts';

/** Figures of the process that keeps the backups; the others tell nothing. Times are seconds, so that alerts can compare them. */
export function registerBackupGauges(metrics: Metrics, service: BackupService): void {
  const secondsSince = (time: string | undefined) =>
    time === undefined
      ? []
      : [{ labels: {}, value: Math.max(0, (Date.now() - new Date(time).getTime()) / 1000) }];
  const figure = (
    name: `liaison_backup_${string}`,
    help: string,
    read: () => readonly { labels: object; value: number }[],
  ) =>
    metrics.gauge({ name, help, labels: [], read: () => read().map(({ value }) => ({ labels: {}, value })) });
  const told = (value: number | undefined) => (value === undefined ? [] : [{ labels: {}, value }]);

  figure('liaison_backup_age_seconds', 'Since the newest whole backup was taken', () =>
    secondsSince(service.status?.lastBase?.endedAt),
  );
  figure('liaison_backup_verified_age_seconds', 'Since a backup was last proved by a restore', () =>
    secondsSince(service.status?.lastVerifiedAt),
  );
  figure('liaison_backup_bytes', 'Size of the newest backup of the database as it is stored', () =>
    told(service.status?.lastBase?.storedBytes),
  );
  figure(
    'liaison_backup_log_waiting_seconds',
    'For how long the oldest written log has waited to be shipped',
    () =>
      service.status === undefined
        ? []
        : service.status.waitingSince === undefined
          ? told(0)
          : secondsSince(service.status.waitingSince),
  );
  figure('liaison_backup_log_kept_bytes', 'Log that the database keeps until it is shipped', () =>
    told(service.status?.keptLogBytes),
  );
  figure('liaison_backup_faults', 'Parts of the backups that fail now', () =>
    service.status === undefined ? [] : told(Object.keys(service.status.faults).length),
  );
}
