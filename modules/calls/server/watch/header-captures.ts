import type { Tx } from '@liaison/core/db';
import type { Core, Service } from '@liaison/core/floor';
import { z } from 'zod';
import { captureLimits } from '../../contract/watch.ts';
import type { PacketPlace, Relay, WatchedPackets } from '../media/media.ts';
import type { RunningCapture } from './across-organisations.ts';
import type { Captures } from './captures.ts';
import type { CapturedPacket } from './pcapng.ts';

/** How often what a relay has seen is fetched. */
const fetchMs = 1000;

/** A call of this process; `Call` of the model is one. */
export interface HeaderSource {
  inspect(): { readonly path: string | null };
  relay(): Promise<Pick<Relay, 'headers'>>;
}

/**
 * Fetches the headers of RTP packets of the calls that somebody captures with them, in the process that owns the call. The last
 * second of a call is not in it: its relay is gone with it.
 */
export function createHeaderCaptures(parts: {
  core: Pick<Core, 'db' | 'ids' | 'log'>;
  captures: Pick<Captures, 'running'>;
  callHere(callId: string): HeaderSource | undefined;
}): Service & { look(): Promise<void> } {
  const { captures, callHere } = parts;
  const { db, ids, log } = parts.core;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;

  async function look(): Promise<void> {
    const wanted = captures.running.filter((each) => each.rtpHeaders && each.untilMs > Date.now());
    await Promise.all(
      wanted.map(async (capture) => {
        try {
          const call = callHere(capture.targetId);
          // Two pages that hear each other directly send nothing through here.
          if (call?.inspect().path !== 'relay') return;
          await keep(capture, await (await call.relay()).headers());
        } catch (error) {
          log.warn({ err: error, captureId: capture.id }, 'headers of packets could not be captured');
        }
      }),
    );
  }

  async function keep(capture: RunningCapture, seen: WatchedPackets): Promise<void> {
    const packets = placed(seen);
    if (packets.length === 0 && seen.missed === 0) return;
    await db.transaction(capture.orgId, async (tx) => {
      const [room] = await tx.query<{ left: number }>(
        'select $2 - packets as left from calls.capture where id = $1 and ended_at is null for update',
        [capture.id, captureLimits.packets],
      );
      if (!room) return;
      const kept = packets.slice(0, Math.max(0, room.left));
      if (kept.length > 0)
        await tx.query(
          `insert into calls.capture_packets (id, org_id, capture_id, at, packets)
           values ($1, $2, $3, now(), $4::jsonb)`,
          [ids.next(), capture.orgId, capture.id, JSON.stringify(kept)],
        );
      const isCut = kept.length < packets.length || seen.missed > 0;
      await tx.query(
        'update calls.capture set packets = packets + $2, truncated = truncated or $3 where id = $1',
        [capture.id, kept.length, isCut],
      );
    });
  }

  return {
    name: 'calls.header-captures',
    look,
    async start() {
      timer = setInterval(() => {
        looking ??= look().finally(() => {
          looking = undefined;
        });
      }, fetchMs);
      timer.unref();
    },
    async stop() {
      clearInterval(timer);
      await looking;
    },
  };
}

const endpoint = z.object({ address: z.string().max(100), port: z.number().int() });
const kept = z.array(
  z.object({
    atMs: z.number(),
    direction: z.enum(['in', 'out']),
    local: endpoint,
    remote: endpoint,
    bytes: z.number().int().min(0).max(65_000),
    header: z.string().max(400),
  }),
);

/** Each packet with its two places; one of an end that is nowhere yet is left out. */
function placed({ packets, places }: WatchedPackets): z.input<typeof kept> {
  const known = new Map<string, PacketPlace>(places.map((place) => [`${place.end} ${place.what}`, place]));
  return packets.flatMap(({ atMs, end, what, direction, bytes, header }) => {
    const place = known.get(`${end} ${what}`);
    return place ? [{ atMs, direction, local: place.local, remote: place.remote, bytes, header }] : [];
  });
}

/** What was kept of a capture, in the order of time. */
export async function capturedPackets(tx: Tx, captureId: string): Promise<CapturedPacket[]> {
  const rows = await tx.query<{ packets: unknown }>(
    'select packets from calls.capture_packets where capture_id = $1 order by at, id limit 5000',
    [captureId],
  );
  return rows
    .flatMap((row) => kept.parse(row.packets))
    .map(({ header, ...packet }) => ({ ...packet, header: Buffer.from(header, 'base64') }))
    .sort((one, other) => one.atMs - other.atMs);
}
