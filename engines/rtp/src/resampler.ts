/**
 * Changes the rate of one stream of sound by a whole factor, up or down: 8, 16 and 48 kHz among each other. A windowed
 * sinc in linear phase, computed only where a sample comes out (polyphase).
 */
export interface Resampler {
  /** Blocks of any size, one after the other; going down, of whole multiples of the factor. */
  process(samples: Int16Array): Int16Array;
}

/** Taps on each side of the middle, in samples of the lower rate: how steep the edge is. */
const REACH = 12;
/** Where the edge lies, of the lower rate's half. */
const CUTOFF = 0.92;
/** Kaiser's window: stop band at about -60 dB. */
const BETA = 6;

/** The modified Bessel function of order zero. */
function bessel(x: number): number {
  let sum = 1;
  for (let term = 1, k = 1; term > sum * 1e-9; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function lowPass(factor: number): Float32Array {
  const half = REACH * factor;
  return Float32Array.from({ length: 2 * half + 1 }, (_, index) => {
    const at = (index - half) / factor;
    const sinc = at === 0 ? CUTOFF : Math.sin(Math.PI * CUTOFF * at) / (Math.PI * at);
    return (sinc * bessel(BETA * Math.sqrt(Math.max(0, 1 - (at / REACH) ** 2)))) / bessel(BETA) / factor;
  });
}

const clipped = (value: number) => (value > 32767 ? 32767 : value < -32768 ? -32768 : Math.round(value));

/** Throws a RangeError when neither rate is a whole multiple of the other. */
export function createResampler(fromRate: number, toRate: number): Resampler {
  const factor = Math.max(fromRate, toRate) / Math.min(fromRate, toRate);
  if (!Number.isInteger(factor)) throw new RangeError(`${fromRate} Hz to ${toRate} Hz is no whole factor`);
  if (factor === 1) return { process: (samples) => samples };
  const taps = lowPass(factor);
  const isUp = toRate > fromRate;
  // Of the input: what the filter still needs of the past.
  const past = isUp ? REACH * 2 : taps.length - 1;
  let history = new Float32Array(past);

  return {
    process(samples) {
      const input = new Float32Array(past + samples.length);
      input.set(history);
      input.set(samples, past);
      history = input.slice(input.length - past);
      if (isUp) {
        const out = new Int16Array(samples.length * factor);
        for (let index = 0; index < samples.length; index++)
          for (let phase = 0; phase < factor; phase++) {
            let sum = 0;
            // Between two samples there are zeros: only every factor-th tap meets a sample.
            for (let tap = phase, at = index + past; tap < taps.length; tap += factor, at--)
              sum += taps[tap]! * input[at]!;
            out[index * factor + phase] = clipped(sum * factor);
          }
        return out;
      }
      const out = new Int16Array(Math.floor(samples.length / factor));
      for (let index = 0; index < out.length; index++) {
        let sum = 0;
        const start = index * factor;
        for (let tap = 0; tap < taps.length; tap++) sum += taps[tap]! * input[start + tap]!;
        out[index] = clipped(sum);
      }
      return out;
    },
  };
}
