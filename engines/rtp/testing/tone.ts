/** Tones for tests that measure sound: make one, write it as a wave file, find it again. */

/** A sine of `seconds` at `hz`, 16-bit samples; `amplitude` from 0 to 1. */
export function tone(hz: number, seconds: number, rate = 48000, amplitude = 0.5): Int16Array<ArrayBuffer> {
  const samples = new Int16Array(Math.round(seconds * rate));
  for (let index = 0; index < samples.length; index++)
    samples[index] = Math.round(Math.sin((2 * Math.PI * hz * index) / rate) * amplitude * 32767);
  return samples;
}

/**
 * The share of the sound's energy that lies at `hz`, from 0 to 1 (Goertzel's algorithm): above 0.8 for a clean
 * tone, near 0 when the tone is not there. 0 for silence.
 */
export function energyAt(hz: number, samples: Int16Array | Float32Array, rate: number): number {
  const count = samples.length;
  if (count === 0) return 0;
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / rate);
  let before = 0;
  let beforeThat = 0;
  let total = 0;
  for (let index = 0; index < count; index++) {
    const sample = samples[index]!;
    const now = sample + coefficient * before - beforeThat;
    beforeThat = before;
    before = now;
    total += sample * sample;
  }
  if (total === 0) return 0;
  const power = before * before + beforeThat * beforeThat - coefficient * before * beforeThat;
  return Math.max(0, Math.min(1, (2 * power) / (count * total)));
}

/** The loudness, 0 to 1 of full scale (root mean square). */
export function loudness(samples: Int16Array): number {
  let total = 0;
  for (const sample of samples) total += sample * sample;
  return samples.length === 0 ? 0 : Math.sqrt(total / samples.length) / 32768;
}

/** A mono 16-bit PCM wave file. */
export function wavOf(samples: Int16Array, rate = 48000): Buffer {
  const header = Buffer.alloc(44);
  const bytes = samples.length * 2;
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + bytes, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20); // PCM
  header.writeUInt16LE(1, 22); // mono
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(bytes, 40);
  const data = Buffer.alloc(bytes);
  for (let index = 0; index < samples.length; index++) data.writeInt16LE(samples[index]!, index * 2);
  return Buffer.concat([header, data]);
}

/** Reads 16-bit PCM of any number of channels; gives the first channel. Tolerates a recorder's unfinished sizes. */
export function readWav(file: Buffer): { samples: Int16Array; rate: number } {
  if (file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE')
    throw new Error('Not a wave file');
  let rate = 0;
  let channels = 1;
  for (let offset = 12; offset + 8 <= file.length; ) {
    const name = file.toString('latin1', offset, offset + 4);
    const size = file.readUInt32LE(offset + 4);
    const start = offset + 8;
    if (name === 'fmt ') {
      if (file.readUInt16LE(start + 14) !== 16) throw new Error('Not 16 bits a sample');
      channels = file.readUInt16LE(start + 2);
      rate = file.readUInt32LE(start + 4);
    } else if (name === 'data') {
      const end = size === 0 ? file.length : Math.min(file.length, start + size);
      const samples = new Int16Array(Math.floor((end - start) / 2 / channels));
      for (let index = 0; index < samples.length; index++)
        samples[index] = file.readInt16LE(start + index * 2 * channels);
      return { samples, rate };
    }
    offset = start + size + (size % 2);
  }
  throw new Error('A wave file without sound');
}
