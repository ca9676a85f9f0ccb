import { Problem } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { defineJob, type JobContext } from '@liaison/core/jobs';
import { z } from 'zod';
import { importProgressed, type RefusedLine, teamCreated } from '../../contract/index.ts';
import { createPerson } from '../actions/create-person.ts';
import { foldText } from '../fold-text.ts';
import type { Parts } from '../parts.ts';
import { personalSpaceOf } from '../queries.ts';
import type { PeopleTables } from '../tables.ts';
import type { ParsedLine } from './validate-lines.ts';

export const runImportJob = defineJob({
  name: 'people.run-import',
  payload: z.object({ orgId: z.uuid(), importId: z.uuid() }),
});

const batchLines = 100;

/**
 * Creates the people of a committed import, batch by batch. Each batch is one transaction that also marks its lines, so
 * that whoever goes on after a crash creates nobody twice.
 */
export async function runImport(
  { core }: Parts,
  { orgId, importId }: { orgId: string; importId: string },
  { signal }: Pick<JobContext, 'signal'>,
): Promise<void> {
  for (;;) {
    // The job is run again with the next start, and goes on from the lines that are left.
    if (signal.aborted) return;
    const finished = await core.db.transaction(orgId, async (tx) => {
      const db = tx.as<PeopleTables>();
      // Two workers on one import take turns.
      const found = await db
        .selectFrom('people.import')
        .selectAll()
        .where('id', '=', importId)
        .forUpdate()
        .executeTakeFirst();
      if (found?.state !== 'running') return true;
      const lines = await tx.query<{ line: number; content: ParsedLine }>(
        `select line, content from people.import_line where import_id = $1 and state = 'accepted'
         order by line limit $2`,
        [importId, batchLines],
      );
      const teams = await teamsByName(tx);
      for (const { content } of lines) {
        const teamIds = [];
        for (const name of content.teams) {
          const key = foldText(name);
          const id = teams.get(key) ?? (await createTeamOf({ core }, tx, name, found.created_by));
          teams.set(key, id);
          teamIds.push(id);
        }
        await createLine({ core }, tx, importId, content, teamIds);
      }
      const [progress] = await tx.query<{ done: number; total: number }>(
        `select count(*) filter (where state = 'created' or person_id is not null or content ? 'failed') as done,
           count(*) filter (where state <> 'refused' or content ? 'failed') as total
         from people.import_line where import_id = $1`,
        [importId],
      );
      const done = lines.length < batchLines;
      if (done) {
        await db
          .updateTable('people.import')
          .set({ state: 'done', finished_at: new Date() })
          .where('id', '=', importId)
          .execute();
      }
      const personalSpaceId = await personalSpaceOf(tx, found.created_by);
      if (personalSpaceId) {
        core.outbox.emit(tx, importProgressed, {
          personalSpaceId,
          importId,
          done: progress?.done ?? 0,
          total: progress?.total ?? 0,
          finished: done,
        });
      }
      return done;
    });
    if (finished) return;
  }
}

async function createLine(
  { core }: Pick<Parts, 'core'>,
  tx: Tx,
  importId: string,
  content: ParsedLine,
  teamIds: string[],
): Promise<void> {
  await tx.query('savepoint import_line');
  try {
    const personId = await createPerson(core, tx, { ...content, status: 'invited', teamIds });
    await tx.query(
      `update people.import_line set state = 'created', person_id = $3 where import_id = $1 and line = $2`,
      [importId, content.line, personId],
    );
    await tx.query('release savepoint import_line');
  } catch (error) {
    // Only what a list can do wrong; a failing database is not the list's fault and is tried again. Names are
    // reserved before anything is told, so nothing of this person has been said yet.
    if (!(error instanceof Problem) || error.status >= 500) throw error;
    await tx.query('rollback to savepoint import_line');
    const taken = error.code === 'name-taken';
    const fault: RefusedLine = {
      line: content.line,
      column: null,
      code: taken ? 'taken' : 'failed',
      message: taken ? 'The address or extension was taken meanwhile.' : error.message,
      value: content.address.slice(0, 100),
    };
    await tx.query(
      `update people.import_line set state = 'refused', content = $3::jsonb where import_id = $1 and line = $2`,
      [importId, content.line, JSON.stringify({ failed: true, faults: [fault] })],
    );
  }
}

async function teamsByName(tx: Tx): Promise<Map<string, string>> {
  const rows = await tx
    .as<PeopleTables>()
    .selectFrom('core.space')
    .select(['id', 'name'])
    .where('kind', '=', 'team')
    .where('archived_at', 'is', null)
    .orderBy('id', 'desc')
    .limit(5000)
    .execute();
  return new Map(rows.map((row) => [foldText(row.name), row.id]));
}

/** A team that a list names and nobody has made yet; whoever imports manages it. */
async function createTeamOf(
  { core }: Pick<Parts, 'core'>,
  tx: Tx,
  name: string,
  managerId: string,
): Promise<string> {
  const space = await core.spaces.create(tx, {
    kind: 'team',
    name,
    members: [{ personId: managerId, role: 'manager' }],
  });
  core.outbox.emit(tx, teamCreated, { spaceId: space.id, kind: 'team' });
  return space.id;
}
