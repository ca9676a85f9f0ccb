import {
  type Actor,
  forbidden,
  notFound,
  type PersonActor,
  personOf,
  type Right,
  roles,
} from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { Spaces } from '@liaison/core/spaces';
import type { PersonSummary, Team } from '../contract/index.ts';
import { findSummaries, type SummaryRow, summaryColumns, summaryFrom, toSummary } from './queries.ts';
import { visibleCondition } from './search-people.ts';
import type { DeviceTable, ImportTable, PeopleTables } from './tables.ts';

/** Whom a guest's view is narrowed to; null for everybody else. */
export const visibleTo = (actor: PersonActor): string | null =>
  actor.role === 'guest' ? actor.personId : null;

/** A manager or an owner of the organisation. */
export const isAdministrator = (actor: Actor): actor is PersonActor =>
  actor.kind === 'person' && (actor.role === 'manager' || actor.role === 'owner');

/** @throws Problem 403 unless the actor is a manager or an owner of the organisation. */
export function requireAdministrator(actor: Actor): void {
  if (!isAdministrator(actor)) throw forbidden('this is for managers and owners');
}

/** @throws Problem 403 unless the actor is an owner. */
export function requireOwner(actor: Actor): void {
  if (actor.kind !== 'person' || actor.role !== 'owner') throw forbidden('this is for owners');
}

/** A manager administers members and guests, an owner everybody. */
export const roleAdministers = (mine: PersonSummary['role'], theirs: PersonSummary['role']): boolean =>
  mine === 'owner' || (mine === 'manager' && roles.indexOf(theirs) < roles.indexOf('manager'));

export const mayAdminister = (actor: Actor, role: PersonSummary['role']): boolean =>
  actor.kind === 'person' && roleAdministers(actor.role, role);

/**
 * Loads a person for somebody: `read` her page, `write` her profile, `manage` her account. The only way to a person's
 * row by an id from outside.
 *
 * @throws Problem 404 for one who is not there, is of another organisation or may not be seen; 403 for too little right.
 */
export async function personFor(
  tx: Tx,
  actor: Actor,
  personId: string,
  right: Extract<Right, 'read' | 'write' | 'manage'>,
): Promise<PersonSummary> {
  if (actor.orgId !== tx.orgId) throw notFound('This person');
  const guest = actor.kind === 'person' ? visibleTo(actor) : null;
  const [row] = await tx.query<SummaryRow>(
    `select ${summaryColumns} from ${summaryFrom} where p.id = $1 and ${visibleCondition(guest, 2)}`,
    [personId, guest],
  );
  if (!row) throw notFound('This person');
  const person = toSummary(row);
  if (right === 'read') return person;
  const own = personOf(actor) === personId;
  if (right === 'write' && own) return person;
  if (!mayAdminister(actor, person.role)) throw forbidden(`this needs the right to ${right} this person`);
  return person;
}

/** A device of the actor's own, or of somebody whom she administers. */
export async function deviceFor(
  tx: Tx,
  actor: PersonActor,
  deviceId: string,
): Promise<Pick<DeviceTable, 'id' | 'person_id' | 'name'>> {
  const row = await tx
    .as<PeopleTables>()
    .selectFrom('people.device')
    .select(['id', 'person_id', 'name'])
    .where('id', '=', deviceId)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  if (!row) throw notFound('This device');
  if (row.person_id === actor.personId) return row;
  const owner = (await findSummaries(tx, [row.person_id])).get(row.person_id);
  // Whoever may not administer its person does not learn that the device is there.
  if (!owner || !mayAdminister(actor, owner.role)) throw notFound('This device');
  return row;
}

/** An import, for managers and owners. */
export async function importFor(
  tx: Tx,
  actor: PersonActor,
  importId: string,
): Promise<{ id: string; state: ImportTable['state']; created_by: string; region: string | null }> {
  requireAdministrator(actor);
  const row = await tx
    .as<PeopleTables>()
    .selectFrom('people.import')
    .select(['id', 'state', 'created_by', 'region'])
    .where('id', '=', importId)
    .executeTakeFirst();
  if (!row) throw notFound('This import');
  return row;
}

/**
 * A team or group: everybody but guests reads all, guests their own. `manage` is for its managers; groups, and teams
 * that no active manager is left in, are managed by the organisation's managers too.
 */
export async function teamFor(
  spaces: Spaces,
  tx: Tx,
  actor: PersonActor,
  teamId: string,
  right: 'read' | 'manage',
): Promise<{ id: string; kind: Team['kind']; name: string; archived: boolean }> {
  const space = await spaces.find(tx, teamId);
  if (!space || (space.kind !== 'team' && space.kind !== 'group')) throw notFound('This team');
  const mine = await spaces.roleOf(tx, teamId, actor.personId);
  if (actor.role === 'guest' && mine === null) throw notFound('This team');
  const team = {
    id: space.id,
    kind: space.kind as Team['kind'],
    name: space.name,
    archived: space.archivedAt !== null,
  };
  if (right === 'read' || mine === 'manager') return team;
  if (isAdministrator(actor) && (team.kind === 'group' || (await isOrphaned(tx, teamId)))) return team;
  throw forbidden('this is for managers of the team');
}

async function isOrphaned(tx: Tx, teamId: string): Promise<boolean> {
  const row = await tx
    .as<PeopleTables>()
    .selectFrom('core.member as m')
    .innerJoin('people.person as p', 'p.id', 'm.person_id')
    .select('m.person_id')
    .where('m.space_id', '=', teamId)
    .where('m.role', '=', 'manager')
    .where('p.status', '=', 'active')
    .executeTakeFirst();
  return !row;
}
