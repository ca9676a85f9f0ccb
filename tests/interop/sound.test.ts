import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { energyAt, loudness, readWav, tone, wavOf } from '@liaison/rtp/testing';
import { type Baresip, type BaresipOptions, createCertificate, startBaresip } from '@liaison/sip/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Member, type RunningSuite, startSuite } from '../testing/suite.ts';

/** Debian's baresip at both ends of the relay: each codec and each protection, sound measured where it is heard. */
let running: RunningSuite;
let folder: string;
let domain: string;
let alice: Member;
let bob: Member;
const telephones: Baresip[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'liaison-sound-'));
  running = await startSuite();
  const certificate = createCertificate(['IP:127.0.0.1', 'DNS:localhost']);
  const { telephones: line } = running.suite.calls;
  await line.stop();
  line.secure({ options: () => ({ cert: certificate.certificate, key: certificate.key }) });
  await line.start();
  const made = await running.organisation('harbour', [
    { name: 'Alice', extension: '4101' },
    { name: 'Bob', extension: '4102' },
  ]);
  domain = made.domain;
  [alice, bob] = made.members as [Member, Member];
});
afterEach(async () => {
  for (const telephone of telephones.splice(0)) await telephone.stop();
});
afterAll(async () => {
  await running?.close();
  await rm(folder, { recursive: true, force: true });
});

const portOf = (transport: BaresipOptions['transport']) =>
  (transport === 'tls'
    ? running.suite.calls.telephones.ports.tlsPort
    : running.suite.calls.telephones.ports.udpPort) ?? 0;

type Kind = Pick<BaresipOptions, 'codecs' | 'mediaEncryption' | 'transport'>;

async function telephone(member: Member, hz: number, kind: Kind) {
  const { username, secret } = await running.telephone(member);
  const workDir = await mkdtemp(join(folder, 'telephone-'));
  const audioSource = join(workDir, 'tone.wav');
  await writeFile(audioSource, wavOf(tone(hz, 30)));
  const made = await startBaresip({
    user: username,
    domain,
    password: secret,
    server: { host: '127.0.0.1', port: portOf(kind.transport) },
    workDir,
    audioSource,
    recordTo: workDir,
    answerMode: 'auto',
    ...kind,
  });
  telephones.push(made);
  await made.waitFor('REGISTER_OK', { deadlineMs: 15_000 });
  return made;
}

/** The best share of the other's tone in a second of what was heard; recordings have gaps while a codec settles. */
async function heard(phone: Baresip, hz: number): Promise<number> {
  const file = (await phone.recordings()).filter((each) => each.endsWith('-dec.wav')).at(-1);
  if (!file) return 0;
  const { samples, rate } = readWav(await readFile(file));
  let best = 0;
  for (let at = 0; at + rate <= samples.length; at += rate / 4) {
    const second = samples.subarray(at, at + rate);
    if (loudness(second) > 0.01) best = Math.max(best, energyAt(hz, second, rate));
  }
  return best;
}

type Side = { said?: { mos: number } };
type CallRow = { 'calls.call': { quality: { caller?: Side; callee?: Side } | null; started_at: Date } };

const OPUS = 'opus/48000/2';
const G722 = 'G722/16000/1';
const cases: [string, Kind, Kind][] = [
  ['G.722 on both sides', { codecs: [G722] }, { codecs: [G722] }],
  ['Opus on both sides', { codecs: [OPUS] }, { codecs: [OPUS] }],
  ['SRTP demanded, and plain', { codecs: ['PCMU'], mediaEncryption: 'srtp-mand' }, { codecs: ['PCMU'] }],
  ['Opus alone, and PCMA alone', { codecs: [OPUS] }, { codecs: ['PCMA'] }],
  ['G.722 alone, and Opus alone', { codecs: [G722] }, { codecs: [OPUS] }],
  ['SRTP wished for, and plain', { codecs: [G722], mediaEncryption: 'srtp' }, { codecs: [G722] }],
  [
    'TLS and SRTP on both sides',
    { transport: 'tls', codecs: [OPUS], mediaEncryption: 'srtp-mand' },
    { transport: 'tls', codecs: [OPUS], mediaEncryption: 'srtp' },
  ],
  [
    'TLS and SRTP demanded by who is called',
    { transport: 'tls', codecs: [G722] },
    { transport: 'tls', codecs: [G722], mediaEncryption: 'srtp-mand' },
  ],
];

describe.each(cases)('%s', (_what, caller, called) => {
  it('both hear the other, and not themselves', async () => {
    const a = await telephone(alice, 440, caller);
    const b = await telephone(bob, 880, called);
    await a.dial(`sip:${bob.extension}@${domain}`);
    await a.waitFor('CALL_ESTABLISHED');
    const deadline = Date.now() + 20_000;
    while (!((await heard(a, 880)) > 0.8 && (await heard(b, 440)) > 0.8) && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 200));
    expect({ a: await heard(a, 880), b: await heard(b, 440) }).toEqual({
      a: expect.toSatisfy((share: number) => share > 0.8),
      b: expect.toSatisfy((share: number) => share > 0.8),
    });
    expect(await heard(a, 440)).toBeLessThan(0.05);
    await a.hangup();

    // What the relay measured is kept with the call.
    const scores = await vi.waitFor(async () => {
      const row = await running.test.core.db.transaction(alice.orgId, (tx) =>
        tx
          .as<CallRow>()
          .selectFrom('calls.call')
          .select('quality')
          .orderBy('started_at', 'desc')
          .limit(1)
          .executeTakeFirst(),
      );
      const caller = row?.quality?.caller?.said?.mos;
      const callee = row?.quality?.callee?.said?.mos;
      if (caller === undefined || callee === undefined) throw new Error('not stored yet');
      return { caller, callee };
    }, 10_000);
    for (const score of [scores.caller, scores.callee])
      expect(score).toSatisfy((mos: number) => mos > 1 && mos <= 4.5);
  });
});
