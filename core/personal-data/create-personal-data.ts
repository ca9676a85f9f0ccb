import { z } from 'zod';
import type { Audit } from '../audit/index.ts';
import type { Db } from '../db/index.ts';
import { defineJob, type Jobs } from '../jobs/index.ts';
import { organisations } from './across-organisations.ts';
import { auditPersonalData } from './audit-data.ts';
import { createExportArchive } from './export-archive.ts';
import type { PersonalData, PersonalDataOfAll, RetentionStatement } from './personal-data.ts';

export interface PersonalDataDependencies {
  db: Db;
  jobs: Jobs;
  audit: Audit;
  log?: { error(fields: Record<string, unknown>, message: string): void };
}

/** Erases one person in every module; tried again until all have done it. */
export const erasePersonJob = defineJob({
  name: 'core.erase-person',
  payload: z.strictObject({ orgId: z.uuid(), personId: z.uuid() }),
  maxAttempts: 20,
});

const dayMs = 86_400_000;
/** A purge that never answers 0 is broken; the next night goes on. */
const maxBatches = 10_000;

/**
 * Joins what each module says of a person; call it once, with all modules, before `jobs.start()`. It brings the floor's
 * own (the audit log), registers the job that erases and the nightly one that deletes what is too old.
 */
export function createPersonalData(
  modules: readonly PersonalData[],
  { db, jobs, audit, log }: PersonalDataDependencies,
): PersonalDataOfAll {
  const all = [...modules, auditPersonalData];
  const names = new Set<string>();
  for (const { module, retention } of all) {
    if (!/^[a-z][a-z0-9-]*$/.test(module)) throw new Error(`"${module}" is not the name of a module`);
    if (names.has(module)) throw new Error(`two modules say that they are ${module}`);
    names.add(module);
    for (const { what, days, purge } of retention) {
      if (days !== null && !(days > 0))
        throw new Error(`${module}: "${what}" must be kept for some days, or null`);
      if (days === null && purge)
        throw new Error(`${module}: "${what}" has no age at which it would be deleted`);
    }
  }
  const retention: RetentionStatement[] = all.flatMap(({ module, retention: kept }) =>
    kept.map(({ what, days, why }) => ({ module, what, days, why })),
  );

  const personalData: PersonalDataOfAll = {
    retention,
    async export(orgId, personId) {
      const archive = await createExportArchive();
      try {
        for (const { module, export: filesOf } of all) {
          // A read may be tried again after a deadlock only as a whole, and files are written as they come.
          let started = false;
          await db.read(orgId, async (tx) => {
            if (started) throw new Error(`${module}: the export was interrupted; ask for it again`);
            started = true;
            for await (const file of filesOf(tx, personId)) await archive.add(module, file);
          });
        }
        const made = await archive.finish({ madeAt: new Date().toISOString(), orgId, personId, retention });
        await db.transaction(orgId, (tx) =>
          audit.record(tx, {
            action: 'core.person-exported',
            subjectId: personId,
            details: { files: archive.files.length, bytes: made.sizeBytes },
          }),
        );
        return made;
      } catch (error) {
        await archive.abandon();
        throw error;
      }
    },
    async erase(orgId, personId) {
      const failures: Error[] = [];
      for (const { module, erase } of all) {
        try {
          await db.transaction(orgId, (tx) => erase(tx, personId));
        } catch (cause) {
          log?.error({ module, personId, err: cause }, 'a module did not erase a person');
          failures.push(new Error(`${module} did not erase`, { cause }));
        }
      }
      if (failures.length > 0) {
        throw new AggregateError(
          failures,
          `erasing is not complete: ${failures.map((f) => f.message).join(', ')}`,
        );
      }
      await db.transaction(orgId, (tx) =>
        audit.record(tx, {
          action: 'core.person-erased',
          subjectId: personId,
          details: { modules: all.length },
        }),
      );
    },
    eraseLater: (orgId, personId) =>
      jobs.add(erasePersonJob, { orgId, personId }, { key: `${orgId}:${personId}` }),
    async purge({ now = new Date(), signal } = {}) {
      let deleted = 0;
      const failures: unknown[] = [];
      for (const orgId of await organisations(db)) {
        for (const { module, retention: kept } of all) {
          for (const { what, days, purge } of kept) {
            if (days === null || !purge) continue;
            const olderThan = new Date(now.getTime() - days * dayMs);
            try {
              for (let batch = 0; batch < maxBatches; batch++) {
                if (signal?.aborted) return { deleted };
                const gone = await db.transaction(orgId, (tx) => purge(tx, olderThan));
                if (gone === 0) break;
                deleted += gone;
              }
            } catch (error) {
              log?.error({ module, what, err: error }, 'what is too old could not be deleted');
              failures.push(error);
            }
          }
        }
      }
      if (failures.length > 0)
        throw new AggregateError(failures, 'not everything that is too old was deleted');
      return { deleted };
    },
  };

  jobs.handle(erasePersonJob, ({ orgId, personId }) => personalData.erase(orgId, personId));
  jobs.every('core.delete-expired', '17 3 * * *', async ({ signal }) => {
    await personalData.purge({ signal });
  });
  return personalData;
}
