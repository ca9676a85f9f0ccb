import { randomInt } from 'node:crypto';
import { buildRtp, type RtpHeader, type RtpPacket } from '@liaison/rtp';
import { clockRateOf } from '@liaison/sdp';
import { createEncode, type Encode, FRAME_MS, sampleRateOf } from './codec.ts';
import type { EndOptions, MediaEnd } from './end.ts';
import type { CodecName, EndState, ServiceProgram } from './media.ts';
import { samplesOf } from './tones.ts';

/** How long a side that says nothing yet is waited for: a telephone with silence suppression never says anything. */
const WAIT_FOR_PEER_MS = 1500;
/** After so long without anybody to play to, the tones count as played. */
const WAIT_AT_MOST_MS = 3000;

/** An end with nobody behind it: it plays tones, and says back what it hears. */
export interface ServiceEnd extends MediaEnd {
  readonly kind: 'service';
  /** Resolves when the tones were played once, when nobody came to hear them, or when the end is closed. */
  readonly played: Promise<void>;
}

/**
 * Speaks whatever codec its peer speaks, so nothing of what is echoed is decoded: the same packets go back, and what the
 * network did to them on both ways is heard. `close()` ends it.
 */
export function createServiceEnd(
  program: ServiceProgram,
  options: Pick<EndOptions, 'onState' | 'onError'>,
): ServiceEnd {
  const madeAtMs = performance.now();
  const received = { packets: 0, bytes: 0 };
  const sent = { packets: 0, bytes: 0 };
  const ssrc = randomInt(1, 2 ** 32);
  let state: EndState = 'connected';
  let hasPlayed = program.tones.length === 0;
  let peerSinceMs: number | undefined;
  let playing: { codec: CodecName; encode: Encode; samples: Int16Array<ArrayBuffer>; at: number } | undefined;
  /** When the first frame of what is played now was due, and how many have been since. */
  let beganMs = 0;
  let frames = 0;
  let sequence = randomInt(2 ** 15);
  let timestamp = randomInt(2 ** 31);
  let resolvePlayed = () => {};
  const played = new Promise<void>((resolve) => {
    resolvePlayed = resolve;
  });

  function finish(): void {
    hasPlayed = true;
    playing = undefined;
    clearInterval(timer);
    resolvePlayed();
  }

  function frame(target: MediaEnd, codec: CodecName, nowMs: number): void {
    const rate = sampleRateOf(codec);
    // Another codec in the middle of it (a page that offers anew): the rest of the pattern goes on in that one.
    if (playing?.codec !== codec) {
      const share = playing ? playing.at / playing.samples.length : 0;
      const samples = samplesOf(program.tones, rate);
      playing = { codec, encode: createEncode(codec, rate), samples, at: Math.floor(share * samples.length) };
    }
    const length = (rate * FRAME_MS) / 1000;
    const samples = new Int16Array(length);
    samples.set(playing.samples.subarray(playing.at, playing.at + length));
    playing.at += length;
    sequence = (sequence + 1) & 0xffff;
    timestamp = (timestamp + (clockRateOf(codec) * FRAME_MS) / 1000) >>> 0;
    const payload = playing.encode(samples);
    const header: RtpHeader = { payloadType: 0, marker: frames === 0, sequence, timestamp, ssrc };
    const packet: RtpPacket = { ...header, csrcs: [], payload };
    const isTaken = target.play({
      format: { kind: 'audio', codec },
      header,
      packet,
      datagram: buildRtp({ ...header, payload }),
      nowMs,
    });
    if (isTaken) {
      sent.packets += 1;
      sent.bytes += payload.length;
    }
    if (playing.at < playing.samples.length) return;
    if (program.after === 'repeat') {
      playing.at = 0;
      resolvePlayed();
    } else finish();
  }

  function turn(): void {
    const nowMs = performance.now();
    const { target } = end;
    const codec = target?.codec;
    if (!target || codec === undefined) {
      if (nowMs - madeAtMs < WAIT_AT_MOST_MS) return;
      // The tones of a service that goes on are still played to whoever comes late.
      if (program.after === 'repeat') resolvePlayed();
      else finish();
      return;
    }
    peerSinceMs ??= nowMs;
    if (beganMs === 0) {
      if (target.state !== 'connected' && nowMs - peerSinceMs < WAIT_FOR_PEER_MS) return;
      beganMs = nowMs;
    }
    // After a stall what is due is not made up for: a telephone's buffer would only throw it away.
    if ((nowMs - beganMs) / FRAME_MS - frames > 10) beganMs = nowMs - frames * FRAME_MS;
    while (!isOver() && frames * FRAME_MS <= nowMs - beganMs) {
      frame(target, codec, nowMs);
      frames += 1;
    }
  }

  const isOver = () => state === 'closed' || hasPlayed;
  const timer = setInterval(() => {
    try {
      turn();
    } catch (error) {
      finish();
      options.onError(error);
    }
  }, FRAME_MS / 2).unref();
  if (hasPlayed) finish();

  const end: ServiceEnd = {
    kind: 'service',
    played,
    get state() {
      return state;
    },
    offered: [],
    codec: undefined,
    ptimeMs: undefined,
    takesNoise: false,
    target: undefined,
    play(heard) {
      received.packets += 1;
      received.bytes += heard.datagram.length;
      if (program.after !== 'echo' || !hasPlayed || !end.target) return true;
      sent.packets += 1;
      sent.bytes += heard.datagram.length;
      return end.target.play(heard);
    },
    // What is echoed is a key's sound at most: nobody there reads it.
    pressKey: () => true,
    interrupt() {},
    stats: () => ({
      kind: 'service',
      state,
      received: { ...received, lost: 0, jitterMs: 0 },
      sent: { ...sent },
      unmapped: 0,
      refused: 0,
    }),
    ageMs: () => performance.now() - madeAtMs,
    close() {
      if (state === 'closed') return;
      state = 'closed';
      end.target = undefined;
      finish();
    },
  };
  return end;
}
