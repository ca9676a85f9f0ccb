import { conflict, invalid, notFound, Problem } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { readBounded } from '@liaison/core/http';
import {
  cancelImport as cancelRoute,
  commitImport as commitRoute,
  getImport,
  type Import,
  listImportRows,
  listRefusedLines,
  makeImportLinks,
  maxImportBytes,
  type RefusedLine,
  uploadImport as uploadRoute,
} from '../../contract/index.ts';
import { importFor, mayAdminister, requireAdministrator } from '../access.ts';
import { cancelImport, commitImport } from '../actions/commit-import.ts';
import { createInvitation } from '../actions/invite-person.ts';
import { uploadImport } from '../actions/upload-import.ts';
import type { ParsedLine } from '../import/validate-lines.ts';
import type { Parts } from '../parts.ts';
import { findSummaries } from '../queries.ts';
import type { PeopleTables } from '../tables.ts';
import { invitationLinks } from './invitations.ts';

async function findImport(tx: Tx, id: string): Promise<Import> {
  const row = await tx
    .as<PeopleTables>()
    .selectFrom('people.import')
    .select([
      'id',
      'file_name',
      'created_at',
      'state',
      'lines',
      'checked',
      'accepted',
      'refused',
      'created',
      'failed',
    ])
    .where('id', '=', id)
    .executeTakeFirst();
  if (!row) throw notFound('This import');
  return {
    id: row.id,
    fileName: row.file_name,
    createdAt: row.created_at.toISOString(),
    state: row.state,
    lines: row.lines,
    checked: row.checked,
    accepted: row.accepted,
    refused: row.refused + row.failed,
    done: row.created + row.failed,
    created: row.created,
  };
}

/** Pages of an import go by line. */
function parseCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (!/^\d{1,7}$/.test(cursor)) throw invalid('This page mark is not one of ours.');
  return Number(cursor);
}

export function registerImportRoutes(parts: Parts): void {
  const { core } = parts;

  core.http.route(uploadRoute, async ({ actor, query, request, signal }) => {
    requireAdministrator(actor);
    const bytes = await readBounded(
      request.raw,
      maxImportBytes,
      signal,
      () => new Problem(413, 'too-large', `A list has at most ${maxImportBytes / 1024 / 1024} MB.`),
    );
    const list = { bytes, fileName: query.fileName, region: query.region };
    const id = await uploadImport(parts, actor, list, signal);
    return core.db.read(actor.orgId, (tx) => findImport(tx, id));
  });

  core.http.route(getImport, ({ actor, params }) =>
    core.db.read(actor.orgId, async (tx) => {
      await importFor(tx, actor, params.id);
      return findImport(tx, params.id);
    }),
  );

  core.http.route(listRefusedLines, ({ actor, params, query }) =>
    core.db.read(actor.orgId, async (tx) => {
      await importFor(tx, actor, params.id);
      const rows = await tx.query<{ line: number; content: { faults: RefusedLine[] } }>(
        `select line, content from people.import_line
         where import_id = $1 and state = 'refused' and line > $2 order by line limit $3`,
        [params.id, parseCursor(query.cursor), query.limit],
      );
      return {
        rows: rows.flatMap((row) => row.content.faults),
        next: rows.length === query.limit ? String(rows.at(-1)!.line) : null,
      };
    }),
  );

  core.http.route(listImportRows, ({ actor, params, query }) =>
    core.db.read(actor.orgId, async (tx) => {
      await importFor(tx, actor, params.id);
      const rows = await tx.query<{ line: number; content: ParsedLine; person_id: string | null }>(
        `select line, content, person_id from people.import_line
         where import_id = $1 and state <> 'refused' and line > $2 order by line limit $3`,
        [params.id, parseCursor(query.cursor), query.limit],
      );
      return {
        rows: rows.map(({ line, content, person_id }) => ({
          line,
          name: content.name,
          address: content.address,
          personId: person_id,
        })),
        next: rows.length === query.limit ? String(rows.at(-1)!.line) : null,
      };
    }),
  );

  core.http.route(commitRoute, ({ actor, params }) =>
    core.db.transaction(actor.orgId, async (tx) => {
      await commitImport(parts, tx, actor, params.id);
      return findImport(tx, params.id);
    }),
  );

  core.http.route(cancelRoute, async ({ actor, params }) => {
    await core.db.transaction(actor.orgId, (tx) => cancelImport(tx, actor, params.id));
    return undefined;
  });

  core.http.route(makeImportLinks, ({ actor, params, query, request }) =>
    core.db.transaction(actor.orgId, async (tx) => {
      const { state } = await importFor(tx, actor, params.id);
      if (state !== 'done') throw conflict('not-done', 'The people of this import are not there yet.');
      const limit = 500;
      const lines = await tx.query<{ line: number; person_id: string }>(
        `select line, person_id from people.import_line
         where import_id = $1 and state = 'created' and line > $2 order by line limit $3`,
        [params.id, parseCursor(query.cursor), limit],
      );
      const people = await findSummaries(
        tx,
        lines.map((line) => line.person_id),
      );
      const rows = [];
      for (const { person_id: personId } of lines) {
        const person = people.get(personId);
        if (person?.status !== 'invited' || !mayAdminister(actor, person.role)) continue;
        const { token } = await createInvitation(parts, tx, {
          personId,
          purpose: 'join',
          createdBy: actor.personId,
        });
        const { link, elsewhere } = invitationLinks(parts, request, token);
        rows.push({ name: person.name, address: person.address, link: elsewhere ?? link });
      }
      return { rows, next: lines.length === limit ? String(lines.at(-1)!.line) : null };
    }),
  );
}
