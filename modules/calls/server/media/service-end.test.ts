import { afterAll, beforeAll, expect, it } from 'vitest';
import { createMediaPool, type MediaPool } from './media.ts';
import { openTelephone, until } from './testing/telephone.ts';

/** Ends with nobody behind them, heard by a telephone on a real socket. */
let pool: MediaPool;
const log = { info() {}, warn() {}, error() {} };

beforeAll(() => {
  pool = createMediaPool({ rtpPorts: { min: 0, max: 0 }, advertise: '127.0.0.1', bind: '127.0.0.1', log });
});
afterAll(() => pool.stop());

async function call(formats: string) {
  const relay = await pool.createRelay();
  const phone = await openTelephone();
  await relay.connect('phone', 'service');
  const { answer, codec } = await relay.rtpAnswer('phone', phone.offer(formats), '127.0.0.1');
  return {
    relay,
    phone,
    answer,
    codec,
    async close() {
      phone.close();
      await relay.close();
    },
  };
}

it.each(['0 101', '9 101', '96 102'])(
  'says back what it hears, after its tones, in the codec of %s',
  async (formats) => {
    const { relay, phone, answer, codec, close } = await call(formats);
    phone.play(codec, 440, answer);
    const played = relay.serve('service', { tones: [{ hz: [900], ms: 1000 }], after: 'echo' });
    await played;
    await until(() => phone.packets.length >= 45, 'the tone has come');
    expect(phone.hears(900, codec, phone.packets.slice(0, 45))).toBeGreaterThan(0.5);
    await until(() => phone.hears(440, codec) > 0.5, 'one hears oneself');
    expect((await relay.stats()).ends.service).toMatchObject({ kind: 'service', peer: 'phone' });
    await close();
  },
);

it('plays its tones to a telephone that says nothing, and is done after them', async () => {
  const { relay, phone, codec, close } = await call('0 101');
  await relay.serve('service', { tones: [{ hz: [600], ms: 900 }], after: 'silence' });
  await until(() => phone.packets.length >= 45, 'every frame of it has come');
  expect(phone.hears(600, codec)).toBeGreaterThan(0.5);
  await close();
});

it('is done in a few seconds when nobody comes to hear it, and at once when its call is over', async () => {
  const relay = await pool.createRelay();
  await relay.serve('service', { tones: [{ hz: [600], ms: 300 }], after: 'silence' });
  const repeats = relay.serve('again', { tones: [{ hz: [600], ms: 300 }], after: 'repeat' });
  await relay.removeEnd('again');
  await repeats;
  await relay.close();
});

it('refuses patterns that are none', async () => {
  const relay = await pool.createRelay();
  const tones = (steps: unknown) => relay.serve('service', { tones: steps as [], after: 'repeat' });
  for (const steps of [
    [],
    [{ hz: [-1], ms: 100 }],
    [{ hz: [440], ms: 1e9 }],
    'no',
    Array(100).fill({ hz: [], ms: 20 }),
  ])
    await expect(tones(steps)).rejects.toMatchObject({ code: 'bad-request' });
  await relay.close();
});
