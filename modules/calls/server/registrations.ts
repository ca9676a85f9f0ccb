import type { Db, Tx } from '@liaison/core/db';
import {
  applyRegistration,
  type Binding,
  type RegisteredContact,
  type Registration,
  registeredContacts,
} from '@liaison/sip';
import { sql } from 'kysely';
import type { CallsTables } from './tables.ts';

/** The device that signed a SIP request in, as `People.sipCredentials` told. */
export interface Principal {
  readonly orgId: string;
  readonly personId: string;
  readonly deviceId: string;
}

/** More contacts than any telephone has; a device that adds more is refused rather than remembered for ever. */
const maxContactsPerDevice = 10;

type Row = {
  uri: string;
  q: number;
  params: string;
  instance_id: string | null;
  reg_id: number | null;
  call_id: string;
  cseq: number;
  expires_at: Date;
  flow: Binding['flow'];
  path: string[];
  user_agent: string | null;
};

const toBinding = (row: Row): Binding => ({
  uri: row.uri,
  q: row.q,
  params: row.params,
  ...(row.instance_id === null ? {} : { instanceId: row.instance_id }),
  ...(row.reg_id === null ? {} : { regId: row.reg_id }),
  callId: row.call_id,
  cseq: row.cseq,
  expiresAtMs: row.expires_at.getTime(),
  flow: row.flow,
  ...(row.path.length === 0 ? {} : { path: row.path }),
  ...(row.user_agent === null ? {} : { userAgent: row.user_agent }),
});

const columns = [
  'uri',
  'q',
  'params',
  'instance_id',
  'reg_id',
  'call_id',
  'cseq',
  'expires_at',
  'flow',
  'path',
  'user_agent',
] as const;

/** The process that holds a flow, and for datagrams the socket of ours that it ends in. */
export interface FlowOwner {
  readonly processId: string;
  /** Empty for a stream, which ends with its process. */
  readonly place: string;
}

/** Carries out a REGISTER on the rows of its device, all or nothing (RFC 3261 §10.3 step 7). */
export async function register(
  db: Db,
  principal: Principal,
  registration: Registration,
  owner: FlowOwner,
): Promise<{ contacts: RegisteredContact[]; bindings: Binding[] }> {
  return db.transaction(principal.orgId, async (tx) => {
    // One telephone's registrations one after another: a retransmission on another transport must not mix with it.
    await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [principal.deviceId]);
    const before = await bindingsOfDevice(tx, principal.deviceId);
    const nowMs = Date.now();
    const after = applyRegistration(before, registration, nowMs, maxContactsPerDevice);
    const kept = new Set(after.map((binding) => binding.uri));
    const gone = before.filter((binding) => !kept.has(binding.uri)).map((binding) => binding.uri);
    if (gone.length > 0) {
      await tx
        .as<CallsTables>()
        .deleteFrom('calls.registration')
        .where('device_id', '=', principal.deviceId)
        .where('uri', 'in', gone)
        .execute();
    }
    for (const binding of after) {
      if (before.includes(binding)) continue;
      const row = {
        process_id: owner.processId,
        place: owner.place,
        orphaned_at: null,
        call_id: binding.callId,
        cseq: binding.cseq,
        q: binding.q,
        params: binding.params,
        instance_id: binding.instanceId ?? null,
        reg_id: binding.regId ?? null,
        user_agent: binding.userAgent?.slice(0, 200) ?? null,
        flow: JSON.stringify(binding.flow),
        path: [...(binding.path ?? [])],
        expires_at: new Date(binding.expiresAtMs),
      };
      await tx
        .as<CallsTables>()
        .insertInto('calls.registration')
        .values({
          org_id: principal.orgId,
          device_id: principal.deviceId,
          person_id: principal.personId,
          uri: binding.uri,
          ...row,
        })
        .onConflict((conflict) => conflict.columns(['device_id', 'uri']).doUpdateSet(row))
        .execute();
    }
    return { contacts: registeredContacts(after, nowMs), bindings: after };
  });
}

async function bindingsOfDevice(tx: Tx, deviceId: string): Promise<Binding[]> {
  const rows = await tx
    .as<CallsTables>()
    .selectFrom('calls.registration')
    .select([...columns])
    .where('device_id', '=', deviceId)
    .where('expires_at', '>', new Date())
    .execute();
  return rows.map(toBinding);
}

/** A telephone of somebody, and who holds the way to it. */
export interface ReachedTelephone {
  readonly deviceId: string;
  readonly binding: Binding;
  readonly processId: string;
  /** Whether that process lives. */
  readonly isAlive: boolean;
}

/** Every telephone of a person that is registered, the preferred first. */
export async function telephonesOf(tx: Tx, personId: string): Promise<ReachedTelephone[]> {
  const rows = await tx
    .as<CallsTables>()
    .selectFrom('calls.registration')
    .select(['device_id', 'process_id', ...columns])
    .select(sql<boolean>`core.alive(process_id)`.as('is_alive'))
    .where('person_id', '=', personId)
    .where('expires_at', '>', new Date())
    .orderBy('q', 'desc')
    .limit(20)
    .execute();
  return rows.map((row) => ({
    deviceId: row.device_id,
    binding: toBinding(row),
    processId: row.process_id,
    isAlive: row.is_alive,
  }));
}

export async function forgetDevice(tx: Tx, deviceId: string): Promise<void> {
  await tx.as<CallsTables>().deleteFrom('calls.registration').where('device_id', '=', deviceId).execute();
}

/** A person whose telephones must ring no more; answers which devices were registered. */
export async function forgetTelephonesOf(tx: Tx, personId: string): Promise<string[]> {
  const rows = await tx
    .as<CallsTables>()
    .deleteFrom('calls.registration')
    .where('person_id', '=', personId)
    .returning('device_id')
    .execute();
  return [...new Set(rows.map((row) => row.device_id))];
}
