import { createHash, randomInt } from 'node:crypto';
import { conflict } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { deviceCreated } from '../../contract/index.ts';
import type { Parts } from '../parts.ts';
import { ha1Context } from '../people.ts';
import { findOrganisation, findSummaries, personalSpaceOf } from '../queries.ts';
import type { PeopleTables } from '../tables.ts';

const maxDevices = 20;
/** No letters that look alike: the secret may be typed on a telephone. */
const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
const random = (length: number): string =>
  Array.from({ length }, () => letters[randomInt(letters.length)]).join('');

export interface NewDevice {
  readonly deviceId: string;
  readonly username: string;
  /** 20 of 31 letters, 99 bits; shown once. */
  readonly secret: string;
}

/**
 * Creates a SIP device. What is kept is H(username:realm:secret) for both algorithms (RFC 7616 §3.4.2), sealed.
 * Whether the actor may do it for this person is asked before.
 *
 * @param fixed for the demonstration, whose telephones have printed settings.
 * @throws Problem 409 `too-many-devices`.
 */
export async function createDevice(
  { core }: Pick<Parts, 'core'>,
  tx: Tx,
  input: { personId: string; name: string },
  fixed?: { username: string; secret: string },
): Promise<NewDevice> {
  const db = tx.as<PeopleTables>();
  const person = (await findSummaries(tx, [input.personId])).get(input.personId);
  const personalSpaceId = await personalSpaceOf(tx, input.personId);
  if (!person || !personalSpaceId) throw conflict('not-found', 'This person is gone.');
  const [count] = await tx.query<{ count: number }>(
    'select count(*) as count from people.device where person_id = $1 and revoked_at is null',
    [input.personId],
  );
  if ((count?.count ?? 0) >= maxDevices) {
    throw conflict('too-many-devices', `A person has at most ${maxDevices} devices; revoke one first.`);
  }
  const { realm } = await findOrganisation(tx);
  const deviceId = core.ids.next();
  const username = fixed?.username ?? `${person.address.split('@')[0]!.slice(0, 40)}-${random(5)}`;
  const secret = fixed?.secret ?? random(20);
  const ha1 = (algorithm: 'md5' | 'sha256') =>
    createHash(algorithm).update(`${username}:${realm}:${secret}`).digest('hex');
  await db
    .insertInto('people.device')
    .values({
      id: deviceId,
      org_id: tx.orgId!,
      person_id: input.personId,
      kind: 'sip',
      name: input.name,
      username,
      ha1_md5: core.secrets.seal(ha1('md5'), ha1Context(deviceId, 'MD5')),
      ha1_sha256: core.secrets.seal(ha1('sha256'), ha1Context(deviceId, 'SHA-256')),
      // RFC 7616 §3.4.4: for telephones that do not name themselves on the way.
      userhash: createHash('sha256').update(`${username}:${realm}`).digest('hex'),
      last_address: null,
      user_agent: null,
    })
    .execute();
  core.outbox.emit(tx, deviceCreated, { personalSpaceId, personId: input.personId, deviceId });
  await core.audit.record(tx, {
    action: 'people.device-created',
    subjectId: deviceId,
    details: { personId: input.personId },
  });
  return { deviceId, username, secret };
}
