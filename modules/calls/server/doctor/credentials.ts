import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { Secrets } from '@liaison/core/secrets';
import type { SipCredentials } from '@liaison/people';
import { createHa1 } from '@liaison/sip';
import type { KnownDevices } from '../known-devices.ts';

/** The longest that a doctor's telephone may sign in, in milliseconds. */
export const doctorLifeMs = 5 * 60_000;

const prefix = 'doctor-';
/** Ids of doctors' telephones, which no device has: UUIDv7 begins so in the year 9257. */
const devicePrefix = 'd0c70000-0000-8000-8000-';

/** An organisation's id, until when, and what tells it from others. */
const packed = 16 + 6 + 6;
const hex = (id: string): Buffer => Buffer.from(id.replaceAll('-', ''), 'hex');
const uuid = (bytes: Buffer): string =>
  bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/** The ids of their devices, from and to, for SQL. */
export const doctorDevices = {
  from: `${devicePrefix}000000000000`,
  to: `${devicePrefix}ffffffffffff`,
} as const;

/** Whether a registration or call is a doctor's: it rings for nobody, and shows nobody reachable. */
export const isDoctorDevice = (deviceId: string): boolean => deviceId.startsWith(devicePrefix);

const secretOf = (key: Buffer, username: string): string =>
  createHmac('sha256', key).update(username).digest('base64url');

/**
 * A telephone that is nowhere written down and belongs to nobody: its name says in which organisation it is and until when,
 * and its secret follows from that name and the master key. So whoever has the key can make one, nobody else, and nothing is
 * left when it was used or killed: its time passes.
 */
export function makeDoctorTelephone(
  secrets: Pick<Secrets, 'derive'>,
  orgId: string,
  nowMs = Date.now(),
): { username: string; secret: string } {
  const until = Buffer.alloc(6);
  until.writeUIntBE(nowMs + doctorLifeMs, 0, 6);
  const bytes = Buffer.concat([hex(orgId), until, randomBytes(6)]);
  const username = `${prefix}${bytes.toString('base64url')}`;
  return { username, secret: secretOf(secrets.derive('calls-doctor'), username) };
}

/** What a registrar needs of such a telephone; null when the name is none of a doctor, or its time has passed. */
export function findDoctorTelephone(
  secrets: Pick<Secrets, 'derive'>,
  query: { realm: string; username: string; algorithm: 'MD5' | 'SHA-256' },
  nowMs = Date.now(),
): SipCredentials | null {
  if (!query.username.startsWith(prefix)) return null;
  const bytes = Buffer.from(query.username.slice(prefix.length), 'base64url');
  if (bytes.length !== packed || bytes.toString('base64url') !== query.username.slice(prefix.length))
    return null;
  const untilMs = bytes.readUIntBE(16, 6);
  if (untilMs <= nowMs || untilMs > nowMs + doctorLifeMs) return null;
  const secret = secretOf(secrets.derive('calls-doctor'), query.username);
  const mark = createHash('sha256').update(query.username).digest('hex').slice(0, 12);
  const deviceId = `${devicePrefix}${mark}`;
  return {
    ha1: createHa1(query.algorithm, query.username, query.realm, secret),
    orgId: uuid(bytes.subarray(0, 16)),
    // It is no person's, and no person has this id.
    personId: deviceId,
    deviceId,
  };
}

/** Devices, and the telephones of doctors, which are asked for first and remembered nowhere. */
export const withDoctors = (secrets: Pick<Secrets, 'derive'>, devices: KnownDevices): KnownDevices => ({
  find: async (query) => findDoctorTelephone(secrets, query) ?? devices.find(query),
  close: () => devices.close(),
});
