import { conflict, invalid, notFound, type PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { Core } from '@liaison/core/floor';
import type { People } from '@liaison/people';
import { type Capture, captureLimits } from '../../contract/watch.ts';
import { administeredDevice, requireAdministered, requireAdministrator } from './access.ts';
import { capturesChanged } from './captures.ts';
import { capturedPackets } from './header-captures.ts';
import { type CapturedMessage, createPcapng } from './pcapng.ts';

interface Row extends Record<string, unknown> {
  id: string;
  target_kind: Capture['targetKind'];
  target_id: string;
  started_by: string;
  started_at: Date;
  until: Date;
  ended_at: Date | null;
  messages: number;
  bytes: number;
  rtp_headers: boolean;
  packets: number;
  truncated: boolean;
}

// A capture that nobody ended is over all the same.
const columns = `id, target_kind, target_id, started_by, started_at, until,
  case when ended_at is null and until <= now() then until else ended_at end as ended_at, messages, bytes, rtp_headers, packets, truncated`;

const present = (row: Row): Capture => ({
  id: row.id,
  targetKind: row.target_kind,
  targetId: row.target_id,
  startedBy: row.started_by,
  startedAt: row.started_at.toISOString(),
  until: row.until.toISOString(),
  endedAt: row.ended_at?.toISOString() ?? null,
  messages: row.messages,
  bytes: row.bytes,
  rtpHeaders: row.rtp_headers,
  packets: row.packets,
  truncated: row.truncated,
});

export async function listCaptures(
  tx: Tx,
  query: { cursor?: string | undefined; limit: number },
): Promise<{ rows: Capture[]; next: string | null }> {
  if (query.cursor !== undefined && !/^[0-9a-f-]{36}$/.test(query.cursor))
    throw invalid('This list cannot go on from there; begin it anew.');
  // Ids rise with time (UUIDv7), so they are the order too.
  const rows = await tx.query<Row>(
    `select ${columns} from calls.capture where ($1::uuid is null or id < $1) order by id desc limit $2`,
    [query.cursor ?? null, query.limit + 1],
  );
  const page = rows.slice(0, query.limit);
  return { rows: page.map(present), next: rows.length > query.limit ? (page.at(-1)?.id ?? null) : null };
}

async function captureFor(tx: Tx, actor: PersonActor, id: string): Promise<Row> {
  requireAdministrator(actor);
  const [row] = await tx.query<Row>(`select ${columns} from calls.capture where id = $1`, [id]);
  if (!row) throw notFound('This capture');
  return row;
}

/** @throws Problem 404 for a target that is not there, 409 `too-many-captures`, 422 for headers of what is no call. */
export async function startCapture(
  { core, people }: { core: Core; people: People },
  actor: PersonActor,
  asked: { targetKind: Capture['targetKind']; targetId: string; minutes: number; rtpHeaders: boolean },
): Promise<Capture> {
  if (asked.rtpHeaders && asked.targetKind !== 'call')
    throw invalid('Headers of RTP packets are captured of a call only.');
  const id = core.ids.next();
  const row = await core.db.transaction(actor.orgId, async (tx) => {
    requireAdministrator(actor);
    if (asked.targetKind === 'person') await requireAdministered(people, tx, actor, asked.targetId);
    else if (asked.targetKind === 'device') await administeredDevice(people, tx, actor, asked.targetId);
    else {
      const [call] = await tx.query('select id from calls.call where id = $1', [asked.targetId]);
      if (!call) throw notFound('This call');
    }
    await tx.query("select pg_advisory_xact_lock(hashtextextended('calls.capture', 0))");
    const [count] = await tx.query<{ count: number }>(
      'select count(*) as count from calls.capture where ended_at is null and until > now()',
    );
    if (Number(count?.count ?? 0) >= captureLimits.running) {
      throw conflict(
        'too-many-captures',
        `At most ${captureLimits.running} captures run at a time; end one first.`,
      );
    }
    const [made] = await tx.query<Row>(
      `insert into calls.capture (id, org_id, started_by, target_kind, target_id, until, rtp_headers)
       values ($1, $2, $3, $4, $5, now() + $6 * interval '1 minute', $7) returning ${columns}`,
      [id, actor.orgId, actor.personId, asked.targetKind, asked.targetId, asked.minutes, asked.rtpHeaders],
    );
    await core.audit.record(tx, {
      action: 'calls.capture-started',
      subjectId: asked.targetId,
      details: {
        captureId: id,
        target: asked.targetKind,
        minutes: asked.minutes,
        rtpHeaders: asked.rtpHeaders,
      },
    });
    return made!;
  });
  core.bus.publish(capturesChanged, null);
  return present(row);
}

export async function endCapture(core: Core, actor: PersonActor, id: string): Promise<void> {
  await core.db.transaction(actor.orgId, async (tx) => {
    await captureFor(tx, actor, id);
    await tx.query(
      'update calls.capture set ended_at = least(now(), until) where id = $1 and ended_at is null',
      [id],
    );
  });
  core.bus.publish(capturesChanged, null);
}

/** The whole file: its size is bounded by `captureLimits`. Whoever takes it away is written into the log. */
export async function captureFile(core: Core, actor: PersonActor, id: string): Promise<Buffer> {
  const { capture, messages, packets } = await core.db.transaction(actor.orgId, async (tx) => {
    const capture = await captureFor(tx, actor, id);
    const rows = await tx.query<{
      at: Date;
      direction: 'in' | 'out';
      protocol: string;
      local_address: string;
      local_port: number;
      remote_address: string;
      remote_port: number;
      message: string;
    }>(
      `select at, direction, protocol, local_address, local_port, remote_address, remote_port, message
       from calls.capture_message where capture_id = $1 order by at, id limit $2`,
      [id, captureLimits.messages + 1000],
    );
    await core.audit.record(tx, {
      action: 'calls.capture-downloaded',
      subjectId: capture.target_id,
      details: { captureId: id },
    });
    const messages = rows.map(
      (row): CapturedMessage => ({
        at: row.at,
        direction: row.direction,
        protocol: row.protocol,
        local: { address: row.local_address, port: row.local_port },
        remote: { address: row.remote_address, port: row.remote_port },
        message: row.message,
      }),
    );
    return { capture, messages, packets: await capturedPackets(tx, id) };
  });
  const note = `SIP of ${capture.target_kind} ${capture.target_id}; credentials, keys and contents are taken out, IP and UDP are made up; RTP packets end after their headers`;
  return Buffer.concat([...createPcapng(messages, note, packets)]);
}
