import { forbidden } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import { z } from 'zod';
import { getInstallation, type Installation, type InstallationWarning } from '../../contract/installation.ts';
import type { ProcessRow, SiteRows } from './across-organisations.ts';
import { backupNote } from './backup-note.ts';
import { standbysSchema } from './watch.ts';

const allDuties = ['api', 'live', 'worker', 'sip', 'media'] as const;
const dayMs = 86_400_000;

/** Serves the administration's view. What several look at within a second is looked up once. */
export function serveInstallation(
  core: Pick<Core, 'http' | 'settings' | 'outbox' | 'db'>,
  rows: SiteRows,
  lastMigration: () => Promise<{ name: string; at: Date } | null>,
): void {
  const { http, settings, outbox } = core;
  let kept: { readonly until: number; readonly answer: Promise<Installation> } | undefined;

  async function look(): Promise<Installation> {
    const [processes, database, migration, backlog, noted] = await Promise.all([
      rows.processes(),
      rows.database(),
      lastMigration(),
      outbox.backlog(),
      rows.noted(),
    ]);
    const standbys = standbysSchema.safeParse(noted.get('standbys')?.found);
    const backup = backupNote.safeParse(noted.get('backup')?.found);
    const tried = noted.get('blobs');
    const blobs = z.object({ ok: z.boolean() }).safeParse(tried?.found);
    const seen: Omit<Installation, 'warnings'> = {
      site: settings.site.name,
      processes: processes.map(({ figures, startedAt, beatAt, duties, ...process }) => {
        const { clockFault: _clock, ...shown } = figures;
        return {
          ...process,
          ...shown,
          duties: [...duties],
          startedAt: startedAt.toISOString(),
          beatAt: beatAt.toISOString(),
        };
      }),
      database: {
        ...database,
        lastMigration: migration && { name: migration.name, at: migration.at.toISOString() },
        standbys: standbys.success ? standbys.data : [],
      },
      backlogSeconds: backlog.lagSeconds,
      parked: backlog.parked,
      bus: settings.natsUrl === undefined ? 'none' : 'nats',
      blobs: {
        kind: settings.blobsUrl.startsWith('file:') ? 'folder' : 'store',
        ok: blobs.success ? blobs.data.ok : null,
        at: tried?.at.toISOString() ?? null,
      },
      backup: backup.success ? backup.data : { good: null, failing: false },
    };
    return { ...seen, warnings: warningsOf(seen, processes, Date.now()).slice(0, 100) };
  }

  http.route(getInstallation, async ({ actor }) => {
    if (actor.role !== 'owner' && actor.role !== 'manager')
      throw forbidden('only owners and managers look after the installation');
    if ((await rows.firstOrganisation()) !== actor.orgId) return { installation: null };
    if (!kept || kept.until < performance.now()) {
      const answer = look();
      kept = { until: performance.now() + 1000, answer };
      answer.catch(() => {
        kept = undefined;
      });
    }
    return { installation: await kept.answer };
  });
}

/** Exported for its test. */
export function warningsOf(
  seen: Omit<Installation, 'warnings'>,
  rows: readonly Pick<ProcessRow, 'id' | 'figures'>[],
  nowMs: number,
): InstallationWarning[] {
  const warnings: InstallationWarning[] = [];
  const warn = (code: InstallationWarning['code'], about = ''): void => void warnings.push({ code, about });
  const { processes } = seen;
  const living = processes.filter(({ alive }) => alive);
  const name = (process: { node: string; pid: number }): string => `${process.node} (${process.pid})`;
  const duties = new Set(living.flatMap((each) => each.duties));
  for (const duty of allDuties) if (!duties.has(duty)) warn('no-duty', duty);
  for (const process of processes) if (!process.alive) warn('process-gone', name(process));
  const versions = [...new Set(living.map(({ version }) => version))];
  if (versions.length > 1) warn('versions-differ', versions.join(', '));
  for (const process of living) {
    if (rows.find(({ id }) => id === process.id)?.figures.clockFault) warn('clock', name(process));
    // One that has just come has not been heard of by everybody yet.
    if (
      process.hears < living.length - 1 &&
      living.every((each) => nowMs - Date.parse(each.startedAt) > 30_000)
    )
      warn('bus-partial', name(process));
  }
  const nodes = new Map(living.map((process) => [process.node, process]));
  for (const [node, { disk, certificateUntil }] of nodes) {
    if (disk && disk.totalBytes > 0) {
      const part = disk.freeBytes / disk.totalBytes;
      if (part < 0.02) warn('disk-full', node);
      else if (part < 0.1 && disk.freeBytes < 50e9) warn('disk-low', node);
    }
    if (certificateUntil !== null) {
      const leftMs = Date.parse(certificateUntil) - nowMs;
      if (leftMs < 0) warn('certificate-ended', node);
      else if (leftMs < 14 * dayMs) warn('certificate-soon', node);
    }
  }
  if (seen.backlogSeconds > 60) warn('backlog');
  if (seen.parked > 0) warn('parked');
  if (seen.blobs.ok === false) warn('blobs');
  for (const standby of seen.database.standbys)
    if (
      standby.state !== 'streaming' ||
      (standby.bytesBehind ?? 0) > 64 * 2 ** 20 ||
      (standby.secondsBehind ?? 0) > 30
    )
      warn('standby-behind', standby.name);
  if (seen.backup.failing || seen.backup.good?.verified === false) warn('backup-failed');
  if (seen.backup.good !== null && nowMs - Date.parse(seen.backup.good.at) > 2 * dayMs) warn('backup-old');
  return warnings;
}
