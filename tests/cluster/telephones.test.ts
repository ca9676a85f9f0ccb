import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  answerCall,
  type CallRecord,
  type CallView,
  hangUpCall,
  sendToTelephone,
  startCall,
} from '@liaison/calls';
import { examine, makeDoctorTelephone } from '@liaison/calls/testing';
import { openSecrets } from '@liaison/core/secrets';
import { freePort } from '@liaison/core/testing';
import type { Reachability } from '@liaison/reach';
import { energyAt, readWav, tone, wavOf } from '@liaison/rtp/testing';
import { type Baresip, startBaresip } from '@liaison/sip/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Cluster, type Colleague, type Node, startCluster } from '../testing/cluster.ts';
import { until } from '../testing/program.ts';
import { createSipProbe, register } from '../testing/sip-probe.ts';

/** The duties on processes of their own: pages, work, relays, and two with telephones. */
let cluster: Cluster;
let pages: Node;
let sip: Node;
let otherSip: Node;
let alice: Colleague;
let bob: Colleague;
let carla: Colleague;
const phones: Baresip[] = [];

beforeAll(async () => {
  cluster = await startCluster();
  pages = await cluster.start('pages', { LIAISON_DUTIES: 'api,live' });
  [sip, otherSip] = (await Promise.all([
    cluster.start('sip', { LIAISON_DUTIES: 'sip' }),
    cluster.start('other-sip', { LIAISON_DUTIES: 'sip', LIAISON_DRAIN_LIMIT: '60s' }),
    cluster.start('work', { LIAISON_DUTIES: 'worker' }),
    cluster.start('relays', { LIAISON_DUTIES: 'media' }),
  ])) as [Node, Node, Node, Node];
  [alice, bob, carla] = (await cluster.organisation(pages, [
    { name: 'Alice', extension: '4101' },
    { name: 'Bob', extension: '4102' },
    { name: 'Carla', extension: '4103' },
  ])) as [Colleague, Colleague, Colleague];
}, 240_000);
afterEach(async () => {
  for (const phone of phones.splice(0)) await phone.stop();
});
afterAll(() => cluster?.close());

async function telephone(
  at: Node,
  who: Colleague,
  more: Partial<Parameters<typeof startBaresip>[0]> = {},
): Promise<Baresip> {
  const { username, secret } = await cluster.telephone(pages, who);
  const workDir = mkdtempSync(join(cluster.root, 'telephone-'));
  const audioSource = join(workDir, 'tone.wav');
  await writeFile(audioSource, wavOf(tone(who === alice ? 440 : who === bob ? 880 : 1320, 20)));
  const phone = await startBaresip({
    user: username,
    domain: cluster.domain,
    password: secret,
    server: { host: '127.0.0.1', port: (more.transport === 'tcp' ? at.sipTcpPort : at.sipPort) ?? 0 },
    workDir,
    audioSource,
    recordTo: workDir,
    ...more,
  });
  phones.push(phone);
  await phone.waitFor('REGISTER_OK', { deadlineMs: 15_000 });
  return phone;
}
async function reach(who: Colleague): Promise<Reachability | undefined> {
  const { body } = await cluster.ask<{ rows: Reachability[] }>(pages, who, 'GET', '/reach');
  return body.rows.find((each) => each.personId === who.id);
}
/** How much a telephone has heard in its call; 0 while the end of it is not this tone. */
async function samplesHeard(phone: Baresip, hz: number): Promise<number> {
  const file = (await phone.recordings()).find((each) => each.endsWith('-dec.wav'));
  if (!file) return 0;
  const { samples, rate } = readWav(await readFile(file));
  return energyAt(hz, samples.subarray(Math.max(0, samples.length - rate / 2)), rate) > 0.2
    ? samples.length
    : 0;
}
const lastCall = async (who: Colleague) =>
  (await cluster.ask<{ rows: CallView[] }>(pages, who, 'GET', '/calls?limit=1')).body.rows[0];

test.each(['udp', 'tcp'] as const)(
  'a page rings a telephone over %s on another process, and is rung by it',
  async (transport) => {
    const phone = await telephone(sip, bob, { transport });
    const page = await cluster.page(pages, alice);
    const { call } = await page.command(startCall, { to: bob.extension });
    await phone.waitFor('CALL_INCOMING');
    await phone.accept();
    await page.until(() => page.call(call.id)?.state === 'connected', 'connected');
    await phone.waitFor('CALL_ESTABLISHED');
    await phone.hold();
    await page.until(() => page.call(call.id)?.heldByPeer === true, 'held by the telephone');
    await phone.resume();
    await page.until(() => page.call(call.id)?.heldByPeer === false, 'on again');
    await page.command(hangUpCall, { callId: call.id });
    await phone.waitFor('CALL_CLOSED');

    // Taken back while it rings, declined by the telephone, hung up by it.
    let from = phone.events.length;
    const second = (await page.command(startCall, { to: bob.extension })).call;
    await phone.waitFor('CALL_INCOMING', { from });
    await page.command(hangUpCall, { callId: second.id });
    await phone.waitFor('CALL_CLOSED', { from });
    from = phone.events.length;
    const third = (await page.command(startCall, { to: bob.extension })).call;
    await phone.waitFor('CALL_INCOMING', { from });
    await phone.hangup();
    await page.until(() => page.call(third.id)?.state === 'ended', 'declined');

    from = phone.events.length;
    await phone.dial(`sip:${alice.extension}@${cluster.domain}`);
    const incoming = await page.until(() => {
      const view = page.call();
      return view?.direction === 'incoming' && view.state === 'ringing' ? view : undefined;
    }, 'the telephone’s call');
    await page.command(answerCall, { callId: incoming.id });
    await phone.waitFor('CALL_ESTABLISHED', { from });
    await phone.hangup();
    await page.until(() => page.call(incoming.id)?.state === 'ended', 'ended by the telephone');
    await until(async () => (await lastCall(alice))?.reason === 'completed', 'its line in the history');
    expect(await lastCall(alice)).toMatchObject({ direction: 'incoming' });
    page.close();
    await phone.stop();
    await until(async () => (await reach(bob))?.telephone !== true, 'a telephone that signs off is gone');
  },
);

test('two telephones on two processes hear each other through a relay on a third', async () => {
  const [a, b] = [await telephone(sip, alice), await telephone(otherSip, bob)];
  await a.dial(`sip:${bob.extension}@${cluster.domain}`);
  await b.waitFor('CALL_INCOMING');
  await b.accept();
  await a.waitFor('CALL_ESTABLISHED');
  await until(async () => (await samplesHeard(a, 880)) > 4000, 'Bob’s tone at Alice’s');
  await until(async () => (await samplesHeard(b, 440)) > 4000, 'Alice’s tone at Bob’s');
  await a.hangup();
  await b.waitFor('CALL_CLOSED');
});

test('a telephone on another process hands its call to one on a third, and a page moves it to a telephone', async () => {
  const b = await telephone(sip, bob, { answerMode: 'auto' });
  const c = await telephone(otherSip, carla);
  const desk = await telephone(sip, alice);
  const page = await cluster.page(pages, alice);
  const { call } = await page.command(startCall, { to: bob.extension });
  await page.until(() => page.call(call.id)?.state === 'connected', 'connected');
  await b.command('transfer', `sip:${carla.extension}@${cluster.domain}`);
  await c.waitFor('CALL_INCOMING');
  await c.accept();
  await page.until(() => {
    const view = page.call(call.id);
    return view?.state === 'connected' && view.peer.name === 'Carla';
  }, 'with Carla');
  await b.waitFor('CALL_CLOSED');

  const { body } = await cluster.ask<{ rows: { deviceId: string }[] }>(
    pages,
    alice,
    'GET',
    '/calls/telephones',
  );
  const deviceId = body.rows[0]?.deviceId ?? '';
  await page.command(sendToTelephone, { callId: call.id, deviceId });
  await desk.waitFor('CALL_INCOMING');
  await desk.accept();
  await page.until(() => page.call(call.id)?.mine?.kind === 'telephone', 'on the telephone');
  await until(async () => {
    const file = (await c.recordings()).find((each) => each.endsWith('-dec.wav'));
    if (!file) return false;
    const { samples, rate } = readWav(await readFile(file));
    return energyAt(440, samples.subarray(Math.max(0, samples.length - rate / 2)), rate) > 0.2;
  }, 'Carla hears the desk telephone');
  await desk.hangup();
  await c.waitFor('CALL_CLOSED');
  await until(async () => {
    const rows = (await cluster.ask<{ rows: CallRecord[] }>(pages, alice, 'GET', '/calls?limit=2')).body.rows;
    return (
      rows[0]?.peer.name === 'Carla' &&
      rows[0].transferredBy?.name === 'Bob' &&
      rows[1]?.reason === 'transferred'
    );
  }, 'its two lines in the history');
  page.close();
});

test('who guesses is held up at every process, right or wrong, and the telephone at another address is not', async () => {
  const guesser = '127.0.0.7';
  const { username, secret } = await cluster.telephone(pages, alice);
  const right = { username, secret, addressOfRecord: alice.address };
  expect(await register(sip.sipPort ?? 0, right)).toBe(200);

  const answers: number[] = [];
  for (let i = 0; i < 20; i++) {
    const name = i % 3 === 0 ? username : `nobody-${i}`;
    answers.push(
      await register(sip.sipPort ?? 0, { ...right, username: name, secret: `guess ${i}` }, 5000, guesser),
    );
  }
  expect(new Set(answers)).toEqual(new Set([401, 503]));
  // At one name alone it is told to stop, whether or not there is such a name.
  for (const [at, name] of [username, 'nobody'].entries()) {
    const alone: number[] = [];
    for (let i = 0; i < 10; i++) {
      const guess = { ...right, username: name, secret: `guess ${i}` };
      alone.push(await register(otherSip.sipPort ?? 0, guess, 5000, `127.0.0.${20 + at}`));
    }
    expect(alone).toEqual([401, 401, 401, 401, 401, 401, 401, 401, 403, 403]);
  }
  expect(answers.at(-1)).toBe(503);
  // What fails at one is told to the other, in its own time. So few tries as these hold nobody up by themselves.
  let more = 0;
  const tryMore = () => {
    const guess = { ...right, username: `stranger-${more++}`, secret: 'guess' };
    return register(otherSip.sipPort ?? 0, guess, 5000, guesser);
  };
  await expect.poll(tryMore, { interval: 500, timeout: 4000 }).toBe(503);
  for (const node of [sip, otherSip]) {
    expect(await register(node.sipPort ?? 0, right, 5000, guesser)).toBe(503);
    expect(await register(node.sipPort ?? 0, right)).toBe(200);
  }
  const probe = await createSipProbe(sip.sipPort ?? 0, guesser);
  const held = await probe.ask(
    'REGISTER',
    alice.address,
    `Digest username="${username}", realm="${cluster.domain}", nonce="x", uri="sip:x", response="${'0'.repeat(32)}", algorithm=MD5, cnonce="x", qop=auth, nc=00000001`,
  );
  expect(held).toMatch(/^SIP\/2\.0 503 [\s\S]*\r\nRetry-After: \d+\r\n/i);

  // Without credentials every name is answered alike, at whatever method.
  const alike = (text: string, name: string) =>
    text
      .replaceAll(name, 'NAME')
      .replace(/(branch|tag|nonce)="?[^;,"\r]+"?/g, '$1')
      .replace(/CSeq: \d+/g, 'CSeq');
  for (const method of ['REGISTER', 'INVITE', 'OPTIONS', 'SUBSCRIBE', 'MESSAGE']) {
    const said: string[] = [];
    for (const name of [alice.extension, bob.address.split('@')[0] ?? '', '9999', 'nobody', username]) {
      said.push(alike(await probe.ask(method, `${name}@${cluster.domain}`), name));
    }
    expect(said[0], method).toMatch(/^SIP/);
    expect(new Set(said).size, method).toBe(1);
  }
  probe.close();
});

test('the doctor’s call on one process has its sound through a relay on another, and is nobody’s', async () => {
  const secrets = await openSecrets({ dataFolder: cluster.dataFolder('sip') });
  const before = (await lastCall(alice))?.id;
  const findings = await examine({
    host: '127.0.0.1',
    ports: { udp: sip.sipPort ?? 0, tcp: otherSip.sipTcpPort ?? 0 },
    mediaAddress: '127.0.0.1',
    rtpPorts: { from: 0, to: 0 },
    names: [],
    telephone: () => makeDoctorTelephone(secrets, randomUUID()),
  });
  expect(findings.filter(({ outcome }) => outcome !== 'good')).toEqual([]);
  expect(findings.filter(({ step }) => step === 'sound')).toHaveLength(2);
  expect((await lastCall(alice))?.id).toBe(before);
});

test('what a killed process leaves: a call ends for its page, its telephone is not waited for and comes back', async () => {
  // Nobody is given its port while it is gone.
  const sipAt = { LIAISON_DUTIES: 'sip', LIAISON_SIP_PORT: String(await freePort()) };
  const doomed = await cluster.start('doomed', sipAt);
  const phone = await telephone(doomed, bob, { registerEverySeconds: 60 });
  const page = await cluster.page(pages, alice);
  const { call } = await page.command(startCall, { to: bob.extension });
  await phone.waitFor('CALL_INCOMING');
  await phone.accept();
  await page.until(() => page.call(call.id)?.state === 'connected', 'connected');

  const killed = performance.now();
  await doomed.kill();
  await page.until(() => page.call(call.id)?.state === 'ended', 'the end, told to the page', 20_000);
  // Within ten seconds, of which a lease takes eight; a machine that stands still now and then may add some.
  expect(performance.now() - killed).toBeLessThan(15_000);

  const asked = performance.now();
  const again = (await page.command(startCall, { to: bob.extension })).call;
  await page.until(() => page.call(again.id)?.reason === 'offline', 'nobody is waited for');
  expect(performance.now() - asked).toBeLessThan(8000);

  // It starts again where it was: the telephone need do nothing to be reached.
  await phone.hangup();
  const from = phone.events.length;
  await cluster.start('doomed', sipAt);
  const third = (await page.command(startCall, { to: bob.extension })).call;
  await phone.waitFor('CALL_INCOMING', { from });
  await page.command(hangUpCall, { callId: third.id });
  await phone.waitFor('CALL_CLOSED', { from });
  page.close();
}, 240_000);

// The last one: `otherSip` is gone then.
test('telephones on a process that ends go on talking, and everything new is sent elsewhere', async () => {
  const port = otherSip.sipPort ?? 0;
  const [a, b] = [await telephone(otherSip, alice), await telephone(sip, bob)];
  await a.dial(`sip:${bob.extension}@${cluster.domain}`);
  await b.waitFor('CALL_INCOMING');
  await b.accept();
  await a.waitFor('CALL_ESTABLISHED');
  const left = otherSip.leave();
  const { username, secret } = await cluster.telephone(pages, carla);
  const newcomer = { username, secret, addressOfRecord: carla.address };
  await until(async () => (await register(port, newcomer)) === 503, 'no telephone is taken on');
  expect(await register(sip.sipPort ?? 0, newcomer)).toBe(200);

  const before = await samplesHeard(b, 440);
  await until(async () => (await samplesHeard(b, 440)) > before + 8000, 'more of Alice’s tone');
  const from = b.events.length;
  await a.hangup();
  await b.waitFor('CALL_CLOSED', { from });
  expect(await left).toBe(0);
  await until(async () => (await lastCall(alice))?.reason === 'completed', 'its line in the history');
});
