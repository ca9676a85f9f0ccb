import type { Db } from '@liaison/core/db';
import {
  applyRegistration,
  type Binding,
  type Registration,
  registeredContacts,
  SipRefusal,
} from '@liaison/sip';
import type { AskedRegistration, FlowOwner, Registered } from './registrations.ts';

/**
 * What this process wrote last for each of its telephones. While nobody else has written since, a REGISTER that only puts off the
 * end of one binding needs no look at what is stored, and its row no more than a new end: the statement itself makes sure
 * that the row is still the one that was written here, and whatever it does not find is carried out as ever.
 */
export interface Renewals {
  /** What was written, or that nothing is left. */
  wrote(asked: AskedRegistration, registered: Registered): void;
  /**
   * Carries out those that are such REGISTERs, the first of a device only, in one transaction and two round trips;
   * `undefined` for each that has to go the usual way, after these.
   */
  renewTogether(
    db: Db,
    orgId: string,
    asked: readonly AskedRegistration[],
  ): Promise<(Registered | undefined)[]>;
}

interface Known {
  readonly personId: string;
  readonly owner: FlowOwner;
  readonly bindings: Binding[];
}

/** A telephone that is forgotten costs one statement more. */
const maxKnown = 100_000;

export function createRenewals({ max = maxKnown }: { max?: number } = {}): Renewals {
  /** By device, the one written longest ago first. */
  const known = new Map<string, Known>();

  function keep(deviceId: string, what: Known): void {
    known.delete(deviceId);
    known.set(deviceId, what);
    if (known.size > max) known.delete(known.keys().next().value!);
  }

  return {
    wrote({ principal, owner }, { bindings }) {
      const { deviceId, personId } = principal;
      if (bindings.length === 0) known.delete(deviceId);
      else keep(deviceId, { personId, owner, bindings });
    },
    async renewTogether(db, orgId, asked) {
      const nowMs = Date.now();
      const seen = new Set<string>();
      const renewals = asked.map((each) => {
        const { deviceId } = each.principal;
        const before = known.get(deviceId);
        const renewal = before && !seen.has(deviceId) ? renewalOf(before, each, nowMs) : undefined;
        seen.add(deviceId);
        return renewal;
      });
      const rows = renewals.filter((each) => each !== undefined);
      if (rows.length === 0) return asked.map(() => undefined);
      const done = await db.transaction(orgId, async (tx) => {
        const found = new Set<unknown>();
        tx.withCommit(() => ({
          sql: renew,
          parameters: [
            rows.map(({ deviceId }) => deviceId),
            rows.map(({ after }) => after.uri),
            rows.map(({ after }) => after.callId),
            rows.map(({ before }) => before.cseq),
            rows.map(({ after }) => after.cseq),
            rows.map(({ after }) => new Date(after.expiresAtMs)),
            rows.map(({ bindings }) => bindings.length),
            rows.map(({ owner }) => owner.processId),
          ],
          answered(answer) {
            for (const row of answer) found.add(row.device_id);
          },
        }));
        return found;
      });
      return renewals.map((renewal, at): Registered | undefined => {
        if (!renewal) return undefined;
        const { deviceId, bindings } = renewal;
        if (!done.has(deviceId)) {
          known.delete(deviceId);
          return undefined;
        }
        const { principal, owner } = asked[at]!;
        keep(deviceId, { personId: principal.personId, owner, bindings });
        return { contacts: registeredContacts(bindings, nowMs), bindings, isRefresh: true };
      });
    },
  };
}

/**
 * Rows that are still as they were written here. That none was added or has ended is counted: the answer names all
 * bindings (RFC 3261 §10.3 step 8). Who waited for somebody else's write finds another CSeq, and nothing is done.
 */
const renew = `
  update calls.registration r
  set cseq = t.cseq, expires_at = t.expires_at, look_at = least(r.look_at, t.expires_at), orphaned_at = null
  from unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::timestamptz[], $7::integer[], $8::uuid[])
    as t(device_id, uri, call_id, was, cseq, expires_at, bound, process_id)
  where r.device_id = t.device_id and r.uri = t.uri and r.call_id = t.call_id and r.cseq = t.was
    and r.process_id = t.process_id and r.expires_at > now()
    and t.bound = (select count(*) from calls.registration o where o.device_id = t.device_id and o.expires_at > now())
  returning r.device_id`;

interface Renewal {
  readonly deviceId: string;
  readonly owner: FlowOwner;
  readonly before: Binding;
  readonly after: Binding;
  /** All of the device, the renewed one among them. */
  readonly bindings: Binding[];
}

/** Undefined when more changes than the end of one binding, or it has to be refused: that is for who looks at what is stored. */
function renewalOf(
  { personId, owner: writtenFor, bindings }: Known,
  { principal, registration, owner }: AskedRegistration,
  nowMs: number,
): Renewal | undefined {
  const isSameOwner = writtenFor.processId === owner.processId && writtenFor.place === owner.place;
  if (personId !== principal.personId || !isSameOwner) return undefined;
  const next = appliedTo(bindings, registration, nowMs);
  if (next?.length !== bindings.length) return undefined;
  let renewed: { before: Binding; after: Binding } | undefined;
  for (const after of next) {
    if (bindings.includes(after)) continue;
    const before = bindings.find(({ uri }) => uri === after.uri);
    if (renewed || !before || !differsInEndOnly(before, after)) return undefined;
    // What else the new message says is the same text: keeping the old one lets go of the message.
    renewed = { before, after: { ...before, cseq: after.cseq, expiresAtMs: after.expiresAtMs } };
  }
  if (!renewed) return undefined;
  const { before, after } = renewed;
  return {
    deviceId: principal.deviceId,
    owner,
    before,
    after,
    bindings: bindings.map((binding) => (binding === before ? after : binding)),
  };
}

function appliedTo(
  bindings: readonly Binding[],
  registration: Registration,
  nowMs: number,
): Binding[] | undefined {
  try {
    return applyRegistration(bindings, registration, nowMs);
  } catch (error) {
    if (error instanceof SipRefusal) return undefined;
    throw error;
  }
}

const differsInEndOnly = (before: Binding, after: Binding): boolean =>
  before.callId === after.callId &&
  before.flow.id === after.flow.id &&
  before.q === after.q &&
  before.params === after.params &&
  before.instanceId === after.instanceId &&
  before.regId === after.regId &&
  before.userAgent === after.userAgent &&
  (before.path ?? []).join() === (after.path ?? []).join();
