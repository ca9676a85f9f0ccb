import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CallRecord,
  listCalls,
  listTelephones,
  sendToTelephone,
  startCall,
  stayHere,
} from '@liaison/calls';
import { energyAt, loudness, readWav, tone, wavOf } from '@liaison/rtp/testing';
import { type Baresip, startBaresip } from '@liaison/sip/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Member, type RunningSuite, startSuite } from '../testing/suite.ts';
import { shown } from '../testing/telephone-rows.ts';

/** Debian's baresip hands calls over, is handed one, is what a call is moved to: the sound measured where it is heard. */
const row = {
  client: 'baresip',
  debianPackage: 'baresip-core',
  transport: 'UDP',
  codec: 'PCMU',
  encryption: 'none',
  network: 'direct',
  sound: 'both ways',
} as const;
let running: RunningSuite;
let folder: string;
let domain: string;
let alice: Member;
let bob: Member;
let carla: Member;
const telephones: Baresip[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'liaison-transfer-'));
  running = await startSuite();
  const made = await running.organisation('harbour', [
    { name: 'Alice', extension: '4101' },
    { name: 'Bob', extension: '4102' },
    { name: 'Carla', extension: '4103' },
  ]);
  domain = made.domain;
  [alice, bob, carla] = made.members as [Member, Member, Member];
});
afterEach(async () => {
  for (const telephone of telephones.splice(0)) await telephone.stop();
});
afterAll(async () => {
  await running?.close();
  await rm(folder, { recursive: true, force: true });
});

async function until<T>(find: () => Promise<T> | T, what: string): Promise<NonNullable<T>> {
  const end = Date.now() + 20_000;
  for (;;) {
    const found = await find();
    if (found) return found as NonNullable<T>;
    if (Date.now() > end) throw new Error(`it did not come to pass in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function telephone(
  member: Member,
  hz: number,
  answerMode: 'auto' | 'manual' = 'manual',
): Promise<Baresip> {
  const { username, secret } = await running.telephone(member);
  const workDir = await mkdtemp(join(folder, 'telephone-'));
  const audioSource = join(workDir, 'tone.wav');
  await writeFile(audioSource, wavOf(tone(hz, 30)));
  const made = await startBaresip({
    user: username,
    domain,
    password: secret,
    server: { host: '127.0.0.1', port: running.sipPorts.udp },
    workDir,
    audioSource,
    recordTo: workDir,
    answerMode,
  });
  telephones.push(made);
  await made.waitFor('REGISTER_OK', { deadlineMs: 15_000 });
  return made;
}

/** The best share of a tone in half a second of what was heard so far. */
async function heard(phone: Baresip, hz: number): Promise<number> {
  let best = 0;
  for (const file of (await phone.recordings()).filter((each) => each.endsWith('-dec.wav'))) {
    const { samples, rate } = readWav(await readFile(file));
    for (let at = 0; at + rate / 2 <= samples.length; at += rate / 4) {
      const part = samples.subarray(at, at + rate / 2);
      if (loudness(part) > 0.01) best = Math.max(best, energyAt(hz, part, rate));
    }
  }
  return best;
}

const hears = (phone: Baresip, hz: number, who: string) =>
  until(async () => (await heard(phone, hz)) > 0.3, `${who} is heard`);

async function history(member: Member): Promise<CallRecord[]> {
  const answer = await fetch(`${running.url}/api/v1${listCalls.path}?limit=3`, {
    headers: { cookie: member.cookie },
  });
  return ((await answer.json()) as { rows: CallRecord[] }).rows;
}

test('a telephone hands its call to another one by REFER; declined, it comes back to it', async () => {
  const a = await telephone(alice, 440);
  const b = await telephone(bob, 880, 'auto');
  const c = await telephone(carla, 1320);
  await a.dial(`sip:${bob.extension}@${domain}`);
  await a.waitFor('CALL_ESTABLISHED');
  await hears(b, 440, 'Alice');

  // Declined: this telephone hangs up when its NOTIFY says no, so it is rung again.
  let from = c.events.length;
  await a.command('transfer', `sip:${carla.extension}@${domain}`);
  await c.waitFor('CALL_INCOMING', { from });
  await c.hangup();
  await a.waitFor('TRANSFER_FAILED');
  expect(b.events.filter(({ type }) => type === 'CALL_CLOSED')).toEqual([]);
  expect((await a.waitFor('CALL_INCOMING')).peeruri).toContain(bob.extension);
  await a.accept();
  await until(() => a.events.filter(({ type }) => type === 'CALL_ESTABLISHED').length === 2, 'Alice is back');

  from = c.events.length;
  const asked = a.events.length;
  await a.command('transfer', `sip:${carla.extension}@${domain}`);
  const { peeruri } = await c.waitFor('CALL_INCOMING', { from });
  expect(peeruri).toContain(bob.extension);
  await c.accept();
  await a.waitFor('CALL_CLOSED', { from: asked });
  await hears(b, 1320, 'Carla');
  await hears(c, 880, 'Bob');
  await c.hangup();
  await b.waitFor('CALL_CLOSED');
  await until(async () => (await history(carla))[0]?.reason === 'completed', 'its line in the history');
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
  const b = await telephone(bob, 880, 'auto');
  const desk = await telephone(alice, 440);
  const page = await running.page(alice);
  const { call } = await page.command(startCall, { to: bob.extension });
  await page.until(() => page.call(call.id)?.state === 'connected', 'connected');
  const { rows } = (await (
    await fetch(`${running.url}/api/v1${listTelephones.path}`, { headers: { cookie: alice.cookie } })
  ).json()) as { rows: { deviceId: string }[] };
  const deviceId = rows[0]!.deviceId;

  // Thought better of.
  let from = desk.events.length;
  await page.command(sendToTelephone, { callId: call.id, deviceId });
  await desk.waitFor('CALL_INCOMING', { from });
  expect(page.call(call.id)).toMatchObject({ state: 'connected', movingTo: deviceId });
  await page.command(stayHere, { callId: call.id });
  await desk.waitFor('CALL_CLOSED', { from });
  await page.until(() => page.call(call.id)?.movingTo === null, 'it stays');

  from = desk.events.length;
  await page.command(sendToTelephone, { callId: call.id, deviceId });
  await desk.waitFor('CALL_INCOMING', { from });
  await desk.accept();
  await page.until(() => page.call(call.id)?.mine?.kind === 'telephone', 'on the telephone');
  await hears(b, 440, 'the desk telephone');
  await hears(desk, 880, 'Bob');
  expect(b.events.filter(({ type }) => type === 'CALL_CLOSED')).toEqual([]);
  await desk.hangup();
  await b.waitFor('CALL_CLOSED');
  page.close();
  await shown({ ...row, also: ['is sent a call by a page'] });
});
