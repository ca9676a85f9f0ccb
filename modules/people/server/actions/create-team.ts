import { forbidden, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { teamCreated } from '../../contract/index.ts';
import { isAdministrator, personFor, requireAdministrator } from '../access.ts';
import type { Parts } from '../parts.ts';
import { findOrganisation } from '../queries.ts';

/** Creates a team, which its maker manages, or a group. */
export async function createTeam(
  { core }: Parts,
  tx: Tx,
  actor: PersonActor,
  input: { kind: 'team' | 'group'; name: string; memberIds: readonly string[] },
): Promise<string> {
  if (actor.role === 'guest') throw forbidden('guests make no teams');
  if (input.kind === 'group') requireAdministrator(actor);
  else if (!isAdministrator(actor) && (await findOrganisation(tx)).teamMakers !== 'members') {
    throw forbidden('teams are made by managers and owners here');
  }
  const others = [...new Set(input.memberIds)].filter((id) => id !== actor.personId);
  const roles = new Map<string, 'guest' | 'member'>();
  for (const id of others) {
    // Whoever is a guest of the organisation is one in its teams, until a team's manager says otherwise.
    const { role } = await personFor(tx, actor, id, 'read');
    roles.set(id, role === 'guest' && input.kind === 'team' ? 'guest' : 'member');
  }
  const space = await core.spaces.create(tx, {
    kind: input.kind,
    name: input.name,
    members: [
      ...(input.kind === 'team' ? [{ personId: actor.personId, role: 'manager' as const }] : []),
      ...others.map((personId) => ({ personId, role: roles.get(personId) ?? ('member' as const) })),
    ],
  });
  core.outbox.emit(tx, teamCreated, { spaceId: space.id, kind: input.kind });
  await core.audit.record(tx, {
    action: 'people.team-created',
    subjectId: space.id,
    details: { kind: input.kind, members: others.length },
  });
  return space.id;
}
