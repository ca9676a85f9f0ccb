import { isIP } from 'node:net';
import type { Core } from '@liaison/core/floor';
import { processesSeen } from '@liaison/core/owned';
import type { People } from '@liaison/people';
import { type Flow, parseSipUri } from '@liaison/sip';
import type { RegisteredTelephone } from '../../contract/index.ts';
import { doctorDevices } from '../doctor/credentials.ts';

interface Row extends Record<string, unknown> {
  device_id: string;
  person_id: string;
  uri: string;
  user_agent: string | null;
  flow: Flow;
  process_id: string;
  expires_at: Date;
  registered_at: Date;
  round_trip_ms: number | null;
  round_trip_at: Date | null;
  total: number;
}

/** Whom a search by words may mean; more than these nobody reads. */
const maxPeopleFound = 50;

/**
 * One window of what is registered now, in the order of its beginning; a device with several contacts is there several
 * times. `db` and not a transaction: processes are named across organisations.
 */
export async function listRegistered(
  { db, people }: Pick<Core, 'db'> & { people: Pick<People, 'search' | 'findMany' | 'devicesById'> },
  orgId: string,
  query: { offset: number; limit: number; text?: string | undefined },
): Promise<{ rows: RegisteredTelephone[]; total: number }> {
  const { rows, persons, devices } = await db.read(orgId, async (tx) => {
    const text = query.text ?? '';
    const meant = text === '' ? [] : await people.search(tx, text, maxPeopleFound);
    const rows = await tx.query<Row>(
      `select device_id, person_id, uri, user_agent, flow, process_id, expires_at, registered_at, round_trip_ms, round_trip_at,
         count(*) over () as total
       from calls.registration
       where expires_at > now() and device_id not between $5 and $6 and ($1 = '' or person_id = any($2::uuid[])
         or strpos(lower(coalesce(user_agent, '')), lower($1)) > 0
         or starts_with(flow->'remote'->>'address', $1))
       order by registered_at desc, device_id, uri limit $3 offset $4`,
      [
        text,
        meant.map((person) => person.id),
        query.limit,
        query.offset,
        doctorDevices.from,
        doctorDevices.to,
      ],
    );
    return {
      rows,
      persons: await people.findMany(tx, [...new Set(rows.map((row) => row.person_id))]),
      devices: await people.devicesById(tx, [...new Set(rows.map((row) => row.device_id))]),
    };
  });
  const seen = await processesSeen(db, [...new Set(rows.map((row) => row.process_id))]);
  const processes = new Map(seen.map((each) => [each.id, each]));
  return {
    total: Number(rows[0]?.total ?? 0),
    rows: rows.map((row) => ({
      deviceId: row.device_id,
      deviceName: devices.get(row.device_id)?.name ?? null,
      personId: row.person_id,
      personName: persons.get(row.person_id)?.name ?? null,
      userAgent: row.user_agent,
      protocol: row.flow.protocol,
      address: hostPort(row.flow.remote.address, row.flow.remote.port),
      claimedAddress: claimedElsewhere(row.uri, row.flow),
      process: processes.get(row.process_id) ?? null,
      registeredAt: row.registered_at.toISOString(),
      expiresAt: row.expires_at.toISOString(),
      roundTrip: row.round_trip_at && { ms: row.round_trip_ms, at: row.round_trip_at.toISOString() },
    })),
  };
}

const hostPort = (host: string, port: number): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

/**
 * Where a telephone believes it is, when its messages come from elsewhere: a NAT stands between (RFC 5626 §1). Streams come
 * from a port of the moment, so of them only the address says something; a name, as WebSocket clients make one up
 * (RFC 7118 §5.2), says nothing.
 */
export function claimedElsewhere(uri: string, flow: Pick<Flow, 'protocol' | 'remote'>): string | null {
  let claimed: { host: string; port?: number };
  try {
    claimed = parseSipUri(uri);
  } catch {
    return null;
  }
  const host = claimed.host.replace(/^\[|\]$/g, '');
  if (isIP(host) === 0) return null;
  const port = claimed.port ?? 5060;
  const samePort = flow.protocol !== 'udp' || port === flow.remote.port;
  const unmapped = flow.remote.address.replace(/^::ffff:/i, '');
  return host === unmapped && samePort ? null : hostPort(host, port);
}
