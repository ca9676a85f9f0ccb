import { parseRtp, RTP_HEADER_BYTES } from '@liaison/rtp';
import type { EndId, PacketPlace, WatchedPacket, WatchedPackets } from './media.ts';

/** As long as nobody asks for what was written down, nothing more is. */
const PATIENCE_MS = 10_000;
/** Of one relay between two questions: a second of two people who talk and see each other takes some hundreds. */
export const MAX_WATCHED_PACKETS = 1500;
/** Sources and extensions of a packet; what is longer is cut. */
const MAX_HEADER_BYTES = 128;

/**
 * Headers of the RTP packets of one relay, for whoever looks why a call sounds badly. What is said never leaves the packet: the
 * payload is left out, and what an extension says (how loud it is) is made zero, so that only lengths remain.
 */
export interface HeaderWatch {
  readonly isOver: boolean;
  /** A packet of this end as it came, or before it is protected. */
  saw(end: EndId, what: 'audio' | 'video', direction: 'in' | 'out', datagram: Buffer): void;
  /** What was seen since this was asked last; `placeOf` says where an end's packets come from and go to. */
  take(placeOf: (end: EndId, what: 'audio' | 'video') => PacketPlace | undefined): WatchedPackets;
}

export function createHeaderWatch(nowMs = (): number => performance.now()): HeaderWatch {
  let packets: WatchedPacket[] = [];
  let missed = 0;
  let askedMs = nowMs();
  return {
    get isOver() {
      return nowMs() - askedMs > PATIENCE_MS;
    },
    saw(end, what, direction, datagram) {
      if (nowMs() - askedMs > PATIENCE_MS) return;
      if (packets.length >= MAX_WATCHED_PACKETS) {
        missed += 1;
        return;
      }
      const header = headerOf(datagram);
      if (!header) return;
      const atMs = performance.timeOrigin + performance.now();
      packets.push({
        atMs,
        end,
        what,
        direction,
        bytes: datagram.length,
        header: header.toString('base64'),
      });
    },
    take(placeOf) {
      askedMs = nowMs();
      const taken = packets;
      const places: WatchedPackets['places'] = [];
      for (const { end, what } of taken) {
        if (places.some((known) => known.end === end && known.what === what)) continue;
        const place = placeOf(end, what);
        if (place) places.push({ end, what, ...place });
      }
      const answer = { packets: taken, places, missed };
      packets = [];
      missed = 0;
      return answer;
    },
  };
}

/** A copy of what comes before the payload (RFC 3550 §5.1, §5.3.1), without what an extension says. */
function headerOf(datagram: Buffer): Buffer | undefined {
  if (datagram.length < RTP_HEADER_BYTES || !parseRtp(datagram)) return undefined;
  const first = datagram[0]!;
  const sourcesEnd = RTP_HEADER_BYTES + 4 * (first & 0x0f);
  if ((first & 0x10) === 0) return Buffer.from(datagram.subarray(0, Math.min(sourcesEnd, MAX_HEADER_BYTES)));
  const extensionEnd = sourcesEnd + 4 + 4 * datagram.readUInt16BE(sourcesEnd + 2);
  const header = Buffer.alloc(Math.min(extensionEnd, MAX_HEADER_BYTES));
  datagram.copy(header, 0, 0, Math.min(sourcesEnd + 4, MAX_HEADER_BYTES));
  return header;
}
