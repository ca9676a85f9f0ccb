import { type Actor, forbidden, notFound, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { People } from '@liaison/people';

/** @throws Problem 403 unless the actor is a manager or an owner: only they look at other people's telephones and calls. */
export function requireAdministrator(actor: Actor): void {
  if (actor.kind !== 'person' || (actor.role !== 'manager' && actor.role !== 'owner'))
    throw forbidden('this is for managers and owners');
}

/**
 * A person whose telephones the actor may touch or capture: a manager those of members and guests and her own, an owner
 * everybody's.
 *
 * @throws Problem 404 for nobody of the organisation, 403 for somebody whom she does not administer.
 */
export async function requireAdministered(
  people: Pick<People, 'find'>,
  tx: Tx,
  actor: PersonActor,
  personId: string,
): Promise<void> {
  requireAdministrator(actor);
  const person = await people.find(tx, personId);
  if (!person) throw notFound('This person');
  if (actor.role === 'owner' || personId === actor.personId) return;
  if (person.role === 'manager' || person.role === 'owner')
    throw forbidden('managers and owners are administered by owners');
}

/** A device of somebody whom the actor administers. */
export async function administeredDevice(
  people: Pick<People, 'find' | 'devicesById'>,
  tx: Tx,
  actor: PersonActor,
  deviceId: string,
): Promise<{ personId: string; name: string }> {
  requireAdministrator(actor);
  const device = (await people.devicesById(tx, [deviceId])).get(deviceId);
  if (!device) throw notFound('This device');
  await requireAdministered(people, tx, actor, device.personId);
  return device;
}
