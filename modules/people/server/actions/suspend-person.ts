import { conflict, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { personSuspended } from '../../contract/index.ts';
import { personFor } from '../access.ts';
import type { Parts } from '../parts.ts';
import type { PeopleTables } from '../tables.ts';
import { requireAnotherOwner } from './change-role.ts';

/** Suspends a person. Her sessions end by the reaction to the event, and are refused from the commit on. */
export async function suspendPerson(
  parts: Parts,
  tx: Tx,
  actor: PersonActor,
  personId: string,
): Promise<void> {
  const { core } = parts;
  const person = await personFor(tx, actor, personId, 'manage');
  if (personId === actor.personId) throw conflict('oneself', 'Somebody else must suspend you.');
  if (person.status === 'suspended') return;
  if (person.status === 'invited') {
    throw conflict('not-joined', 'This person has not joined yet; take the invitation back instead.');
  }
  await requireAnotherOwner(tx, person);
  const row = await tx
    .as<PeopleTables>()
    .updateTable('people.person')
    .set((eb) => ({ status: 'suspended' as const, version: eb('version', '+', 1) }))
    .where('id', '=', personId)
    .returning('version')
    .executeTakeFirstOrThrow();
  core.outbox.emit(tx, personSuspended, { orgId: actor.orgId, personId, version: row.version });
  await core.audit.record(tx, { action: 'people.person-suspended', subjectId: personId });
  tx.afterCommit(() => {
    parts.authenticator.forget([personId]);
    core.live.cut({ personId });
  });
}
