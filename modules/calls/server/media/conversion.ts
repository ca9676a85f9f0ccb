import type { RtpPacket } from '@liaison/rtp';
import type { CodecName } from './media.ts';
import { createTranscoder, type Transcoder, type TranscoderBudget } from './transcoder.ts';

/** The transcoder that an end has at this moment, if it needs one: made with the first packet that it cannot take. */
export interface Conversion {
  /** What to send for a packet of another codec; `undefined` when there is no transcoder to be had. */
  audio(from: CodecName, to: CodecName, packet: RtpPacket): RtpPacket[] | undefined;
  /** A key pressed, on the numbers of what is transcoded meanwhile; as it is when nothing is. */
  other(packet: RtpPacket): RtpPacket;
  readonly isActive: boolean;
  /** Gives the transcoder back. */
  stop(): void;
}

export function createConversion(budget: TranscoderBudget): Conversion {
  let transcoder: Transcoder | undefined;

  function stop() {
    if (transcoder) budget.give();
    transcoder = undefined;
    conversion.isActive = false;
  }

  const conversion: { -readonly [name in keyof Conversion]: Conversion[name] } = {
    isActive: false,
    audio(from, to, packet) {
      if (transcoder?.from !== from || transcoder.to !== to) {
        stop();
        if (!budget.take()) return undefined;
        try {
          transcoder = createTranscoder(from, to);
          conversion.isActive = true;
        } catch (error) {
          budget.give();
          throw error;
        }
      }
      return transcoder.audio(packet);
    },
    other: (packet) => transcoder?.other(packet) ?? packet,
    stop,
  };
  return conversion;
}
