import type { Baresip } from '@liaison/sip/testing';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Member } from '../testing/suite.ts';
import { hearEachOther, openTelephoneLab, type TelephoneLab } from '../testing/telephone-lab.ts';

/** Debian's baresip as video telephones: pictures pass through the relay as they come. */
let lab: TelephoneLab;
let carla: Member;

beforeAll(async () => {
  lab = await openTelephoneLab({
    people: ['Alice', 'Bob', 'Carla'].map((name, at) => ({ name, extension: `410${at + 1}` })),
  });
  carla = lab.members[2] as Member;
});
afterEach(() => lab.endTelephones());
afterAll(() => lab?.close());

/** Pictures that it has received, read and shown. */
async function picturesSeen(telephone: Baresip): Promise<number> {
  const report = await telephone.command('video_debug').catch(() => '');
  return Number(/vidisp: .*frames=(\d+)/.exec(report)?.[1] ?? 0);
}

it('two video telephones see each other, after a transfer too; one without video is called by sound', async () => {
  const { alice, bob } = lab;
  const a = await lab.telephone(alice, { hz: 440, video: true });
  const b = await lab.telephone(bob, { hz: 880, video: true });
  await expect.poll(() => lab.stateOf(bob), { timeout: 15_000 }).toBe('free');
  await a.dial(lab.addressOf(bob));
  await b.waitFor('CALL_INCOMING');
  await b.accept();
  await a.waitFor('CALL_ESTABLISHED');
  await expect.poll(() => picturesSeen(a), { timeout: 20_000 }).toBeGreaterThan(5);
  await expect.poll(() => picturesSeen(b), { timeout: 20_000 }).toBeGreaterThan(5);

  // Carla's is rung by sound, because Bob's was called and said nothing; it is asked for pictures as it joins his.
  const c = await lab.telephone(carla, { hz: 1320, video: true, answerMode: 'auto' });
  const closed = a.events.length;
  await a.command('transfer', lab.addressOf(carla));
  await c.waitFor('CALL_ESTABLISHED');
  await a.waitFor('CALL_CLOSED', { from: closed });
  await expect.poll(() => picturesSeen(c), { timeout: 20_000 }).toBeGreaterThan(5);
  const before = await picturesSeen(b);
  await expect.poll(() => picturesSeen(b), { timeout: 20_000 }).toBeGreaterThan(before + 5);
  await hearEachOther(b, c);
  await c.hangup();
  await b.waitFor('CALL_CLOSED');
  await b.stop();
  await expect.poll(() => lab.stateOf(bob), { timeout: 15_000 }).toBe('offline');

  const deaf = await lab.telephone(bob, { hz: 880 });
  await expect.poll(() => lab.stateOf(bob), { timeout: 15_000 }).toBe('free');
  const from = a.events.length;
  await a.dial(lab.addressOf(bob));
  await deaf.waitFor('CALL_INCOMING');
  await deaf.accept();
  await a.waitFor('CALL_ESTABLISHED', { from });
  await hearEachOther(a, deaf);
  expect(await picturesSeen(a)).toBe(0);
}, 120_000);
