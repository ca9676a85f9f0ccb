/**
 * ITU-T G.722 at 64 kbit/s (mode 1), as RTP payload (RFC 3551 §4.5.2): 16 kHz sound, one byte for two samples. Two bands
 * split by a quadrature mirror filter, each coded by adaptive differences: 6 bits for the lower, 2 for the higher. The
 * tables are those of the recommendation, the names of the steps (UPPOL2, FILTEZ…) too.
 */

/** Half of the symmetric 24-tap filter (Table 11). */
const QMF = Int32Array.of(3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11);
/** Decision levels of the lower band's quantiser. */
const Q6 = Int32Array.of(
  0,
  35,
  72,
  110,
  150,
  190,
  233,
  276,
  323,
  370,
  422,
  473,
  530,
  587,
  650,
  714,
  786,
  858,
  940,
  1023,
  1121,
  1219,
  1339,
  1458,
  1612,
  1765,
  1980,
  2195,
  2557,
  2919,
);
/** Its inverse, with all 6 bits, and with the upper 4 by which both sides adapt. */
const QM6_POSITIVE = [
  24808, 21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456,
  4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136,
];
const QM6 = Int32Array.from([
  ...[-136, -136, -136, -136],
  ...QM6_POSITIVE.slice(0, 28).map((level) => -level),
  ...QM6_POSITIVE,
  ...[-432, -136],
]);
const QM4 = Int32Array.of(
  0,
  -20456,
  -12896,
  -8968,
  -6288,
  -4240,
  -2584,
  -1200,
  20456,
  12896,
  8968,
  6288,
  4240,
  2584,
  1200,
  0,
);
/** Steps of the logarithmic scale factor, by magnitude. */
const WL = Int32Array.of(-60, -30, 58, 172, 334, 538, 1198, 3042);
const RL42 = Uint8Array.of(0, 7, 6, 5, 4, 3, 2, 1, 7, 6, 5, 4, 3, 2, 1, 0);
const QM2 = Int32Array.of(-7408, -1616, 7408, 1616);
const WH = Int32Array.of(0, -214, 798);
const RH2 = Uint8Array.of(2, 1, 2, 1);
/** 2048 times 2^(i/32), rounded: the mantissa of the linear scale factor. */
const ILB = Int32Array.from({ length: 32 }, (_, index) => Math.round(2048 * 2 ** (index / 32)));

const saturate = (value: number) => (value > 32767 ? 32767 : Math.max(value, -32768));

/** The adaptive predictor and quantiser scale of one band. */
class Band {
  /** What the next sample is expected to be. */
  estimate = 0;
  /** The linear scale factor of the quantiser. */
  scale: number;
  private zeroPart = 0;
  private logScale = 0;
  private r1 = 0;
  private r2 = 0;
  private p1 = 0;
  private p2 = 0;
  private a1 = 0;
  private a2 = 0;
  private readonly d = new Int32Array(7);
  private readonly b = new Int32Array(7);
  private readonly maxLogScale: number;
  private readonly shift: number;

  constructor(lower: boolean) {
    this.scale = lower ? 32 : 8;
    this.maxLogScale = lower ? 18432 : 22528;
    this.shift = lower ? 8 : 10;
  }

  /** LOGSCL and SCALEL, or their twins of the higher band. */
  adaptScale(step: number) {
    const next = ((this.logScale * 127) >> 7) + step;
    this.logScale = next < 0 ? 0 : Math.min(next, this.maxLogScale);
    const mantissa = ILB[(this.logScale >> 6) & 31]!;
    const shift = this.shift - (this.logScale >> 11);
    this.scale = (shift < 0 ? mantissa << -shift : mantissa >> shift) << 2;
  }

  /** Takes the quantised difference of one sample into the predictor. */
  adapt(difference: number) {
    const { d, b } = this;
    const r0 = saturate(this.estimate + difference);
    const p0 = saturate(this.zeroPart + difference);
    const sign0 = p0 >> 15;
    const isSame1 = sign0 === this.p1 >> 15;
    const isSame2 = sign0 === this.p2 >> 15;

    // UPPOL2, UPPOL1
    const four = saturate(this.a1 << 2);
    const signed = isSame1 ? Math.min(32767, -four) : four;
    let a2 = (isSame2 ? 128 : -128) + (signed >> 7) + ((this.a2 * 32512) >> 15);
    a2 = a2 > 12288 ? 12288 : Math.max(a2, -12288);
    let a1 = saturate((isSame1 ? 192 : -192) + ((this.a1 * 32640) >> 15));
    const limit = saturate(15360 - a2);
    a1 = a1 > limit ? limit : Math.max(a1, -limit);

    // UPZERO, DELAYA, FILTEZ
    d[0] = difference;
    const step = difference === 0 ? 0 : 128;
    const signD = difference >> 15;
    let zero = 0;
    for (let i = 6; i > 0; i--) {
      const up = d[i]! >> 15 === signD ? step : -step;
      b[i] = saturate(up + ((b[i]! * 32640) >> 15));
      d[i] = d[i - 1]!;
      zero += (b[i]! * saturate(d[i]! * 2)) >> 15;
    }
    this.zeroPart = saturate(zero);

    this.r2 = this.r1;
    this.r1 = r0;
    this.p2 = this.p1;
    this.p1 = p0;
    this.a1 = a1;
    this.a2 = a2;

    // FILTEP, PREDIC
    const poles = saturate(((a1 * saturate(this.r1 * 2)) >> 15) + ((a2 * saturate(this.r2 * 2)) >> 15));
    this.estimate = saturate(poles + this.zeroPart);
  }
}

/** QUANTL: the 6 bits of a difference. */
function quantizeLower(difference: number, scale: number): number {
  const magnitude = difference >= 0 ? difference : -(difference + 1);
  let level = 1;
  while (level < 30 && magnitude >= (Q6[level]! * scale) >> 12) level++;
  if (difference >= 0) return 62 - level;
  return level < 3 ? 64 - level : 34 - level;
}

export interface G722Encoder {
  /** 16 kHz; an odd last sample is dropped. */
  encode(samples: Int16Array): Buffer;
}

export interface G722Decoder {
  /** 16 kHz, two samples for each byte. */
  decode(bytes: Uint8Array): Int16Array;
}

/** One stream: what it codes depends on all before. */
export function createG722Encoder(): G722Encoder {
  const lower = new Band(true);
  const higher = new Band(false);
  const x = new Int32Array(24);
  return {
    encode(samples) {
      const bytes = Buffer.allocUnsafe(samples.length >> 1);
      for (let index = 0; index < bytes.length; index++) {
        x.copyWithin(0, 2);
        x[22] = samples[index * 2]!;
        x[23] = samples[index * 2 + 1]!;
        let odd = 0;
        let even = 0;
        for (let tap = 0; tap < 12; tap++) {
          odd += x[tap * 2]! * QMF[tap]!;
          even += x[tap * 2 + 1]! * QMF[11 - tap]!;
        }
        const low = saturate(((even + odd) >> 14) - lower.estimate);
        const lowCode = quantizeLower(low, lower.scale);
        const lowDifference = (lower.scale * QM4[lowCode >> 2]!) >> 15;
        lower.adaptScale(WL[RL42[lowCode >> 2]!]!);
        lower.adapt(lowDifference);

        const high = saturate(((even - odd) >> 14) - higher.estimate);
        const magnitude = high >= 0 ? high : -(high + 1);
        const isLarge = magnitude >= (564 * higher.scale) >> 12;
        const highCode = high < 0 ? (isLarge ? 0 : 1) : isLarge ? 2 : 3;
        const highDifference = (higher.scale * QM2[highCode]!) >> 15;
        higher.adaptScale(WH[RH2[highCode]!]!);
        higher.adapt(highDifference);

        bytes[index] = (highCode << 6) | lowCode;
      }
      return bytes;
    },
  };
}

/** One stream. */
export function createG722Decoder(): G722Decoder {
  const lower = new Band(true);
  const higher = new Band(false);
  const x = new Int32Array(24);
  const limited = (value: number) => (value > 16383 ? 16383 : Math.max(value, -16384));
  return {
    decode(bytes) {
      const samples = new Int16Array(bytes.length * 2);
      for (let index = 0; index < bytes.length; index++) {
        const lowCode = bytes[index]! & 0x3f;
        const highCode = bytes[index]! >> 6;
        const low = limited(lower.estimate + ((lower.scale * QM6[lowCode]!) >> 15));
        const lowDifference = (lower.scale * QM4[lowCode >> 2]!) >> 15;
        lower.adaptScale(WL[RL42[lowCode >> 2]!]!);
        lower.adapt(lowDifference);

        const highDifference = (higher.scale * QM2[highCode]!) >> 15;
        const high = limited(higher.estimate + highDifference);
        higher.adaptScale(WH[RH2[highCode]!]!);
        higher.adapt(highDifference);

        x.copyWithin(0, 2);
        x[22] = low + high;
        x[23] = low - high;
        let first = 0;
        let second = 0;
        for (let tap = 0; tap < 12; tap++) {
          second += x[tap * 2]! * QMF[tap]!;
          first += x[tap * 2 + 1]! * QMF[11 - tap]!;
        }
        samples[index * 2] = saturate(first >> 11);
        samples[index * 2 + 1] = saturate(second >> 11);
      }
      return samples;
    },
  };
}
