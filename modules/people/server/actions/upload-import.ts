import type { PersonActor } from '@liaison/core/contract';
import { importUploaded } from '../../contract/index.ts';
import { requireAdministrator } from '../access.ts';
import { checkImport } from '../import/check-import.ts';
import { readCsv } from '../import/read-csv.ts';
import type { Parts } from '../parts.ts';
import { personalSpaceOf } from '../queries.ts';
import type { PeopleTables } from '../tables.ts';

/** A list of so many lines is checked while the upload is answered; a longer one by a job. */
const checkedAtOnce = 500;

/**
 * Keeps a list to be checked whole; nobody is created yet. @returns the import's id.
 *
 * @throws Problem 400 `unreadable-csv`, `columns-missing`, `too-many-lines`.
 */
export async function uploadImport(
  parts: Parts,
  actor: PersonActor,
  file: { bytes: Uint8Array; fileName: string; region?: string | undefined },
  signal: AbortSignal,
): Promise<string> {
  const { core } = parts;
  requireAdministrator(actor);
  const { length: lines } = await readCsv(file.bytes);
  const id = core.ids.next();
  const atOnce = lines <= checkedAtOnce;
  await core.db.transaction(actor.orgId, async (tx) => {
    await tx
      .as<PeopleTables>()
      .insertInto('people.import')
      .values({
        id,
        org_id: actor.orgId,
        created_by: actor.personId,
        file_name: file.fileName,
        region: file.region ?? null,
        state: 'checking',
        lines,
        file: Buffer.from(file.bytes),
      })
      .execute();
    await core.audit.record(tx, { action: 'people.import-uploaded', subjectId: id, details: { lines } });
    const personalSpaceId = await personalSpaceOf(tx, actor.personId);
    // Told of a short one too: should this process die now, the job checks it.
    if (personalSpaceId) core.outbox.emit(tx, importUploaded, { personalSpaceId, importId: id });
  });
  if (atOnce) await checkImport(parts, { orgId: actor.orgId, importId: id }, { signal });
  return id;
}
