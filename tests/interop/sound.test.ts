import type { BaresipOptions } from '@liaison/sip/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { hearEachOther, openTelephoneLab, type TelephoneLab } from '../testing/telephone-lab.ts';
import { shown } from '../testing/telephone-rows.ts';

/** Debian's baresip at both ends of the relay: each codec and each protection, sound measured where it is heard. */
let lab: TelephoneLab;

beforeAll(async () => {
  lab = await openTelephoneLab();
});
afterEach(() => lab.endTelephones());
afterAll(() => lab?.close());

type Kind = Pick<BaresipOptions, 'codecs' | 'mediaEncryption' | 'transport'>;
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
  [
    'DTLS on both sides',
    { codecs: [G722], mediaEncryption: 'dtls_srtp' },
    { codecs: [G722], mediaEncryption: 'dtls_srtp' },
  ],
  [
    'plain, and DTLS',
    { codecs: ['PCMU'] },
    { transport: 'tls', codecs: ['PCMU'], mediaEncryption: 'dtls_srtp' },
  ],
];

const both = (a: string, b: string): string => (a === b ? a : `${a} ↔ ${b}`);
const codecOf = ({ codecs = [] }: Kind) =>
  ({ [OPUS]: 'Opus', [G722]: 'G.722' })[codecs[0] ?? ''] ?? codecs[0] ?? '';
const encryptionOf = ({ mediaEncryption }: Kind) =>
  mediaEncryption === 'dtls_srtp' ? 'SRTP (DTLS)' : mediaEncryption ? 'SRTP (SDES)' : 'none';

/** How the newest call sounded, by what is kept of it. */
async function storedScores(): Promise<number[]> {
  const row = await lab.running.test.core.db.transaction(lab.orgId, (tx) =>
    tx
      .as<CallRow>()
      .selectFrom('calls.call')
      .select('quality')
      .orderBy('started_at', 'desc')
      .limit(1)
      .executeTakeFirst(),
  );
  return [row?.quality?.caller, row?.quality?.callee].flatMap((side) => side?.said?.mos ?? []);
}

describe.each(cases)('%s', (_what, caller, called) => {
  it('both hear the other, and not themselves', async () => {
    const a = await lab.telephone(lab.alice, { hz: 440, answerMode: 'auto', ...caller });
    const b = await lab.telephone(lab.bob, { hz: 880, answerMode: 'auto', ...called });
    await a.dial(lab.addressOf(lab.bob));
    await a.waitFor('CALL_ESTABLISHED');
    await hearEachOther(a, b);
    await a.hangup();

    // What the relay measured is kept with the call.
    const isScore = (mos: number) => mos > 1 && mos <= 4.5;
    await expect
      .poll(storedScores, { timeout: 10_000 })
      .toEqual([expect.toSatisfy(isScore), expect.toSatisfy(isScore)]);
    await shown({
      client: 'baresip',
      debianPackage: 'baresip-core',
      transport: (caller.transport ?? 'udp').toUpperCase(),
      codec: both(codecOf(caller), codecOf(called)),
      encryption: both(encryptionOf(caller), encryptionOf(called)),
      network: 'direct',
      sound: 'both ways',
    });
  });
});
