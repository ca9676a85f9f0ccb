const perSecond = 8000;

/** A bell buoy in the swell, three seconds of it, as WAV: 16 bit, one channel. */
export function bellBuoy(): Buffer {
  const count = perSecond * 3;
  const wav = Buffer.alloc(44 + count * 2);
  wav.write('RIFF', 0, 'latin1');
  wav.writeUInt32LE(36 + count * 2, 4);
  wav.write('WAVEfmt ', 8, 'latin1');
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(perSecond, 24);
  wav.writeUInt32LE(perSecond * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36, 'latin1');
  wav.writeUInt32LE(count * 2, 40);
  let sea = 0;
  for (let at = 0; at < count; at += 1) {
    const second = at / perSecond;
    sea = sea * 0.97 + (((at * 7919) % 1000) / 1000 - 0.5) * 0.03;
    const since = second % 1.4;
    const bell = Math.exp(-since * 3) * (Math.sin(since * 4147) + 0.5 * Math.sin(since * 6911));
    const value = sea * (0.5 + 0.4 * Math.sin(second * 2)) + bell * 0.25;
    wav.writeInt16LE(Math.round(Math.max(-1, Math.min(1, value)) * 30_000), 44 + at * 2);
  }
  return wav;
}
