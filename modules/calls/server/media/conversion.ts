import { createJitterBuffer, type JitterBufferStats, type RtpPacket } from '@liaison/rtp';
import type { Format } from './end.ts';
import type { CodecName } from './media.ts';
import { createTranscoder, type Transcoder, type TranscoderBudget } from './transcoder.ts';

/**
 * The transcoder that an end has at this moment, if it needs one, behind a buffer that puts packets in order: made with the
 * first packet that it cannot take. What comes of a packet is told at once, or when those before it came or were given up.
 */
export interface Conversion {
  /** Sound of another codec. False when there is no transcoder to be had. */
  audio(from: CodecName, to: CodecName, packet: RtpPacket, nowMs: number): boolean;
  /** A key pressed, on the numbers of what is transcoded meanwhile. Only while it is active. */
  other(format: Format, packet: RtpPacket, nowMs: number): void;
  /** What belongs to the stream and is not sent on, so that its number is not missing. */
  skip(packet: RtpPacket, nowMs: number): void;
  readonly isActive: boolean;
  /** Of the transcoder that it has. */
  readonly stats: Readonly<JitterBufferStats> | undefined;
  /** Gives the transcoder back, and forgets what waits. */
  stop(): void;
}

export interface ConversionOptions {
  budget: TranscoderBudget;
  /** In order. Sound is in the codec that was asked for, everything else as it came. */
  send(format: Format, packet: RtpPacket, nowMs: number): void;
  onError(error: unknown): void;
}

interface Waiting {
  ssrc: number;
  sequence: number;
  packet: RtpPacket;
  /** `undefined`: not sent on. */
  format: Format | undefined;
}

export function createConversion({ budget, send, onError }: ConversionOptions): Conversion {
  let transcoder: Transcoder | undefined;
  let buffer = createJitterBuffer<Waiting>();
  let timer: NodeJS.Timeout | undefined;

  function stop() {
    if (transcoder) budget.give();
    transcoder = undefined;
    clearTimeout(timer);
    timer = undefined;
    conversion.isActive = false;
    conversion.stats = undefined;
  }

  /** Gives on what is in order, or was waited for long enough. */
  function drain(nowMs: number) {
    // What is sent may end this conversion.
    for (let next = transcoder && buffer.take(nowMs); next && transcoder; next = buffer.take(nowMs)) {
      const { packet, format } = next;
      if (!format) {
        transcoder.skip(packet);
      } else if (format.kind === 'audio') {
        const made: Format = { kind: 'audio', codec: transcoder.to };
        for (const one of transcoder.audio(packet)) send(made, one, nowMs);
      } else {
        send(format, transcoder.other(packet), nowMs);
      }
    }
    clearTimeout(timer);
    timer = undefined;
    const { wakeAtMs } = buffer;
    if (!transcoder || wakeAtMs === undefined) return;
    timer = setTimeout(
      () => {
        try {
          drain(performance.now());
        } catch (error) {
          onError(error);
        }
      },
      Math.max(1, Math.ceil(wakeAtMs - nowMs)),
    ).unref();
  }

  function take(packet: RtpPacket, format: Format | undefined, nowMs: number) {
    if (!transcoder) return;
    buffer.put({ ssrc: packet.ssrc, sequence: packet.sequence, packet, format }, nowMs);
    drain(nowMs);
  }

  const conversion: { -readonly [name in keyof Conversion]: Conversion[name] } = {
    isActive: false,
    stats: undefined,
    audio(from, to, packet, nowMs) {
      if (transcoder?.from !== from || transcoder.to !== to) {
        stop();
        if (!budget.take()) return false;
        try {
          transcoder = createTranscoder(from, to);
        } catch (error) {
          budget.give();
          throw error;
        }
        buffer = createJitterBuffer();
        conversion.isActive = true;
        conversion.stats = buffer.stats;
      }
      take(packet, { kind: 'audio', codec: from }, nowMs);
      return true;
    },
    other: (format, packet, nowMs) => take(packet, format, nowMs),
    skip: (packet, nowMs) => take(packet, undefined, nowMs),
    stop,
  };
  return conversion;
}
