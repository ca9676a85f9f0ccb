import type { PersonActor } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import type { People } from '@liaison/people';
import type { Reach } from '@liaison/reach';
import { putOutLamps } from '../lamps/lamps.ts';
import { administeredDevice } from './access.ts';

/**
 * Forgets where a telephone is reached. It is not told (RFC 3261 has no word for that): it rings again once it registers
 * anew; who wants it to stay away revokes the device.
 */
export async function dropRegistration(
  { core, people, reach }: { core: Core; people: People; reach: Reach },
  actor: PersonActor,
  deviceId: string,
): Promise<{ dropped: number }> {
  const { dropped, personId } = await core.db.transaction(actor.orgId, async (tx) => {
    const device = await administeredDevice(people, tx, actor, deviceId);
    const rows = await tx.query('delete from calls.registration where device_id = $1 returning uri', [
      deviceId,
    ]);
    if (rows.length > 0) {
      await core.audit.record(tx, {
        action: 'calls.registration-dropped',
        subjectId: deviceId,
        details: { personId: device.personId },
      });
    }
    return { dropped: rows.length, personId: device.personId };
  });
  if (dropped > 0) {
    putOutLamps(core.bus, [deviceId]);
    await reach.release({ orgId: actor.orgId, personId, kind: 'telephone', ref: `device:${deviceId}` });
  }
  return { dropped };
}
