import type { Problem } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { defineJob, type JobContext } from '@liaison/core/jobs';
import { z } from 'zod';
import { foldText } from '../../contract/fold-text.ts';
import { importProgressed, type RefusedLine, teamCreated } from '../../contract/index.ts';
import { createPeople, type NewPerson } from '../actions/create-person.ts';
import type { Parts } from '../parts.ts';
import { personalSpaceOf } from '../queries.ts';
import type { PeopleTables } from '../tables.ts';
import type { ParsedLine } from './validate-lines.ts';

export const runImportJob = defineJob({
  name: 'people.run-import',
  payload: z.object({ orgId: z.uuid(), importId: z.uuid() }),
});

/** More would make each batch's events dearer: they are sorted into streams one stream at a time. */
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
      const teams = lines.some(({ content }) => content.teams.length > 0)
        ? await teamsByName(tx)
        : new Map<string, string>();
      const people: NewPerson[] = [];
      for (const { content } of lines) {
        const teamIds: string[] = [];
        for (const name of content.teams) {
          const key = foldText(name);
          const id = teams.get(key) ?? (await createTeamOf({ core }, tx, name, found.created_by));
          teams.set(key, id);
          teamIds.push(id);
        }
        people.push({ ...content, status: 'invited', teamIds });
      }
      const outcomes = await createPeople(core, tx, people);
      const failed = await markLines(tx, importId, lines, outcomes);
      const done = lines.length < batchLines;
      const progress = await db
        .updateTable('people.import')
        .set((eb) => ({
          created: eb('created', '+', lines.length - failed),
          failed: eb('failed', '+', failed),
          ...(done ? { state: 'done' as const, finished_at: new Date() } : {}),
        }))
        .where('id', '=', importId)
        .returning(['created', 'failed', 'accepted'])
        .executeTakeFirstOrThrow();
      const personalSpaceId = await personalSpaceOf(tx, found.created_by);
      if (personalSpaceId) {
        core.outbox.emit(tx, importProgressed, {
          personalSpaceId,
          importId,
          phase: 'creating',
          done: progress.created + progress.failed,
          total: progress.accepted,
          finished: done,
        });
      }
      return done;
    });
    if (finished) return;
  }
}

/** Writes beside each line who came of it, or why nobody did. @returns how many were refused. */
async function markLines(
  tx: Tx,
  importId: string,
  lines: readonly { line: number; content: ParsedLine }[],
  outcomes: readonly (string | Problem)[],
): Promise<number> {
  const created: { line: number; person_id: string }[] = [];
  const refused: { line: number; content: { failed: true; faults: RefusedLine[] } }[] = [];
  for (const [i, { line, content }] of lines.entries()) {
    const outcome = outcomes[i]!;
    if (typeof outcome === 'string') {
      created.push({ line, person_id: outcome });
      continue;
    }
    const taken = outcome.code === 'name-taken';
    const fault: RefusedLine = {
      line,
      column: null,
      code: taken ? 'taken' : 'failed',
      message: taken ? 'The address or extension was taken meanwhile.' : outcome.message,
      value: content.address.slice(0, 100),
    };
    refused.push({ line, content: { failed: true, faults: [fault] } });
  }
  await tx.query(
    `update people.import_line l set state = 'created', person_id = c.person_id
     from jsonb_to_recordset($2::jsonb) as c(line integer, person_id uuid)
     where l.import_id = $1 and l.line = c.line`,
    [importId, JSON.stringify(created)],
  );
  if (refused.length > 0) {
    await tx.query(
      `update people.import_line l set state = 'refused', content = r.content
       from jsonb_to_recordset($2::jsonb) as r(line integer, content jsonb)
       where l.import_id = $1 and l.line = r.line`,
      [importId, JSON.stringify(refused)],
    );
  }
  return refused.length;
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
