import type { PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { Core } from '@liaison/core/floor';
import { deviceRevoked } from '../../contract/index.ts';
import { deviceFor } from '../access.ts';
import type { Parts } from '../parts.ts';
import { personalSpaceOf } from '../queries.ts';
import type { PeopleTables } from '../tables.ts';

/** Revokes a device: its secret opens nothing from the commit on. */
export async function revokeDevice(
  { core }: Parts,
  tx: Tx,
  actor: PersonActor,
  deviceId: string,
): Promise<void> {
  const device = await deviceFor(tx, actor, deviceId);
  await revoke(core, tx, device.person_id, [device.id]);
  await core.audit.record(tx, {
    action: 'people.device-revoked',
    subjectId: device.id,
    details: { personId: device.person_id },
  });
}

/** Revokes all of a person's devices. */
export async function revokeAllDevices(core: Core, tx: Tx, personId: string): Promise<void> {
  const rows = await tx
    .as<PeopleTables>()
    .selectFrom('people.device')
    .select('id')
    .where('person_id', '=', personId)
    .where('revoked_at', 'is', null)
    .execute();
  await revoke(
    core,
    tx,
    personId,
    rows.map((row) => row.id),
  );
}

async function revoke(core: Core, tx: Tx, personId: string, deviceIds: readonly string[]): Promise<void> {
  if (deviceIds.length === 0) return;
  await tx
    .as<PeopleTables>()
    .updateTable('people.device')
    .set({ revoked_at: new Date(), ha1_md5: '', ha1_sha256: '' })
    .where('id', 'in', [...deviceIds])
    .execute();
  const personalSpaceId = await personalSpaceOf(tx, personId);
  if (!personalSpaceId) return;
  for (const deviceId of deviceIds)
    core.outbox.emit(tx, deviceRevoked, { personalSpaceId, personId, deviceId });
}
