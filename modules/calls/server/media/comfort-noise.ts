import { randomInt } from 'node:crypto';
import type { RtpPacket } from '@liaison/rtp';
import { clockRateOf } from '@liaison/sdp';
import { createEncode, FRAME_MS, sampleRateOf } from './codec.ts';
import type { CodecName } from './media.ts';

/** Louder than this (in -dBov) is no background. */
const LOUDEST = 30;
/** Frames made up for at once when the process was busy. */
const MAX_LATE_FRAMES = 5;

/**
 * Sound for an end whose peer fell silent with comfort noise (RFC 3389) that the end does not know: noise of that level, in
 * its own codec, every 20 ms until the peer speaks again.
 */
export interface ComfortNoise {
  /** RFC 3389 §3.1: the level, in -dBov, is the first byte; the spectrum after it is not followed. */
  start(payload: Buffer, codec: CodecName, send: (packet: RtpPacket, nowMs: number) => void): void;
  stop(): void;
}

export function createComfortNoise(): ComfortNoise {
  let timer: NodeJS.Timeout | undefined;
  let amplitude = 0;

  function begin(codec: CodecName, send: (packet: RtpPacket, nowMs: number) => void) {
    const rate = sampleRateOf(codec);
    const encode = createEncode(codec, rate);
    const ticks = (clockRateOf(codec) * FRAME_MS) / 1000;
    const samples = new Int16Array((rate * FRAME_MS) / 1000);
    const ssrc = randomInt(1, 2 ** 32);
    let number = 0;
    let dueAtMs = performance.now() + FRAME_MS;
    timer = setInterval(() => {
      const nowMs = performance.now();
      if (nowMs - dueAtMs > MAX_LATE_FRAMES * FRAME_MS) dueAtMs = nowMs;
      for (; dueAtMs <= nowMs; dueAtMs += FRAME_MS) {
        for (let index = 0; index < samples.length; index++)
          samples[index] = Math.round((Math.random() * 2 - 1) * amplitude);
        number += 1;
        const sequence = number & 0xffff;
        const timestamp = (number * ticks) >>> 0;
        const payload = encode(samples);
        send({ payloadType: 0, marker: false, sequence, timestamp, ssrc, csrcs: [], payload }, nowMs);
      }
    }, FRAME_MS / 2).unref();
  }

  return {
    start(payload, codec, send) {
      const level = Math.max(LOUDEST, (payload[0] ?? 127) & 0x7f);
      // Evenly spread noise is 3^(1/2) below its peaks.
      amplitude = Math.min(32767, 32768 * 10 ** (-level / 20) * Math.sqrt(3));
      if (!timer) begin(codec, send);
    },
    stop() {
      clearInterval(timer);
      timer = undefined;
    },
  };
}
