import { invalid } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { isId } from '@liaison/core/ids';
import {
  countPeople,
  type DirectoryRow,
  getPeopleByIds,
  getPerson,
  listPeople,
  type PersonStatus,
  personStatuses,
  searchPeople as searchRoute,
} from '../../contract/index.ts';
import { personFor, visibleTo } from '../access.ts';
import type { Parts } from '../parts.ts';
import { type SummaryRow, summaryColumns, summaryFrom, teamsOf, toSummary, wholePerson } from '../queries.ts';
import { searchPeople, visibleCondition } from '../search-people.ts';

/** Id and sort name, so that a page goes on where the last one ended. */
const cursorOf = (row: { sort_name: string; id: string }): string =>
  Buffer.from(row.id + row.sort_name).toString('base64url');

function parseCursor(cursor: string | undefined): { id: string; name: string } | null {
  if (cursor === undefined) return null;
  const text = Buffer.from(cursor, 'base64url').toString();
  const id = text.slice(0, 36);
  if (!isId(id)) throw invalid('This page mark is not one of ours.');
  return { id, name: text.slice(36) };
}

export function registerDirectoryRoutes(parts: Parts): void {
  const { core, accounts } = parts;

  core.http.route(listPeople, async ({ actor, query }) => {
    const administrator = actor.role === 'owner' || actor.role === 'manager';
    const page = await core.db.read(actor.orgId, async (tx) => {
      const found = query.text
        ? await filtered(tx, query, visibleTo(actor))
        : await listed(tx, query, visibleTo(actor));
      const teams = await teamsOf(
        tx,
        found.rows.map((row) => row.id),
      );
      return { ...found, teams };
    });
    const used = administrator ? await accounts.lastUse(page.rows.map((row) => row.id)) : null;
    return {
      rows: page.rows.map(
        (row): DirectoryRow => ({
          ...row,
          teams: page.teams.get(row.id) ?? [],
          lastUsedAt: used?.get(row.id)?.toISOString() ?? null,
        }),
      ),
      next: page.next,
    };
  });

  type Query = {
    text?: string | undefined;
    status?: PersonStatus | undefined;
    role?: string | undefined;
    teamId?: string | undefined;
    cursor?: string | undefined;
    limit: number;
  };

  async function filtered(tx: Tx, query: Query, guest: string | null) {
    const rows = await searchPeople(tx, query.text ?? '', 50, {
      visibleTo: guest,
      statuses: query.status ? [query.status] : personStatuses,
      role: query.role,
      teamId: query.teamId,
    });
    return { rows, next: null };
  }

  async function listed(tx: Tx, query: Query, guest: string | null) {
    const after = parseCursor(query.cursor);
    const rows = await tx.query<SummaryRow & { sort_name: string }>(
      `select ${summaryColumns}, p.sort_name from ${summaryFrom}
       where p.org_id = core.current_org() and p.status <> 'erased'
         and ($1::text is null or (p.sort_name, p.id) > ($1, $2::uuid))
         and ($3::text is null or p.status = $3) and ($4::text is null or m.role = $4)
         and ($5::uuid is null or exists (select from core.member t where t.space_id = $5 and t.person_id = p.id))
         and ${visibleCondition(guest, 6)}
       order by p.sort_name, p.id limit $7`,
      [
        after?.name ?? null,
        after?.id ?? null,
        query.status ?? null,
        query.role ?? null,
        query.teamId ?? null,
        guest,
        query.limit + 1,
      ],
    );
    const page = rows.slice(0, query.limit);
    const lastRow = page.at(-1);
    return {
      rows: page.map(toSummary),
      next: rows.length > query.limit && lastRow ? cursorOf(lastRow) : null,
    };
  }

  core.http.route(countPeople, async ({ actor }) =>
    core.db.read(actor.orgId, async (tx) => {
      const rows = await tx.query<{ status: string; count: number }>(
        `select p.status, count(*) as count from ${summaryFrom}
         where p.org_id = core.current_org() and ${visibleCondition(visibleTo(actor), 1)} group by p.status`,
        [visibleTo(actor)],
      );
      const of = (status: string) => rows.find((row) => row.status === status)?.count ?? 0;
      return { active: of('active'), invited: of('invited'), suspended: of('suspended') };
    }),
  );

  core.http.route(searchRoute, async ({ actor, query }) =>
    core.db.read(actor.orgId, async (tx) => ({
      people: await searchPeople(tx, query.text, query.limit, { visibleTo: visibleTo(actor) }),
    })),
  );

  core.http.route(getPeopleByIds, async ({ actor, body }) =>
    core.db.read(actor.orgId, async (tx) => {
      const rows = await tx.query<SummaryRow>(
        `select ${summaryColumns} from ${summaryFrom} where p.id = any($1::uuid[]) and ${visibleCondition(visibleTo(actor), 2)}`,
        [body.ids, visibleTo(actor)],
      );
      return { people: rows.map(toSummary) };
    }),
  );

  core.http.route(getPerson, async ({ actor, params }) =>
    core.db.read(actor.orgId, async (tx) => {
      await personFor(tx, actor, params.id, 'read');
      return wholePerson(tx, params.id);
    }),
  );
}
