import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listCalls, listTelephones } from '@liaison/calls';
import { listDevices, revokeDevice } from '@liaison/people';
import { energyAt, loudness, readWav, tone, wavOf } from '@liaison/rtp/testing';
import { type Baresip, startBaresip } from '@liaison/sip/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Member, type RunningSuite, startSuite } from '../testing/suite.ts';

/** Debian's baresip as two desk telephones of one organisation: registrar, calls through the relay, sound both ways. */
let running: RunningSuite;
let folder: string;
let domain: string;
let alice: Member;
let bob: Member;
const telephones: Baresip[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'liaison-telephones-'));
  running = await startSuite();
  const made = await running.organisation('harbour', [
    { name: 'Alice', extension: '4101' },
    { name: 'Bob', extension: '4102' },
  ]);
  domain = made.domain;
  [alice, bob] = made.members as [Member, Member];
});
afterAll(async () => {
  for (const telephone of telephones) await telephone.stop();
  await running?.close();
  await rm(folder, { recursive: true, force: true });
});

async function until(condition: () => Promise<boolean> | boolean, what: string): Promise<void> {
  const end = Date.now() + 15_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`it did not come to pass in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const stateOf = async (member: Member) =>
  (await running.suite.reach.statesOf(member.orgId, [member.id])).get(member.id)?.state;

async function telephone(
  member: Member,
  name: string,
  hz: number,
  more: Partial<Parameters<typeof startBaresip>[0]> = {},
) {
  const { username, secret } = await running.telephone(member);
  const workDir = await mkdtemp(join(folder, `${name}-`));
  const audioSource = join(workDir, 'tone.wav');
  await writeFile(audioSource, wavOf(tone(hz, 20)));
  const made = await startBaresip({
    user: username,
    domain,
    password: secret,
    server: { host: '127.0.0.1', port: running.sipPorts[more.transport === 'tcp' ? 'tcp' : 'udp'] },
    workDir,
    audioSource,
    recordTo: workDir,
    ...more,
  });
  telephones.push(made);
  await made.waitFor('REGISTER_OK', { deadlineMs: 15_000 });
  return made;
}

/** What a telephone heard: energy at its own and at the other's tone. */
async function heard(phone: Baresip, hz: number): Promise<number> {
  const files = (await phone.recordings()).filter((file) => file.endsWith('-dec.wav'));
  const { samples, rate } = readWav(await readFile(files.at(-1)!));
  // The last second, when everything has settled.
  const last = samples.subarray(Math.max(0, samples.length - rate));
  return loudness(last) === 0 ? 0 : energyAt(hz, last, rate);
}

describe.each(['udp', 'tcp'] as const)('two telephones over %s', (transport) => {
  it('register, ring each other by extension, hear each other, and hang up', async () => {
    const a = await telephone(alice, 'alice', 440, { transport });
    const b = await telephone(bob, 'bob', 880, { transport });
    await until(async () => (await stateOf(bob)) === 'free', 'Bob is reachable by his telephone');
    const registered = await fetch(`${running.url}/api/v1${listTelephones.path}`, {
      headers: { cookie: bob.cookie },
    });
    expect((await registered.json()).rows).toHaveLength(1);

    await a.dial(`sip:${bob.extension}@${domain}`);
    await b.waitFor('CALL_INCOMING');
    await until(async () => (await stateOf(bob)) === 'ringing', 'Bob rings');
    await b.accept();
    await a.waitFor('CALL_ESTABLISHED');
    await until(
      async () => (await stateOf(bob)) === 'call' && (await stateOf(alice)) === 'call',
      'both talk',
    );
    await new Promise((resolve) => setTimeout(resolve, 2000));
    await a.hold();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await a.resume();
    await new Promise((resolve) => setTimeout(resolve, 2500));
    await a.hangup();
    await b.waitFor('CALL_CLOSED');
    await until(async () => (await stateOf(bob)) === 'free', 'Bob is free again');

    expect(await heard(b, 440)).toBeGreaterThan(0.2);
    expect(await heard(b, 880)).toBeLessThan(0.05);
    expect(await heard(a, 880)).toBeGreaterThan(0.2);
    const history = await fetch(`${running.url}/api/v1${listCalls.path}?limit=1`, {
      headers: { cookie: alice.cookie },
    });
    expect((await history.json()).rows).toMatchObject([
      { direction: 'outgoing', peer: { name: 'Bob' }, reason: 'completed' },
    ]);

    for (const phone of [a, b]) await phone.stop();
    telephones.length = 0;
    await until(async () => (await stateOf(bob)) === 'offline', 'a telephone that unregisters is gone');
  });
});

describe('a telephone', () => {
  it('that nobody answers, that declines, that is cancelled: the caller is told why', async () => {
    const a = await telephone(alice, 'alice', 440);
    const b = await telephone(bob, 'bob', 880);
    await until(async () => (await stateOf(bob)) === 'free', 'Bob is reachable');
    let from = a.events.length;
    await a.dial(`sip:${bob.extension}@${domain}`);
    await b.waitFor('CALL_INCOMING');
    await b.hangup();
    const declined = await a.waitFor('CALL_CLOSED', { from });
    expect(declined.param).toMatch(/486|603|Decline|Busy/i);
    await until(async () => (await stateOf(bob)) === 'free', 'Bob is free');
    from = b.events.length;
    await a.dial(`sip:${bob.extension}@${domain}`);
    await b.waitFor('CALL_INCOMING', { from });
    await a.hangup();
    await b.waitFor('CALL_CLOSED', { from });
    await until(async () => (await stateOf(bob)) === 'free', 'Bob is free');
    from = a.events.length;
    await a.dial(`sip:9999@${domain}`);
    expect((await a.waitFor('CALL_CLOSED', { from })).param).toMatch(/404|Not Found/i);
    for (const phone of [a, b]) await phone.stop();
    telephones.length = 0;
  });

  it('is not rung any more once it is revoked', async () => {
    const a = await telephone(alice, 'alice', 440);
    await telephone(bob, 'bob', 880);
    await until(async () => (await stateOf(bob)) === 'free', 'Bob is reachable');
    const devices = (await (
      await fetch(`${running.url}/api/v1${listDevices.path}`, { headers: { cookie: bob.cookie } })
    ).json()) as { devices: { id: string }[] };
    for (const { id } of devices.devices) {
      const answer = await fetch(`${running.url}/api/v1${revokeDevice.path.replace(':id', id)}`, {
        method: revokeDevice.method,
        headers: { cookie: bob.cookie, origin: running.url },
      });
      expect(answer.status).toBe(204);
    }
    const revokedAt = Date.now();
    await until(async () => (await stateOf(bob)) === 'offline', 'the revoked telephone is gone');
    expect(Date.now() - revokedAt).toBeLessThan(5000);
    const from = a.events.length;
    await a.dial(`sip:${bob.extension}@${domain}`);
    expect((await a.waitFor('CALL_CLOSED', { from })).param).toMatch(/480|Unavailable/i);
    for (const phone of telephones.splice(0)) await phone.stop();
  });

  it('with a wrong secret is not let in', async () => {
    const { username } = await running.telephone(alice);
    const workDir = await mkdtemp(join(folder, 'wrong-'));
    const phone = await startBaresip({
      user: username,
      domain,
      password: 'wrong',
      server: { host: '127.0.0.1', port: running.sipPorts.udp },
      workDir,
    });
    telephones.push(phone);
    const failed = await phone.waitFor('REGISTER_FAIL', { deadlineMs: 15_000 });
    expect(failed.param).toMatch(/401|403|Unauthorized|Forbidden/i);
    await phone.stop();
    telephones.length = 0;
  });
});
