import { randomInt } from 'node:crypto';
import type { RtpPacket } from '@liaison/rtp';
import { clockRateOf } from '@liaison/sdp';
import { createDecode, createEncode, FRAME_MS, sampleRateOf } from './codec.ts';
import { createConcealment } from './concealment.ts';
import type { CodecName } from './media.ts';

/** A source that jumps farther than this has restarted (RFC 3550 §A.1, MAX_DROPOUT). */
const MAX_JUMP = 3000;
/** A gap of lost packets that is filled with sound (concealment.ts): beyond that there is nothing left to repeat. */
const MAX_CONCEALED_MS = 120;
/** Lost packets of a longer gap that the receiver is shown, so that its decoder conceals them; a longer one is silence. */
const MAX_SHOWN_LOSS = 10;
/** RFC 7587 §4.2: no packet is longer than 120 ms; of G.711 we would have refused the datagram. */
const MAX_PACKET_MS = 200;

/** How many streams a media process may transcode: each takes up to one per cent of a core. */
export interface TranscoderBudget {
  readonly free: number;
  take(): boolean;
  give(): void;
}

export function createTranscoderBudget(max: number): TranscoderBudget {
  let taken = 0;
  return {
    get free() {
      return max - taken;
    },
    take() {
      if (taken >= max) return false;
      taken += 1;
      return true;
    },
    give() {
      taken = Math.max(0, taken - 1);
    },
  };
}

/**
 * One direction between two codecs: packets in, packets of 20 ms out, on numbers and a source of its own. Packets come in
 * order (the jitter buffer of `conversion.ts`); a short gap in their numbers is filled, a longer one is a gap in those that go
 * out too. A pause without missing numbers (discontinuous transmission) is one of the timestamps.
 */
export interface Transcoder {
  readonly from: CodecName;
  readonly to: CodecName;
  /** Sound. None when there is less than a frame, or the packet is late or no sound of that codec. */
  audio(packet: RtpPacket): RtpPacket[];
  /** Something else that belongs to the stream, a key pressed: the same on our numbers and clock. */
  other(packet: RtpPacket): RtpPacket;
  /** Something that belongs to the stream and is not sent on: its number is no loss. */
  skip(packet: RtpPacket): void;
}

const NO_SAMPLES = new Int16Array(0);

function joined(first: Int16Array, second: Int16Array): Int16Array<ArrayBuffer> {
  const all = new Int16Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

export function createTranscoder(from: CodecName, to: CodecName): Transcoder {
  // At the lower rate of the two: there is nothing above it to carry.
  const rate = Math.min(sampleRateOf(from), sampleRateOf(to)) as ReturnType<typeof sampleRateOf>;
  const frame = (rate * FRAME_MS) / 1000;
  const clockIn = clockRateOf(from);
  const clockOut = clockRateOf(to);
  const ssrc = randomInt(1, 2 ** 32);
  const decode = createDecode(from, rate);
  const concealment = createConcealment(from, rate, decode);
  const encode = createEncode(to, rate);

  let source: { ssrc: number; sequence: number; timestamp: number } | undefined;
  /** Where the source's `timestamp` lies on our clock. */
  let anchor = 0;
  /** The timestamp at which the next sound is expected when nothing is missing. */
  let expectedAt = 0;
  let sequence = 0;
  let nextAt = 0;
  let pending = new Int16Array(0);

  const packetOf = (payload: Buffer, timestamp: number, marker: boolean): RtpPacket => {
    sequence = (sequence + 1) & 0xffff;
    return { payloadType: 0, marker, sequence, timestamp: timestamp >>> 0, ssrc, csrcs: [], payload };
  };

  /** How many samples were lost before this packet of sound, if that can be filled. */
  function gapBefore(packet: RtpPacket): number {
    if (source?.ssrc !== packet.ssrc || expectedAt < 0) return 0;
    const numbers = ((packet.sequence - source.sequence) & 0xffff) - 1;
    const samples = Math.round((((packet.timestamp - expectedAt) | 0) * rate) / clockIn);
    return numbers >= 1 && numbers < MAX_JUMP && samples > 0 && samples <= (rate * MAX_CONCEALED_MS) / 1000
      ? samples
      : 0;
  }

  /** False when the packet is late. Moves the anchor along, and past a source that began anew. */
  function follow(packet: RtpPacket, isFilled = false): boolean {
    const isNew = source?.ssrc !== packet.ssrc;
    const ahead = source ? (packet.sequence - source.sequence) & 0xffff : 0;
    if (!source || isNew || (ahead >= MAX_JUMP && ahead <= 0x10000 - MAX_JUMP)) {
      anchor = nextAt;
      expectedAt = packet.timestamp;
      pending = new Int16Array(0);
    } else {
      if (ahead >= MAX_JUMP || ahead === 0) return false;
      if (!isFilled && ahead <= MAX_SHOWN_LOSS) sequence = (sequence + ahead - 1) & 0xffff;
      anchor += Math.round((((packet.timestamp - source.timestamp) | 0) * clockOut) / clockIn);
    }
    source = { ssrc: packet.ssrc, sequence: packet.sequence, timestamp: packet.timestamp };
    return true;
  }

  return {
    from,
    to,
    audio(packet) {
      const gap = gapBefore(packet);
      if (!follow(packet, gap > 0)) return [];
      let samples: Int16Array;
      try {
        const filled = gap > 0 ? concealment.missing(gap) : NO_SAMPLES;
        const decoded = concealment.heard(packet.payload, decode(packet.payload));
        if (decoded.length === 0) return [];
        samples = gap > 0 ? joined(filled, decoded) : decoded;
      } catch {
        // Damaged, or of another codec: to who hears it, a packet that was lost.
        return [];
      }
      if (samples.length - gap > (rate * MAX_PACKET_MS) / 1000) return [];
      if (gap === 0 && packet.timestamp !== expectedAt) pending = new Int16Array(0);
      expectedAt = (packet.timestamp + Math.round(((samples.length - gap) * clockIn) / rate)) >>> 0;
      let at = anchor - Math.round(((pending.length + gap) * clockOut) / rate);
      const all = joined(pending, samples);
      const packets: RtpPacket[] = [];
      let start = 0;
      for (; start + frame <= all.length; start += frame) {
        packets.push(packetOf(encode(all.subarray(start, start + frame)), at, packet.marker && start === 0));
        at += (clockOut * FRAME_MS) / 1000;
      }
      pending = all.slice(start);
      nextAt = at;
      return packets;
    },
    other(packet) {
      // Packets of one event share its timestamp, and so do ours; a repeated number has no meaning for an event.
      if (follow(packet)) expectedAt = -1;
      nextAt = anchor + (clockOut * FRAME_MS) / 1000;
      return { ...packetOf(packet.payload, anchor, packet.marker), payloadType: packet.payloadType };
    },
    skip(packet) {
      if (source?.ssrc === packet.ssrc) follow(packet, true);
    },
  };
}
