import { programVersion, type Settings } from '@liaison/core/config';
import type { Log } from '@liaison/core/log';
import type { Suite } from './compose.ts';
import type { Lifecycle } from './lifecycle.ts';

/** Keeps the backups where the settings want them, beside one of all processes with the duty `worker`. */
export async function openBackups(options: {
  suite: Suite;
  settings: Settings;
  /** Address of the database, for a login that may replicate. */
  url: string;
  log: Log;
  lifecycle: Lifecycle;
}): Promise<void> {
  const { suite, settings, url, lifecycle } = options;
  if (!settings.duties.includes('worker')) return;
  const log = options.log.child({ part: 'backup' });
  if (settings.backupTo === undefined && settings.backupRecipients === undefined) {
    // In a cluster another process may have them.
    if (settings.databaseUrl !== undefined) return;
    // Nobody waits for it; the database is asked before it ends.
    const asked = import('@liaison/core/postgres').then(({ letBackupSlotGo }) => letBackupSlotGo(url, log));
    lifecycle.atEnd('core.backup', () => asked);
    return;
  }
  // Few installations of those that are only tried have it, and its cipher is not small.
  const { createBackupService, planOf, registerBackupGauges } = await import('@liaison/core/backup');
  const plan = await planOf(settings, programVersion(process.env));
  if (plan === undefined) return;
  const service = createBackupService({ plan, url, settings, log });
  registerBackupGauges(suite.core.metrics, service);
  suite.core.http.readiness('backups', async () => service.remark(), { remark: true });
  suite.sites.showBackups(() => service.status, plan.to);
  suite.sites.showBackups(() => service.status, plan.to);
  lifecycle.atEnd(service.name, () => service.stop());
  await service.start();
}
