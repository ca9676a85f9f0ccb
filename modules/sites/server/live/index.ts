import type { MigrationSource } from '@liaison/core/db';
import { lastMigration } from '@liaison/core/doctor';
import type { Core, Service } from '@liaison/core/floor';
import { createSiteRows } from './across-organisations.ts';
import { type BackupNote, type BackupTold, noteOf } from './backup-note.ts';
import { createHeartbeat } from './heartbeat.ts';
import { serveInstallation } from './serve-installation.ts';
import { createStatus, type Status } from './status.ts';
import { createWatch } from './watch.ts';

export { personalData } from '../personal-data.ts';
export type { BackupTold } from './backup-note.ts';
export { serveStatusPage } from './status-page.ts';

export const migrations: MigrationSource = {
  schema: 'sites',
  folder: new URL('../migrations/', import.meta.url),
};

export interface SitesModule {
  /** Says what this process does and has; every process. */
  readonly heartbeat: Service;
  /** Looks at what is common to all processes; duty `worker`. */
  readonly watch: Service;
  /** What the public page of the state says. */
  readonly status: Status;
  /**
   * Shows administrators what this process's backups tell, at `to`.
   *
   * @param told undefined as long as another process keeps them.
   */
  showBackups(told: () => BackupTold | undefined, to: string): void;
}

/**
 * What runs, seen from inside: each process says what it does, a worker looks at what they share, and administrators read it.
 * Separate from `/server`, which renders deployments and is loaded by the operator's commands alone.
 *
 * @param load what this process is busy with.
 */
export function createSites({ core, load }: { core: Core; load: () => { calls: number } }): SitesModule {
  const rows = createSiteRows(core.db);
  let backups: () => BackupNote | undefined = () => undefined;
  serveInstallation(core, rows, () => lastMigration(core.db));
  return {
    heartbeat: createHeartbeat(core, rows, load),
    watch: createWatch(core, rows, () => backups()),
    status: createStatus(core, rows),
    showBackups(told, to) {
      backups = () => {
        const now = told();
        return now && noteOf(now, to);
      };
    },
  };
}
