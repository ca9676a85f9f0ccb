/** ITU-T G.711 by table, as RTP payloads PCMU and PCMA (RFC 3551 §4.5.14). One byte per sample at 8 kHz. */

export type G711Law = 'PCMU' | 'PCMA';

const BIAS = 0x84;
const CLIP = 32635;

function encodeMu(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), CLIP) + BIAS;
  const exponent = 31 - Math.clz32(magnitude >> 7);
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f;
  return ~(sign | (exponent << 4) | mantissa) & 0xff;
}

function decodeMu(code: number): number {
  const bits = ~code & 0xff;
  const magnitude = ((((bits & 0x0f) << 3) + BIAS) << ((bits >> 4) & 7)) - BIAS;
  return bits & 0x80 ? -magnitude : magnitude;
}

function encodeA(sample: number): number {
  const positive = sample >= 0;
  // Negative values are mirrored around -1/2, so that both signs have the same steps.
  const magnitude = Math.min(positive ? sample : -sample - 1, 32767);
  const exponent = magnitude < 256 ? 0 : 31 - Math.clz32(magnitude >> 7);
  const mantissa = exponent === 0 ? magnitude >> 4 : (magnitude >> (exponent + 3)) & 0x0f;
  return (((positive ? 0x80 : 0) | (exponent << 4) | mantissa) ^ 0x55) & 0xff;
}

function decodeA(code: number): number {
  const bits = code ^ 0x55;
  const exponent = (bits >> 4) & 7;
  const mantissa = bits & 0x0f;
  const magnitude = exponent === 0 ? (mantissa << 4) + 8 : ((mantissa << 4) + 0x108) << (exponent - 1);
  return bits & 0x80 ? magnitude : -magnitude;
}

function tables(encodeOne: (sample: number) => number, decodeOne: (code: number) => number) {
  const encode = new Uint8Array(65536);
  for (let sample = -32768; sample < 32768; sample++) encode[sample & 0xffff] = encodeOne(sample);
  return { encode, decode: Int16Array.from({ length: 256 }, (_, code) => decodeOne(code)) };
}

const lazily = new Map<G711Law, ReturnType<typeof tables>>();
function tablesOf(law: G711Law) {
  let found = lazily.get(law);
  if (!found) {
    found = law === 'PCMU' ? tables(encodeMu, decodeMu) : tables(encodeA, decodeA);
    lazily.set(law, found);
  }
  return found;
}

export function encodeG711(law: G711Law, samples: Int16Array): Buffer {
  const { encode } = tablesOf(law);
  const bytes = Buffer.allocUnsafe(samples.length);
  for (let index = 0; index < samples.length; index++) bytes[index] = encode[samples[index]! & 0xffff]!;
  return bytes;
}

export function decodeG711(law: G711Law, bytes: Uint8Array): Int16Array {
  const { decode } = tablesOf(law);
  const samples = new Int16Array(bytes.length);
  for (let index = 0; index < bytes.length; index++) samples[index] = decode[bytes[index]!]!;
  return samples;
}
