import { type Db, inOneStatement, type Tx } from '@liaison/core/db';
import { livingProcesses } from '@liaison/core/owned';
import {
  applyRegistration,
  type Binding,
  type RegisteredContact,
  type Registration,
  registeredContacts,
  SipRefusal,
} from '@liaison/sip';
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

/** A REGISTER of a device that has signed in. */
export interface AskedRegistration {
  readonly principal: Principal;
  readonly registration: Registration;
  readonly owner: FlowOwner;
}

export interface Registered {
  readonly contacts: RegisteredContact[];
  readonly bindings: Binding[];
  /** Nothing changed but when it ends. */
  readonly isRefresh: boolean;
}

/** Carries out a REGISTER on the rows of its device, all or nothing (RFC 3261 §10.3 step 7). */
export async function register(
  db: Db,
  principal: Principal,
  registration: Registration,
  owner: FlowOwner,
): Promise<Registered> {
  const [outcome] = await registerTogether(db, principal.orgId, [{ principal, registration, owner }]);
  if (!outcome || outcome instanceof SipRefusal) throw outcome ?? new Error('a registration got no outcome');
  return outcome;
}

/**
 * Carries out several of one organisation in one transaction and two round trips, each as if it were alone and in the
 * order given.
 *
 * @returns for each what is bound now, or why it was refused.
 */
export async function registerTogether(
  db: Db,
  orgId: string,
  asked: readonly AskedRegistration[],
): Promise<(Registered | SipRefusal)[]> {
  return db.transaction(orgId, async (tx) => {
    // In one order everywhere, so that two batches never wait for each other.
    const deviceIds = [...new Set(asked.map(({ principal }) => principal.deviceId))].sort();
    const [, rows] = await Promise.all([
      // One telephone's registrations one after another: a retransmission on another transport must not mix with it.
      tx.query('select pg_advisory_xact_lock(hashtextextended(d, 0)) from unnest($1::text[]) d', [deviceIds]),
      bindingsOfDevices(tx, deviceIds),
    ]);
    const stored = new Map<string, StoredBinding[]>();
    for (const row of rows) stored.set(row.deviceId, [...(stored.get(row.deviceId) ?? []), row]);
    const gone: { deviceId: string; uri: string }[] = [];
    /** By device and URI, so that the last of several counts. */
    const changed = new Map<string, ReturnType<typeof toRow>>();
    const nowMs = Date.now();
    const outcomes = asked.map(({ principal, registration, owner }): Registered | SipRefusal => {
      const { deviceId } = principal;
      const before = stored.get(deviceId) ?? [];
      let bindings: Binding[];
      try {
        bindings = applyRegistration(
          before.map(({ binding }) => binding),
          registration,
          nowMs,
          maxContactsPerDevice,
        );
      } catch (error) {
        if (error instanceof SipRefusal) return error;
        throw error;
      }
      let isRefresh = before.length === bindings.length && bindings.length > 0;
      const after = bindings.map((binding): StoredBinding => {
        const same = before.find((each) => each.binding === binding);
        if (same) return same;
        const renewed = before.find((each) => each.binding.uri === binding.uri);
        isRefresh &&= renewed !== undefined && isOnlyRenewed(renewed, binding, owner);
        changed.set(`${deviceId} ${binding.uri}`, toRow(principal, binding, owner));
        return { deviceId, binding, processId: owner.processId };
      });
      for (const { binding } of before) {
        if (bindings.some(({ uri }) => uri === binding.uri)) continue;
        gone.push({ deviceId, uri: binding.uri });
        changed.delete(`${deviceId} ${binding.uri}`);
      }
      stored.set(deviceId, after);
      return { contacts: registeredContacts(bindings, nowMs), bindings, isRefresh };
    });
    if (gone.length > 0) {
      void tx
        .query(
          `delete from calls.registration r using unnest($1::uuid[], $2::text[]) as t(device_id, uri)
           where r.device_id = t.device_id and r.uri = t.uri`,
          [gone.map(({ deviceId }) => deviceId), gone.map(({ uri }) => uri)],
        )
        // It fails again with the commit.
        .catch(() => {});
    }
    if (changed.size > 0) {
      const written = [...changed].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
      tx.withCommit(() => ({
        sql: writeRegistrations,
        parameters: [orgId, JSON.stringify(written)],
        answered() {},
      }));
    }
    return outcomes;
  });
}

const writeRegistrations = `
  insert into calls.registration as r (
    org_id, device_id, person_id, uri, process_id, place, call_id, cseq, q, params, instance_id, reg_id, user_agent,
    flow, path, expires_at, look_at)
  select $1::uuid, t.*, t.expires_at from jsonb_to_recordset($2::jsonb) as t(
    device_id uuid, person_id uuid, uri text, process_id uuid, place text, call_id text, cseq bigint, q real, params text,
    instance_id text, reg_id integer, user_agent text, flow jsonb, path text[], expires_at timestamptz)
  on conflict (device_id, uri) do update set
    process_id = excluded.process_id, place = excluded.place, orphaned_at = null, call_id = excluded.call_id,
    cseq = excluded.cseq, q = excluded.q, params = excluded.params, instance_id = excluded.instance_id,
    reg_id = excluded.reg_id, user_agent = excluded.user_agent, flow = excluded.flow, path = excluded.path,
    expires_at = excluded.expires_at, look_at = least(r.look_at, excluded.expires_at)`;

const toRow = (principal: Principal, binding: Binding, owner: FlowOwner) => ({
  device_id: principal.deviceId,
  person_id: principal.personId,
  uri: binding.uri,
  process_id: owner.processId,
  place: owner.place,
  call_id: binding.callId,
  cseq: binding.cseq,
  q: binding.q,
  params: binding.params,
  instance_id: binding.instanceId ?? null,
  reg_id: binding.regId ?? null,
  user_agent: binding.userAgent?.slice(0, 200) ?? null,
  flow: binding.flow,
  path: binding.path ?? [],
  expires_at: new Date(binding.expiresAtMs),
});

interface StoredBinding {
  readonly deviceId: string;
  readonly binding: Binding;
  readonly processId: string;
}

function isOnlyRenewed(
  before: StoredBinding,
  { flow, instanceId, regId }: Binding,
  owner: FlowOwner,
): boolean {
  const { binding, processId } = before;
  return (
    processId === owner.processId &&
    binding.flow.id === flow.id &&
    binding.instanceId === instanceId &&
    binding.regId === regId
  );
}

async function bindingsOfDevices(tx: Tx, deviceIds: readonly string[]): Promise<StoredBinding[]> {
  const rows = await tx.query<Row & { device_id: string; process_id: string }>(
    `select device_id, process_id, ${columns.join(', ')} from calls.registration
     where device_id = any($1::uuid[]) and expires_at > now()`,
    [deviceIds],
  );
  return rows.map((row) => ({
    deviceId: row.device_id,
    processId: row.process_id,
    binding: toBinding(row),
  }));
}

/** Which of these devices are registered now. */
export async function registeredDevices(
  tx: Tx,
  deviceIds: readonly string[],
): Promise<Map<string, { personId: string; expiresAt: Date }>> {
  const rows = await tx.query<{ device_id: string; person_id: string; expires_at: Date }>(
    `select device_id, person_id, max(expires_at) as expires_at from calls.registration
     where device_id = any($1::uuid[]) and expires_at > now() group by device_id, person_id`,
    [deviceIds],
  );
  return new Map(rows.map((row) => [row.device_id, { personId: row.person_id, expiresAt: row.expires_at }]));
}

/** A telephone of somebody, and who holds the way to it. */
export interface ReachedTelephone {
  readonly deviceId: string;
  readonly binding: Binding;
  readonly processId: string;
  /** Whether that process lives. */
  readonly isAlive: boolean;
}

/** Every telephone of a person that is registered, the preferred first; who is called at the same moment is looked up together. */
export const telephonesOf = inOneStatement<string, ReachedTelephone[]>(async (tx, personIds) => {
  const rows = await tx.query<
    Row & { person_id: string; device_id: string; process_id: string; is_alive: boolean }
  >(
    `select w.person_id, r.* from unnest($1::uuid[]) as w(person_id) cross join lateral (
       select device_id, process_id, ${columns.join(', ')},
         process_id in (${livingProcesses}) as is_alive
       from calls.registration
       where person_id = w.person_id and expires_at > now() order by q desc limit 20) r`,
    [[...new Set(personIds)]],
  );
  const telephones = Map.groupBy(rows, (row) => row.person_id);
  return personIds.map((personId) =>
    (telephones.get(personId) ?? []).map((row) => ({
      deviceId: row.device_id,
      binding: toBinding(row),
      processId: row.process_id,
      isAlive: row.is_alive,
    })),
  );
});

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
