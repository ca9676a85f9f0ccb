import type { PersonActor, Role } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { isAdministrator, personFor, teamFor } from '../access.ts';
import type { Parts } from '../parts.ts';
import { requireAnotherManager } from './remove-team-member.ts';

/**
 * Adds somebody to a team or changes her role there. Managers of the organisation may add others to any team, but not
 * themselves: administering gives no right to content.
 */
export async function setTeamMember(
  { core }: Parts,
  tx: Tx,
  actor: PersonActor,
  teamId: string,
  personId: string,
  role: Role,
): Promise<void> {
  const before = await core.spaces.roleOf(tx, teamId, personId);
  const addsOther =
    isAdministrator(actor) && personId !== actor.personId && before === null && role !== 'manager';
  await teamFor(core.spaces, tx, actor, teamId, addsOther ? 'read' : 'manage');
  await personFor(tx, actor, personId, 'read');
  if (before === 'manager' && role !== 'manager') await requireAnotherManager(core, tx, teamId, personId);
  await core.spaces.setMember(tx, teamId, personId, role);
  await core.audit.record(tx, {
    action: 'people.team-member-set',
    subjectId: teamId,
    details: { personId, role },
  });
}
