import type { MigrationSource } from '@liaison/core/db';
import { lastMigration } from '@liaison/core/doctor';
import type { Core, Service } from '@liaison/core/floor';
import type { LastBackup } from '../../contract/installation.ts';
import { createSiteRows } from './across-organisations.ts';
import { createHeartbeat } from './heartbeat.ts';
import { type Backups, serveInstallation } from './serve-installation.ts';
import { createStatus, type Status } from './status.ts';
import { createWatch } from './watch.ts';

export { personalData } from '../personal-data.ts';
export type { Backups } from './serve-installation.ts';
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
}

/**
 * What runs, seen from inside: each process says what it does, a worker looks at what they share, and administrators read it.
 * Separate from `/server`, which renders deployments and is loaded by the operator's commands alone.
 *
 * @param load what this process is busy with.
 * @param backups who knows of backups; without it none is known of.
 */
export function createSites({
  core,
  load,
  backups = {
    last: async (): Promise<{ good: LastBackup | null; failedAt: null }> => ({ good: null, failedAt: null }),
  },
}: {
  core: Core;
  load: () => { calls: number };
  backups?: Backups;
}): SitesModule {
  const rows = createSiteRows(core.db);
  serveInstallation(core, rows, backups, () => lastMigration(core.db));
  return {
    heartbeat: createHeartbeat(core, rows, load),
    watch: createWatch(core, rows),
    status: createStatus(core, rows),
  };
}
