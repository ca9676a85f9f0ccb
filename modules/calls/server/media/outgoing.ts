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
  type RtpPacket,
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
  /** The datagram to send; `undefined` when the receiver cannot take that format, or it is too late. */
  write(format: Format, packet: RtpPacket, datagram: Buffer, nowMs: number): Buffer | undefined;
  /** What follows comes from somebody else. */
  interrupt(): void;
}

export function createOutgoing(reception: Reception): Outgoing {
  const ssrc = randomInt(1, 2 ** 32);
  const cname = randomBytes(12).toString('base64'); // RFC 7022 §4.2: 96 random bits, saying nothing about us
  // From the lower half: SRTP guesses its rollover counter wrong when the first packets of a stream wrap and get lost.
  const rewriter = createRewriter({ ssrc, sequence: randomInt(2 ** 15), timestamp: randomInt(2 ** 32) });
  const rtcp = createRtcpSession({ ssrc, cname, reception });
  let codec: CodecName | undefined;
  let audioPayloadType = 0;
  let events: TelephoneEvents | undefined;
  let comfortNoise: number | undefined;

  /** Same event, same length in seconds, on the receiver's clock. */
  function onClock(packet: RtpPacket, from: number, to: number): Buffer {
    const event = from === to ? undefined : parseTelephoneEvent(packet.payload);
    return event ? buildTelephoneEvent({ ...event, duration: (event.duration * to) / from }) : packet.payload;
  }

  return {
    ssrc,
    cname,
    rtcp,
    get takesNoise() {
      return comfortNoise !== undefined;
    },
    agree(name, payloadType, formats) {
      codec = name;
      audioPayloadType = payloadType;
      events = eventsFor(name, formats.telephoneEvents);
      comfortNoise = formats.comfortNoise;
    },
    write(format, packet, datagram, nowMs) {
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
      const clockRate = clockRateOf(codec);
      // Departs from RFC 4733 §2.1: an event on another clock than the sound shares its SSRC and its timestamps.
      // Receivers compare the timestamps of one event only, and many know no other clock for events than 8 kHz.
      const fields = rewriter.rewrite(packet, clockRate, nowMs);
      if (!fields) return undefined;
      rtcp.sent(fields.timestamp, payload.length, clockRate, nowMs);
      const isPlain = datagram.length === RTP_HEADER_BYTES + payload.length && payload === packet.payload;
      if (!isPlain) return buildRtp({ ...fields, payloadType, ssrc, payload });
      datagram[0] = 0x80;
      datagram[1] = (fields.marker ? 0x80 : 0) | payloadType;
      datagram.writeUInt16BE(fields.sequence, 2);
      datagram.writeUInt32BE(fields.timestamp, 4);
      datagram.writeUInt32BE(ssrc, 8);
      return datagram;
    },
    interrupt: () => rewriter.interrupt(),
  };
}
