import { conflict, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { Core } from '@liaison/core/floor';
import { teamFor } from '../access.ts';
import type { Parts } from '../parts.ts';

/** Removes somebody from a team; everybody may leave. */
export async function removeTeamMember(
  { core }: Parts,
  tx: Tx,
  actor: PersonActor,
  teamId: string,
  personId: string,
): Promise<void> {
  await teamFor(core.spaces, tx, actor, teamId, personId === actor.personId ? 'read' : 'manage');
  const role = await core.spaces.roleOf(tx, teamId, personId);
  if (role === null) return;
  if (role === 'manager') await requireAnotherManager(core, tx, teamId, personId);
  await core.spaces.removeMember(tx, teamId, personId);
  await core.audit.record(tx, {
    action: 'people.team-member-removed',
    subjectId: teamId,
    details: { personId },
  });
}

/** @throws Problem 409 `last-manager` when a team with others in it would be left without one. */
export async function requireAnotherManager(
  core: Core,
  tx: Tx,
  teamId: string,
  personId: string,
): Promise<void> {
  // Two managers who leave at once wait for each other here.
  await tx.query('select pg_advisory_xact_lock(731021, hashtext($1))', [teamId]);
  const members = await core.spaces.members(tx, teamId);
  const others = members.filter((member) => member.personId !== personId);
  if (others.length === 0 || others.some((member) => member.role === 'manager')) return;
  throw conflict('last-manager', 'The team needs a manager: make another one first.');
}
