import { createSocket } from 'node:dgram';
import { createInProcessBus } from '@liaison/core/bus';
import { createTestCore, type TestCore } from '@liaison/core/testing';
import { buildRtp } from '@liaison/rtp';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createMediaPool, MediaError, type MediaPool } from '../media/media.ts';
import { createFarRelays } from './far-relays.ts';
import { createRelayKeeper } from './relay-keeper.ts';

/** Two processes' worth of floor on one database and one bus; the relays are those of a real media process. */
let keeping: TestCore;
let asking: TestCore;
let pool: MediaPool;
let far: MediaPool;
let keeper: ReturnType<typeof createRelayKeeper>;

beforeAll(async () => {
  const log = { info() {}, warn() {}, error() {} };
  const bus = createInProcessBus(log);
  asking = await createTestCore({ bus, environment: { LIAISON_DUTIES: 'sip' } });
  keeping = await createTestCore({
    bus,
    testDb: asking.testDb,
    environment: { LIAISON_DUTIES: 'media' },
  });
  pool = createMediaPool({ rtpPorts: { min: 0, max: 0 }, advertise: '127.0.0.1', bind: '127.0.0.1', log });
  far = createFarRelays(asking.core);
  keeper = createRelayKeeper({ core: keeping.core, pool });
  await asking.core.owned.start();
});
afterAll(async () => {
  await far.stop();
  await keeper.stop();
  await pool.stop();
  for (const test of [keeping, asking]) await test.core.owned.stop();
  await keeping.close();
  await asking.close();
});

/** A media process runs: on a busy machine it may take longer to start than a relay is waited for across processes. */
async function warm(): Promise<void> {
  await (await pool.createRelay()).close();
}

it('says so while nobody has the duty', async () => {
  await expect(far.createRelay()).rejects.toMatchObject({ name: 'MediaError', code: 'lost' });
});

it('is a relay like any other: offers, answers, refusals by their code, and a report at its end', async () => {
  await keeping.core.owned.start();
  await keeper.start();
  await warm();
  const relay = await far.createRelay();
  const { offer } = await relay.rtpOffer('desk', { codecs: ['PCMU'] });
  expect(offer).toMatch(/m=audio \d+ RTP\/AVP 0/);
  const { codec } = await relay.rtpAccept('desk', offer, '127.0.0.1');
  expect(codec).toBe('PCMU');
  expect(Object.keys((await relay.stats()).ends)).toEqual(['desk']);
  const wrong = await relay.rtpAccept('desk', 'no description', '127.0.0.1').catch((error: unknown) => error);
  expect(wrong).toBeInstanceOf(MediaError);
  expect(wrong).toMatchObject({ code: 'bad-sdp' });
  expect(pool.stats().relays).toBe(1);
  expect(await relay.close()).toMatchObject({ ends: expect.any(Array) });
  expect(await relay.close()).toEqual({ ends: [] });
  expect(pool.stats().relays).toBe(0);
  await expect(relay.rtpOffer('desk')).rejects.toMatchObject({ code: 'closed' });
});

it('is told there that a whole picture is wanted of who can be asked by INFO alone (RFC 5168 §5)', async () => {
  const relay = await far.createRelay();
  const wanted: string[] = [];
  relay.onPictureWanted((end) => wanted.push(end));
  const camera = createSocket('udp4');
  await new Promise<void>((resolve) => camera.bind(0, '127.0.0.1', resolve));
  try {
    // Both show VP8 and name no feedback in RTCP.
    const description = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0']
      .concat(
        'm=audio 9 RTP/AVP 0',
        `m=video ${camera.address().port} RTP/AVP 120`,
        'a=rtpmap:120 VP8/90000',
        '',
      )
      .join('\r\n');
    await relay.rtpOffer('sees', { codecs: ['PCMU'], video: ['VP8'] });
    await relay.rtpAccept('sees', description, '127.0.0.1');
    await relay.connect('shows', 'sees');
    const { answer } = await relay.rtpAnswer('shows', description, '127.0.0.1');
    const port = Number(/^m=video (\d+)/m.exec(answer)![1]);
    let sequence = 0;
    await vi.waitFor(
      async () => {
        const payload = Buffer.from([0x10, 0]);
        const timestamp = 3000 * ++sequence;
        camera.send(buildRtp({ payloadType: 120, sequence, timestamp, ssrc: 7, payload }), port, '127.0.0.1');
        await relay.askForPicture('sees');
        expect(wanted).toContain('shows');
      },
      { timeout: 15_000, interval: 100 },
    );
    expect(new Set(wanted)).toEqual(new Set(['shows']));
  } finally {
    camera.close();
    await relay.close();
  }
});

it('is told once when the process of its sound dies', async () => {
  const relay = await far.createRelay();
  let lost = 0;
  relay.onLost(() => {
    lost += 1;
  });
  for (const pid of pool.stats().processes) process.kill(pid, 'SIGKILL');
  await expect.poll(() => lost, { timeout: 10_000 }).toBe(1);
  await expect(relay.rtpOffer('desk')).rejects.toBeInstanceOf(MediaError);
});

it('is lost with a process that is taken for dead, which offers relays again once it has joined again', async () => {
  await warm();
  const relay = await far.createRelay();
  let lost = 0;
  relay.onLost(() => {
    lost += 1;
  });
  const before = keeping.core.owned.processId;
  await asking.testDb.admin('update core.process set until = clock_timestamp() where id = $1', [before]);
  await expect.poll(() => lost, { timeout: 15_000 }).toBe(1);
  // Its keeper lets go of what others have been told is lost.
  await expect.poll(() => pool.stats().relays, { timeout: 15_000 }).toBe(0);
  const again = await vi.waitFor(() => far.createRelay(), { timeout: 20_000, interval: 200 });
  expect(keeping.core.owned.processId).not.toBe(before);
  await again.close();
}, 60_000);

it('leaves nothing behind when it stops', async () => {
  await far.createRelay();
  expect(pool.stats().relays).toBe(1);
  await far.stop();
  expect(pool.stats().relays).toBe(0);
});
