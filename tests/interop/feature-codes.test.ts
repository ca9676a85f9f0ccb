import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { energyAt, loudness, readWav, tone, wavOf } from '@liaison/rtp/testing';
import { type Baresip, startBaresip } from '@liaison/sip/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Member, type RunningSuite, startSuite } from '../testing/suite.ts';
import { shown } from '../testing/telephone-rows.ts';

/** Debian's baresip dials codes: it hears itself, hears a confirmation, and its person's state changes for everybody. */
const row = {
  client: 'baresip',
  debianPackage: 'baresip-core',
  transport: 'UDP',
  codec: 'PCMU',
  encryption: 'none',
  network: 'direct',
} as const;
let running: RunningSuite;
let folder: string;
let domain: string;
let alice: Member;
let bob: Member;
let phone: Baresip;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'liaison-codes-'));
  running = await startSuite();
  const made = await running.organisation('harbour', [
    { name: 'Alice', extension: '4101' },
    { name: 'Bob', extension: '4102' },
  ]);
  domain = made.domain;
  [alice, bob] = made.members as [Member, Member];
  const { username, secret } = await running.telephone(alice);
  const audioSource = join(folder, 'tone.wav');
  await writeFile(audioSource, wavOf(tone(440, 20)));
  phone = await startBaresip({
    user: username,
    domain,
    password: secret,
    server: { host: '127.0.0.1', port: running.sipPorts.udp },
    workDir: folder,
    audioSource,
    recordTo: folder,
  });
  await phone.waitFor('REGISTER_OK', { deadlineMs: 15_000 });
});
afterAll(async () => {
  await phone?.stop();
  await running?.close();
  await rm(folder, { recursive: true, force: true });
});

const stateOf = async (member: Member) =>
  (await running.suite.reach.statesOf(member.orgId, [member.id])).get(member.id)?.state;

async function heard(hz: number): Promise<number> {
  const files = (await phone.recordings()).filter((file) => file.endsWith('-dec.wav'));
  const { samples, rate } = readWav(await readFile(files.at(-1)!));
  const last = samples.subarray(Math.max(0, samples.length - rate));
  return loudness(last) === 0 ? 0 : energyAt(hz, last, rate);
}

/** How the telephone hears that a call is over, from its first sign on. */
async function dial(code: string): Promise<() => Promise<string>> {
  const from = phone.events.length;
  await phone.dial(`sip:${code}@${domain}`);
  return async () => (await phone.waitFor('CALL_CLOSED', { from, deadlineMs: 15_000 })).param ?? '';
}

it.each(['*43', 'echo'])('%s says back what it hears', async (code) => {
  const from = phone.events.length;
  const closed = await dial(code);
  await phone.waitFor('CALL_ESTABLISHED', { from });
  await expect.poll(() => stateOf(alice), { timeout: 10_000 }).toBe('call');
  // The file grows as it is heard: the tone is its own, 440 Hz, and no other speaks there.
  await expect.poll(() => heard(440), { timeout: 20_000, interval: 250 }).toBeGreaterThan(0.5);
  await phone.hangup();
  await closed();
  await expect.poll(() => stateOf(alice), { timeout: 10_000 }).toBe('free');
  await shown({ ...row, sound: 'both ways', also: [`code ${code}`] });
});

it.each([
  ['*78', 'dnd'],
  ['*79', 'free'],
  ['*76', 'dnd'],
  ['*76', 'free'],
  ['*81', 'away'],
  ['*80', 'free'],
])('%s: everybody sees %s, and the call ends by itself after its confirmation', async (code, state) => {
  const from = phone.events.length;
  const closed = await dial(code);
  await phone.waitFor('CALL_ESTABLISHED', { from });
  await expect.poll(() => stateOf(alice), { timeout: 1000, interval: 50 }).toBe(state);
  await closed();
  expect(await stateOf(alice)).toBe(state);
  await shown({ ...row, sound: '–', also: [`code ${code}`] });
});

it('*69 rings whoever called last, and nobody when nobody has', async () => {
  expect(await (await dial('*69'))()).toMatch(/404|Not Found/i);
  await running.test.core.db.transaction(alice.orgId, (tx) =>
    tx.query(
      `insert into calls.call (id, org_id, home_site, caller_person_id, callee_person_id, dialled, ended_at, reason)
       values ($1, $2, 1, $3, $4, '4101', now(), 'no-answer')`,
      [running.test.core.ids.next(), alice.orgId, bob.id, alice.id],
    ),
  );
  // Bob is known, and simply not there.
  expect(await (await dial('*69'))()).toMatch(/480|Unavailable/i);
  await shown({ ...row, sound: '–', also: ['code *69'] });
});

it('a code that nobody knows is refused as one', async () => {
  expect(await (await dial('*99'))()).toMatch(/Unknown Feature Code/);
});
