import { randomBytes, randomInt } from 'node:crypto';
import {
  buildRtp,
  buildTelephoneEvent,
  createRewriter,
  createRtcpSession,
  parseTelephoneEvent,
  type Reception,
  RTP_HEADER_BYTES,
  type RtcpSession,
  type RtpHeader,
  type RtpPacket,
  writePlainRtp,
} from '@liaison/rtp';
import { clockRateOf, eventsFor, type TelephoneEvents } from '@liaison/sdp';
import type { Format } from './end.ts';
import type { CodecName } from './media.ts';

/** What a receiver agreed to beside its codec. */
export interface OtherFormats {
  telephoneEvents: readonly TelephoneEvents[];
  /** RFC 3389, its payload type. */
  comfortNoise?: number | undefined;
}

/** The one stream that an end of a relay receives, whoever speaks: one SSRC, no jumps, the end's payload types. */
export interface Outgoing {
  readonly ssrc: number;
  readonly cname: string;
  readonly rtcp: RtcpSession;
  /** What the receiver agreed to. */
  agree(codec: CodecName, payloadType: number, formats: OtherFormats): void;
  /** Whether it knows comfort noise. */
  readonly takesNoise: boolean;
  /** The same codec: the plain datagram with our header written over its own; `undefined`: too late. */
  pass(header: RtpHeader, datagram: Buffer, nowMs: number): Buffer | undefined;
  /** The datagram to send; `undefined` when the receiver cannot take that format, or it is too late. */
  write(format: Format, packet: RtpPacket, nowMs: number): Buffer | undefined;
  /** A packet of a key of our own, between those of the source; `undefined` when the receiver takes no events. */
  key(payload: (clockRate: number) => Buffer, isFirst: boolean, nowMs: number): Buffer | undefined;
  /** Whether the receiver takes telephone events. */
  readonly takesKeys: boolean;
  /** What follows comes from somebody else. */
  interrupt(): void;
}

/** A source that is this far past the last packet of ours cannot collide with it any more. */
const PAST_INSERTED = 1000;

export function createOutgoing(reception: Reception): Outgoing {
  const ssrc = randomInt(1, 2 ** 32);
  const cname = randomBytes(12).toString('base64'); // RFC 7022 §4.2: 96 random bits, saying nothing about us
  // From the lower half: SRTP guesses its rollover counter wrong when the first packets of a stream wrap and get lost.
  const start = { ssrc, sequence: randomInt(2 ** 15), timestamp: randomInt(2 ** 32) };
  const rewriter = createRewriter(start);
  const rtcp = createRtcpSession({ ssrc, cname, reception });
  let codec: CodecName | undefined;
  let audioPayloadType = 0;
  let events: TelephoneEvents | undefined;
  let comfortNoise: number | undefined;
  let clockRate = 8000;
  /** How many packets of ours stand between those of the source, and after which of these the last of them. */
  let inserted = 0;
  let insertedAfter: number | undefined;
  /** The newest packet of the source, as the rewriter numbers it. */
  const newest = { sequence: (start.sequence - 1) & 0xffff, timestamp: start.timestamp, atMs: 0 };
  let keyTimestamp = 0;
  const written: RtpHeader = { payloadType: 0, marker: false, sequence: 0, timestamp: 0, ssrc };

  /**
   * The source's packet in our numbers, with ours between. `undefined` for one that comes late, from before the last of ours:
   * its number is given away, and SRTP never protects two packets under one (RFC 3711 §9.1).
   */
  function rewrite(packet: RtpHeader, nowMs: number) {
    const fields = rewriter.rewrite(packet, clockRate, nowMs);
    if (!fields) return undefined;
    const { sequence, timestamp } = fields;
    if (insertedAfter !== undefined) {
      const ahead = (sequence - insertedAfter) & 0xffff;
      if (ahead === 0 || ahead >= 0x8000) return undefined;
      if (ahead > PAST_INSERTED) insertedAfter = undefined;
    }
    if (((sequence - newest.sequence) & 0xffff) < 0x8000) {
      newest.sequence = sequence;
      newest.timestamp = timestamp;
      newest.atMs = nowMs;
    }
    fields.sequence = (sequence + inserted) & 0xffff;
    return fields;
  }

  /** Same event, same length in seconds, on the receiver's clock. */
  function onClock(packet: RtpPacket, from: number, to: number): Buffer {
    const event = from === to ? undefined : parseTelephoneEvent(packet.payload);
    return event ? buildTelephoneEvent({ ...event, duration: (event.duration * to) / from }) : packet.payload;
  }

  const outgoing: { -readonly [name in keyof Outgoing]: Outgoing[name] } = {
    ssrc,
    cname,
    rtcp,
    takesNoise: false,
    takesKeys: false,
    agree(name, payloadType, formats) {
      codec = name;
      clockRate = clockRateOf(name);
      audioPayloadType = payloadType;
      events = eventsFor(name, formats.telephoneEvents);
      comfortNoise = formats.comfortNoise;
      outgoing.takesNoise = comfortNoise !== undefined;
      outgoing.takesKeys = events !== undefined;
    },
    pass(header, datagram, nowMs) {
      const fields = rewrite(header, nowMs);
      if (!fields) return undefined;
      rtcp.sent(fields.timestamp, datagram.length - RTP_HEADER_BYTES, clockRate, nowMs);
      written.payloadType = audioPayloadType;
      written.marker = fields.marker;
      written.sequence = fields.sequence;
      written.timestamp = fields.timestamp;
      writePlainRtp(datagram, written);
      return datagram;
    },
    write(format, packet, nowMs) {
      if (codec === undefined) return undefined;
      let payload = packet.payload;
      let payloadType = audioPayloadType;
      if (format.kind === 'events') {
        if (!events) return undefined;
        payloadType = events.payloadType;
        payload = onClock(packet, format.clockRate, events.clockRate);
      } else if (format.kind === 'noise') {
        if (comfortNoise === undefined) return undefined;
        payloadType = comfortNoise;
      } else if (format.codec !== codec) {
        return undefined;
      }
      // Departs from RFC 4733 §2.1: an event on another clock than the sound shares its SSRC and its timestamps.
      // Receivers compare the timestamps of one event only, and many know no other clock for events than 8 kHz.
      const fields = rewrite(packet, nowMs);
      if (!fields) return undefined;
      rtcp.sent(fields.timestamp, payload.length, clockRate, nowMs);
      return buildRtp({ ...fields, payloadType, ssrc, payload });
    },
    key(payload, isFirst, nowMs) {
      if (!events) return undefined;
      // RFC 4733 §2.2.2: all packets of an event have the time at which it began.
      if (isFirst) {
        const sinceMs = newest.atMs === 0 ? 0 : nowMs - newest.atMs;
        keyTimestamp = (newest.timestamp + Math.round((sinceMs * clockRate) / 1000)) >>> 0;
      }
      inserted += 1;
      insertedAfter = newest.sequence;
      const sequence = (newest.sequence + inserted) & 0xffff;
      const bytes = payload(events.clockRate);
      rtcp.sent(keyTimestamp, bytes.length, clockRate, nowMs);
      const { payloadType } = events;
      return buildRtp({
        payloadType,
        marker: isFirst,
        sequence,
        timestamp: keyTimestamp,
        ssrc,
        payload: bytes,
      });
    },
    interrupt: () => rewriter.interrupt(),
  };
  return outgoing;
}
