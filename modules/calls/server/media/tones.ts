import type { SampleRate } from './codec.ts';

/** One stretch of a pattern: frequencies together, or silence when there is none. */
export interface ToneStep {
  readonly hz: readonly number[];
  readonly ms: number;
}

/** A pattern has at most so many steps, and each lasts at most so long. */
export const MAX_TONE_STEPS = 32;
export const MAX_TONE_STEP_MS = 10_000;

/** Edges of a few milliseconds: a hard one is heard as a click. */
const EDGE_MS = 8;
/** -13 dBm0 or so: as loud as tones of a network are, and below speech. */
const AMPLITUDE = 0.2;

export const lengthOf = (steps: readonly ToneStep[]): number => steps.reduce((sum, { ms }) => sum + ms, 0);

/** The samples of a pattern, one step after another. */
export function samplesOf(steps: readonly ToneStep[], rate: SampleRate): Int16Array<ArrayBuffer> {
  const samples = new Int16Array(Math.round((lengthOf(steps) * rate) / 1000));
  let at = 0;
  for (const { hz, ms } of steps) {
    const length = Math.round((ms * rate) / 1000);
    const edge = Math.min((EDGE_MS * rate) / 1000, length / 2);
    for (let i = 0; i < length && at + i < samples.length && hz.length > 0; i++) {
      const envelope = Math.min(1, i / edge, (length - i) / edge);
      let sum = 0;
      for (const each of hz) sum += Math.sin((2 * Math.PI * each * i) / rate);
      samples[at + i] = Math.round((32_767 * AMPLITUDE * envelope * sum) / hz.length);
    }
    at += length;
  }
  return samples;
}
