import { notFound, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import {
  changeTeam as changeRoute,
  createTeam as createRoute,
  getTeam,
  listTeamMembers,
  listTeams,
  removeTeamMember as removeMemberRoute,
  setTeamMember as setMemberRoute,
  type Team,
} from '../../contract/index.ts';
import { teamFor, visibleTo } from '../access.ts';
import { changeTeam } from '../actions/change-team.ts';
import { createTeam } from '../actions/create-team.ts';
import { removeTeamMember } from '../actions/remove-team-member.ts';
import { setTeamMember } from '../actions/set-team-member.ts';
import type { Parts } from '../parts.ts';
import { type SummaryRow, summaryColumns, summaryFrom, toSummary } from '../queries.ts';

async function findTeams(
  tx: Tx,
  actor: PersonActor,
  query: { id?: string; kind?: Team['kind'] | undefined; archived?: boolean },
): Promise<Team[]> {
  const rows = await tx.query<{
    id: string;
    kind: Team['kind'];
    name: string;
    archived: boolean;
    member_count: number;
    my_role: Team['myRole'];
  }>(
    `select s.id, s.kind, s.name, s.archived_at is not null as archived,
       (select count(*) from core.member m where m.space_id = s.id) as member_count,
       (select m.role from core.member m where m.space_id = s.id and m.person_id = $1) as my_role
     from core.space s
     where s.org_id = core.current_org() and s.kind in ('team', 'group')
       and ($2::uuid is null or s.id = $2) and ($3::text is null or s.kind = $3)
       and ($4::boolean is null or (s.archived_at is not null) = $4)
       and ($5::uuid is null or exists (select from core.member m where m.space_id = s.id and m.person_id = $5))
     order by lower(s.name), s.id limit 2000`,
    [actor.personId, query.id ?? null, query.kind ?? null, query.archived ?? null, visibleTo(actor)],
  );
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    name: row.name,
    archived: row.archived,
    memberCount: row.member_count,
    myRole: row.my_role,
  }));
}

async function findTeam(tx: Tx, actor: PersonActor, id: string): Promise<Team> {
  const [team] = await findTeams(tx, actor, { id });
  if (!team) throw notFound('This team');
  return team;
}

export function registerTeamRoutes(parts: Parts): void {
  const { core } = parts;

  core.http.route(listTeams, ({ actor, query }) =>
    core.db.read(actor.orgId, async (tx) => ({
      teams: await findTeams(tx, actor, { kind: query.kind, archived: query.archived === 'true' }),
    })),
  );

  core.http.route(createRoute, ({ actor, body }) =>
    core.db.transaction(actor.orgId, async (tx) =>
      findTeam(tx, actor, await createTeam(parts, tx, actor, body)),
    ),
  );

  core.http.route(getTeam, ({ actor, params }) =>
    core.db.read(actor.orgId, (tx) => findTeam(tx, actor, params.id)),
  );

  core.http.route(changeRoute, ({ actor, params, body }) =>
    core.db.transaction(actor.orgId, async (tx) => {
      await changeTeam(parts, tx, actor, params.id, body);
      return findTeam(tx, actor, params.id);
    }),
  );

  core.http.route(listTeamMembers, ({ actor, params }) =>
    core.db.read(actor.orgId, async (tx) => {
      await teamFor(core.spaces, tx, actor, params.id, 'read');
      const rows = await tx.query<SummaryRow & { team_role: 'guest' | 'member' | 'manager' }>(
        `select ${summaryColumns}, t.role as team_role
         from ${summaryFrom} join core.member t on t.person_id = p.id
         where t.space_id = $1 order by p.sort_name, p.id limit 5000`,
        [params.id],
      );
      return { members: rows.map((row) => ({ person: toSummary(row), teamRole: row.team_role })) };
    }),
  );

  core.http.route(setMemberRoute, async ({ actor, params, body }) => {
    await core.db.transaction(actor.orgId, (tx) =>
      setTeamMember(parts, tx, actor, params.id, params.personId, body.role),
    );
    return undefined;
  });

  core.http.route(removeMemberRoute, async ({ actor, params }) => {
    await core.db.transaction(actor.orgId, (tx) =>
      removeTeamMember(parts, tx, actor, params.id, params.personId),
    );
    return undefined;
  });
}
