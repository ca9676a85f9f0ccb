import type { PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { teamChanged } from '../../contract/index.ts';
import { teamFor } from '../access.ts';
import type { Parts } from '../parts.ts';

/** Renames a team or group, archives it or takes it back into use. */
export async function changeTeam(
  { core }: Parts,
  tx: Tx,
  actor: PersonActor,
  teamId: string,
  change: { name?: string | undefined; archived?: boolean | undefined },
): Promise<void> {
  const team = await teamFor(core.spaces, tx, actor, teamId, 'manage');
  if (change.name !== undefined) await core.spaces.rename(tx, teamId, change.name);
  if (change.archived !== undefined) await core.spaces.archive(tx, teamId, change.archived);
  core.outbox.emit(tx, teamChanged, { spaceId: teamId, kind: team.kind });
  if (change.archived !== undefined && change.archived !== team.archived) {
    await core.audit.record(tx, {
      action: 'people.team-archived',
      subjectId: teamId,
      details: { archived: change.archived },
    });
  }
}
