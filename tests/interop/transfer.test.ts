import {
  type CallRecord,
  listCalls,
  listTelephones,
  sendToTelephone,
  startCall,
  stayHere,
} from '@liaison/calls';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Member } from '../testing/suite.ts';
import { hearsAfter, openTelephoneLab, type TelephoneLab } from '../testing/telephone-lab.ts';
import { plainBaresip, shown } from '../testing/telephone-rows.ts';
import { poll } from '../testing/world.ts';

/** Debian's baresip hands calls over, is handed one, is what a call is moved to: the sound measured where it is heard. */
const row = { ...plainBaresip, sound: 'both ways' } as const;
let lab: TelephoneLab;
let alice: Member;
let bob: Member;
let carla: Member;

beforeAll(async () => {
  lab = await openTelephoneLab({
    people: ['Alice', 'Bob', 'Carla'].map((name, at) => ({ name, extension: `410${at + 1}` })),
  });
  [alice, bob, carla] = lab.members as [Member, Member, Member];
});
afterEach(() => lab.endTelephones());
afterAll(() => lab?.close());

async function history(member: Member): Promise<CallRecord[]> {
  const answer = await fetch(`${lab.running.url}/api/v1${listCalls.path}?limit=3`, {
    headers: { cookie: member.cookie },
  });
  return ((await answer.json()) as { rows: CallRecord[] }).rows;
}

test('a telephone hands its call to another one by REFER; declined, it comes back to it', async () => {
  const a = await lab.telephone(alice);
  const b = await lab.telephone(bob, { hz: 880, answerMode: 'auto' });
  const c = await lab.telephone(carla, { hz: 1320 });
  await a.dial(`sip:${bob.extension}@${lab.domain}`);
  await a.waitFor('CALL_ESTABLISHED');
  await hearsAfter(b, 440, 0);

  // Declined: this telephone hangs up when its NOTIFY says no, so it is rung again.
  let from = c.events.length;
  await a.command('transfer', `sip:${carla.extension}@${lab.domain}`);
  await c.waitFor('CALL_INCOMING', { from });
  await c.hangup();
  await a.waitFor('TRANSFER_FAILED');
  expect(b.events.filter(({ type }) => type === 'CALL_CLOSED')).toEqual([]);
  expect((await a.waitFor('CALL_INCOMING')).peeruri).toContain(bob.extension);
  await a.accept();
  await poll(
    'Alice is back',
    async () => a.events.filter(({ type }) => type === 'CALL_ESTABLISHED').length === 2,
  );

  from = c.events.length;
  const asked = a.events.length;
  await a.command('transfer', `sip:${carla.extension}@${lab.domain}`);
  const { peeruri } = await c.waitFor('CALL_INCOMING', { from });
  expect(peeruri).toContain(bob.extension);
  await c.accept();
  await a.waitFor('CALL_CLOSED', { from: asked });
  await hearsAfter(b, 1320, 0);
  await hearsAfter(c, 880, 0);
  await c.hangup();
  await b.waitFor('CALL_CLOSED');
  await poll('its line in the history', async () => (await history(carla))[0]?.reason === 'completed');
  expect((await history(carla))[0]).toMatchObject({
    peer: { name: 'Bob' },
    transferredBy: { name: 'Alice' },
  });
  expect(await history(alice)).toMatchObject([
    {
      peer: { name: 'Bob' },
      reason: 'transferred',
      transferredTo: { name: 'Carla' },
      returnedFrom: { name: 'Carla' },
    },
    { direction: 'outgoing', peer: { name: 'Bob' }, reason: 'transferred', transferredTo: { name: 'Carla' } },
  ]);
  await shown({ ...row, also: ['transfer (REFER)'] });
});

test('a page sends its call to a telephone, which rings alone; the other one hears nothing but another voice', async () => {
  const b = await lab.telephone(bob, { hz: 880, answerMode: 'auto' });
  const desk = await lab.telephone(alice);
  const page = await lab.running.page(alice);
  const { call } = await page.command(startCall, { to: bob.extension });
  await page.until(() => page.call(call.id)?.state === 'connected', 'connected');
  const { rows } = (await (
    await fetch(`${lab.running.url}/api/v1${listTelephones.path}`, { headers: { cookie: alice.cookie } })
  ).json()) as { rows: { deviceId: string }[] };
  const deviceId = rows[0]!.deviceId;

  // Thought better of.
  let from = desk.events.length;
  await page.command(sendToTelephone, { callId: call.id, deviceId });
  await desk.waitFor('CALL_INCOMING', { from });
  await expect.poll(() => page.call(call.id)).toMatchObject({ state: 'connected', movingTo: deviceId });
  await page.command(stayHere, { callId: call.id });
  await desk.waitFor('CALL_CLOSED', { from });
  await page.until(() => page.call(call.id)?.movingTo === null, 'it stays');

  from = desk.events.length;
  await page.command(sendToTelephone, { callId: call.id, deviceId });
  await desk.waitFor('CALL_INCOMING', { from });
  await desk.accept();
  await page.until(() => page.call(call.id)?.mine?.kind === 'telephone', 'on the telephone');
  await hearsAfter(b, 440, 0);
  await hearsAfter(desk, 880, 0);
  expect(b.events.filter(({ type }) => type === 'CALL_CLOSED')).toEqual([]);
  await desk.hangup();
  await b.waitFor('CALL_CLOSED');
  page.close();
  await shown({ ...row, also: ['is sent a call by a page'] });
});
