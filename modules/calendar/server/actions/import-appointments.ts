import { conflict, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { personalSpaceOf } from '@liaison/core/spaces';
import { importStarted } from '../../contract/index.ts';
import { calendarFor, importFor } from '../access.ts';
import type { ImportRecord } from '../import/import-record.ts';
import type { FileFound } from '../import/look-through.ts';
import { tellProgress } from '../import/run-import.ts';
import type { Needs } from './needs.ts';

/** So many are remembered of a person; older ones that do not run are forgotten. */
const keptImports = 20;

/** A calendar into which somebody may write; rooms are booked by inviting them. */
export async function calendarToFill(
  tx: Tx,
  { spaces }: Pick<Needs, 'spaces'>,
  actor: PersonActor,
  calendarId: string,
) {
  const calendar = await calendarFor(tx, spaces, actor, calendarId, 'write');
  if (calendar.kind === 'room' || calendar.kind === 'equipment') {
    throw conflict('calendar-thing', 'A room or thing is booked by inviting it to an appointment.');
  }
  return calendar;
}

/** Remembers a stored file that was looked through; nothing is added yet. */
export async function createImport(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  calendarId: string,
  {
    fileName,
    sha256,
    timeZone,
    found,
  }: { fileName: string; sha256: string; timeZone: string; found: FileFound },
): Promise<ImportRecord> {
  const calendar = await calendarToFill(tx, needs, actor, calendarId);
  const id = needs.nextId();
  await tx.query(
    `insert into calendar.import (id, org_id, calendar_id, person_id, file_name, state, file_sha256, time_zone, preview, total,
       fault_count, faults)
     values ($1, $2, $3, $4, $5, 'ready', $6, $7, $8::jsonb, $9, $10, $11::jsonb)`,
    [
      id,
      tx.orgId,
      calendar.id,
      actor.personId,
      fileName.replace(/\p{Cc}+/gu, ' ').toWellFormed(),
      sha256,
      timeZone,
      JSON.stringify(found.preview),
      found.total,
      found.faultCount,
      JSON.stringify(found.faults),
    ],
  );
  await tx.query(
    `delete from calendar.import where person_id = $1 and state <> 'running' and id in (
       select id from calendar.import where person_id = $1 order by created_at desc, id desc offset ${keptImports})`,
    [actor.personId],
  );
  return importFor(tx, actor, id);
}

/**
 * Lets the appointments of a file be added, or lets one that was stopped go on where it was; a job does it.
 *
 * @throws Problem 409 `calendar-import-over` where nothing is left to do.
 */
export async function startImport(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  importId: string,
): Promise<ImportRecord> {
  const row = await importFor(tx, actor, importId, true);
  if (row.state === 'running') return row;
  if (row.state === 'done' || row.file_sha256 === null) {
    throw conflict('calendar-import-over', 'This import was finished already.');
  }
  await calendarToFill(tx, needs, actor, row.calendar_id);
  await tx.query(`update calendar.import set state = 'running' where id = $1`, [importId]);
  await needs.audit.record(tx, {
    action: 'calendar.import-started',
    subjectId: row.calendar_id,
    personId: actor.personId,
    details: { importId, total: row.total, done: row.done },
  });
  const personalSpaceId = await personalSpaceOf(tx, actor.personId);
  if (personalSpaceId !== null) {
    needs.emit(tx, importStarted, { personalSpaceId, importId, personId: actor.personId });
  }
  return importFor(tx, actor, importId);
}

/** What was added stays. */
export async function stopImport(
  tx: Tx,
  needs: Needs,
  actor: PersonActor,
  importId: string,
): Promise<ImportRecord> {
  const row = await importFor(tx, actor, importId, true);
  if (row.state !== 'running') return row;
  await tx.query(`update calendar.import set state = 'stopped' where id = $1`, [importId]);
  await tellProgress(tx, needs, row, row.done, true);
  return importFor(tx, actor, importId);
}
