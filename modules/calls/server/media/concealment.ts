import type { SampleRate } from './codec.ts';
import type { CodecName } from './media.ts';

/** Sound in place of what a network lost, so that a short gap is not heard as a click (as ITU-T G.711 Appendix I does). */
export interface Concealment {
  /** Sound that was decoded; after a gap its first milliseconds are blended with what was made up. May change `samples`. */
  heard(payload: Buffer, samples: Int16Array): Int16Array;
  /** So many samples of what may have been there: the last sound repeated, silent after 60 ms. */
  missing(count: number): Int16Array;
}

/** Voices are between 66 and 400 Hz: one period of them is repeated. */
const SHORTEST_PERIOD_MS = 2.5;
const LONGEST_PERIOD_MS = 15;
const COMPARED_MS = 10;
const LOUD_MS = 10;
const SILENT_AFTER_MS = 60;
const BLENDED_MS = 5;

/** `decode` is that of the stream: a decoder of Opus makes up by itself what it misses, and must know of it. */
export function createConcealment(
  codec: CodecName,
  rate: SampleRate,
  decode: (payload: Buffer) => Int16Array,
): Concealment {
  return codec === 'opus' ? opusConcealment(decode) : repetition(rate);
}

function opusConcealment(decode: (payload: Buffer) => Int16Array): Concealment {
  let toc: number | undefined;
  return {
    heard(payload, samples) {
      toc = payload[0];
      return samples;
    },
    missing(count) {
      const made = new Int16Array(count);
      if (toc === undefined) return made;
      // RFC 6716 §3.1: the first byte with code 0, and then nothing: one frame of no bytes, which counts as lost (§3.2.1).
      const nothing = Buffer.of(toc & 0xfc);
      for (let at = 0; at < count; ) {
        const frame = decode(nothing);
        if (frame.length === 0) break;
        made.set(frame.subarray(0, count - at), at);
        at += frame.length;
      }
      return made;
    },
  };
}

function repetition(rate: SampleRate): Concealment {
  const samplesIn = (ms: number) => (rate * ms) / 1000;
  const shortest = samplesIn(SHORTEST_PERIOD_MS);
  const longest = samplesIn(LONGEST_PERIOD_MS);
  const compared = samplesIn(COMPARED_MS);
  const loud = samplesIn(LOUD_MS);
  const silentAfter = samplesIn(SILENT_AFTER_MS);
  const blended = samplesIn(BLENDED_MS);
  const history = new Int16Array(longest + compared);
  let period: Int16Array | undefined;
  let made = 0;

  /** The last period of the history: the distance at which it resembles itself the most. */
  function lastPeriod(): Int16Array {
    const end = history.length;
    let best = longest;
    let likeness = Number.NEGATIVE_INFINITY;
    for (let lag = shortest; lag <= longest; lag++) {
      let product = 0;
      let energy = 1;
      for (let at = end - compared; at < end; at++) {
        const before = history[at - lag]!;
        product += history[at]! * before;
        energy += before * before;
      }
      const found = product / Math.sqrt(energy);
      if (found > likeness) {
        likeness = found;
        best = lag;
      }
    }
    return history.slice(end - best);
  }

  function next(from: Int16Array): number {
    const gain = Math.max(0, Math.min(1, (silentAfter - made) / (silentAfter - loud)));
    const sample = from[made % from.length]! * gain;
    made += 1;
    return sample;
  }

  return {
    heard(_payload, samples) {
      if (period) {
        const length = Math.min(blended, samples.length);
        for (let at = 0; at < length; at++) {
          const share = (at + 1) / (length + 1);
          samples[at] = Math.round(samples[at]! * share + next(period) * (1 - share));
        }
        period = undefined;
      }
      if (samples.length >= history.length) {
        history.set(samples.subarray(samples.length - history.length));
      } else {
        history.copyWithin(0, samples.length);
        history.set(samples, history.length - samples.length);
      }
      return samples;
    },
    missing(count) {
      if (!period) {
        period = lastPeriod();
        made = 0;
      }
      const from = period;
      return Int16Array.from({ length: count }, () => Math.round(next(from)));
    },
  };
}
