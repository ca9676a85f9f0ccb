/** A mono 16-bit WAV with a sine of that frequency (0 Hz is silence), at a quarter of full scale. */
export function createToneWav(frequencyHz: number, seconds: number, sampleRateHz = 48_000): Buffer {
  const samples = Math.round(seconds * sampleRateHz);
  const wav = Buffer.alloc(44 + samples * 2);
  wav.write('RIFF', 0, 'latin1');
  wav.writeUInt32LE(36 + samples * 2, 4);
  wav.write('WAVEfmt ', 8, 'latin1');
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20); // PCM
  wav.writeUInt16LE(1, 22); // mono
  wav.writeUInt32LE(sampleRateHz, 24);
  wav.writeUInt32LE(sampleRateHz * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36, 'latin1');
  wav.writeUInt32LE(samples * 2, 40);
  for (let at = 0; at < samples; at++) {
    wav.writeInt16LE(
      Math.round(8191 * Math.sin((2 * Math.PI * frequencyHz * at) / sampleRateHz)),
      44 + at * 2,
    );
  }
  return wav;
}
