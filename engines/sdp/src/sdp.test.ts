import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  answerDirection,
  CRYPTO_SUITES,
  codecsOffered,
  cryptoMaterialBytes,
  type Direction,
  eventsFor,
  knownCodecs,
  type LocalAudio,
  type LocalSession,
  pick,
  readBrowser,
  readLocalTransport,
  readTelephone,
  SdpError,
  writeBrowserAnswer,
  writeBrowserOffer,
  writeTelephoneAnswer,
  writeTelephoneOffer,
} from './index.ts';

const folder = (name: string) => new URL(`../testdata/${name}/`, import.meta.url);
const files = (name: string) => readdirSync(folder(name));
const text = (name: string, file: string) => readFileSync(new URL(file, folder(name)), 'latin1');
const readerOf = (file: string) => (file.startsWith('browser-') ? readBrowser : readTelephone);

describe('testdata', () => {
  test.each(files('valid'))('%s is read', (file) => {
    const audio = readerOf(file)(text('valid', file));
    expect(audio.codecs.length).toBeGreaterThan(0);
    expect(codecsOffered(text('valid', file))).toEqual(audio.codecs.map((codec) => codec.name));
  });

  test.each(files('invalid'))('%s is refused', (file) => {
    expect(() => readerOf(file)(text('invalid', file))).toThrow(SdpError);
  });

  test.each([
    ['no-codec-of-ours.sdp', 'no-common-codec'],
    ['static-type-renamed.sdp', 'no-common-codec'],
    ['audio-refused.sdp', 'no-common-codec'],
    ['only-video.sdp', 'no-common-codec'],
    ['secure-without-usable-key.sdp', 'no-common-codec'],
    ['not-sdp.sdp', 'bad-sdp'],
    ['connection-is-a-name.sdp', 'bad-sdp'],
  ])('%s is refused as %s', (file, code) => {
    expect(() => readTelephone(text('invalid', file))).toThrow(expect.objectContaining({ code }));
  });
});

test('a telephone: formats in its order, address, ports, hold', () => {
  const plain = readTelephone(text('valid', 'telephone-plain.sdp'));
  expect(plain.codecs).toEqual([
    { name: 'opus', payloadType: 96, fmtp: 'useinbandfec=1' },
    { name: 'G722', payloadType: 9 },
    { name: 'PCMA', payloadType: 8 },
    { name: 'PCMU', payloadType: 0 },
  ]);
  expect(plain.telephoneEvents).toEqual([{ payloadType: 101, clockRate: 8000 }]);
  expect(plain).toMatchObject({ address: '198.51.100.20', port: 7078, direction: 'sendrecv', ptimeMs: 20 });
  expect(readTelephone(text('valid', 'telephone-static-types.sdp')).codecs).toEqual([
    { name: 'PCMU', payloadType: 0 },
    { name: 'PCMA', payloadType: 8 },
  ]);
  expect(readTelephone(text('valid', 'telephone-hold-inactive.sdp')).direction).toBe('inactive');
  expect(readTelephone(text('valid', 'telephone-hold-zero.sdp')).address).toBeUndefined();
  expect(readTelephone(text('valid', 'telephone-ipv6-rtcp.sdp'))).toMatchObject({
    address: '2001:db8::7',
    rtcp: { port: 17_000, address: '2001:db8::8' },
  });
});

test("keys in SDP: those we can obey, in the telephone's order; ours read back as they were meant", () => {
  const secure = readTelephone(text('valid', 'telephone-srtp.sdp'));
  expect(secure).toMatchObject({
    secure: true,
    crypto: [{ tag: 1, suite: 'AES_CM_128_HMAC_SHA1_80' }],
  });
  const crypto = CRYPTO_SUITES.map((suite, index) => ({
    tag: index + 1,
    suite,
    material: randomBytes(cryptoMaterialBytes(suite)),
  }));
  for (const protocol of ['RTP/SAVP', 'RTP/AVP']) {
    const offer = writeTelephoneOffer({ ...session, secure: protocol === 'RTP/SAVP', crypto }, ['PCMU']);
    expect(offer).toContain(`m=audio 30000 ${protocol} 0 101`);
    expect(readTelephone(offer)).toMatchObject({ secure: protocol === 'RTP/SAVP', crypto });
  }
  const { codec, telephoneEvents } = pick(secure, ['PCMU']);
  const answer = writeTelephoneAnswer(
    { ...session, crypto: crypto.slice(1, 2) },
    secure,
    codec,
    telephoneEvents,
  );
  expect(answer).toMatch(/m=audio 30000 RTP\/SAVP 0\r\n/);
  expect(readTelephone(answer).crypto).toEqual(crypto.slice(1, 2));
});

test('a browser: transport, formats, and what is beside the audio', () => {
  const audio = readBrowser(text('valid', 'browser-chromium-audio-video.sdp'));
  expect(audio.codecs.map(({ name, payloadType }) => `${name} ${payloadType}`)).toEqual([
    'opus 111',
    'G722 9',
    'PCMU 0',
    'PCMA 8',
  ]);
  expect(audio.telephoneEvents).toEqual([
    { payloadType: 110, clockRate: 48_000 },
    { payloadType: 126, clockRate: 8000 },
  ]);
  expect(audio.transport).toMatchObject({ setup: 'actpass', fingerprint: { algorithm: 'sha-256' } });
  expect(audio).toMatchObject({ mid: '0', index: 0, direction: 'sendrecv', rtcpMux: true });
  expect(audio.others.map((other) => other?.type)).toEqual([undefined, 'video']);
});

const session: LocalSession = {
  sessionId: 7,
  version: 1,
  address: '203.0.113.5',
  port: 30_000,
  direction: 'sendrecv',
};

test('our offer to a telephone is read back as it was meant', () => {
  const offer = readTelephone(writeTelephoneOffer(session, ['opus', 'PCMA']));
  expect(offer.codecs.map((codec) => codec.name)).toEqual(['opus', 'PCMA']);
  expect(offer.telephoneEvents.map((events) => events.clockRate)).toEqual([8000, 48_000]);
  expect(offer).toMatchObject({ address: '203.0.113.5', port: 30_000, rtcp: { port: 30_001 } });
  expect(writeTelephoneOffer({ ...session, address: '2001:db8::1' }, ['PCMU'])).toContain(
    'c=IN IP6 2001:db8::1',
  );
});

test('our answer to a telephone: one codec, its payload types, other media refused in their places', () => {
  const offer = readTelephone(text('valid', 'telephone-with-video.sdp'));
  const { codec, telephoneEvents } = pick(offer, ['PCMU', 'PCMA']);
  const answer = writeTelephoneAnswer(session, offer, codec, telephoneEvents);
  expect(answer.match(/^m=.*$/gm)).toEqual([
    'm=video 0 RTP/AVP 97',
    'm=audio 30000 RTP/AVP 8 101',
    'm=image 0 udptl t38',
  ]);
  expect(readTelephone(answer).codecs).toEqual([{ name: 'PCMA', payloadType: 8 }]);
  expect(() => pick(offer, ['opus', 'PCMU'])).toThrow(expect.objectContaining({ code: 'no-common-codec' }));
});

test('directions are those of RFC 3264', () => {
  const all: Direction[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];
  expect(all.map((offered) => answerDirection(offered, 'sendrecv'))).toEqual([
    'sendrecv',
    'recvonly',
    'sendonly',
    'inactive',
  ]);
  expect(all.map((offered) => answerDirection(offered, 'sendonly'))).toEqual([
    'sendonly',
    'inactive',
    'sendonly',
    'inactive',
  ]);
  for (const offered of all) expect(answerDirection(offered, 'inactive')).toBe('inactive');
});

const local: LocalAudio = {
  transport: {
    ufrag: 'abcd',
    pwd: '0123456789abcdefghijklmn',
    fingerprint: { algorithm: 'sha-256', value: Array.from({ length: 32 }, () => 'AB').join(':') },
    setup: 'active',
    candidates: [
      { foundation: '1', priority: 2_130_706_431, address: '203.0.113.5', port: 30_000, type: 'host' },
    ],
  },
  codecs: [{ name: 'opus', payloadType: 111 }],
  telephoneEvents: [{ payloadType: 110, clockRate: 48_000 }],
  direction: 'sendrecv',
  sessionId: 7,
  version: 1,
  ssrc: 99,
  cname: 'x',
};

test('our answer to a browser is read back as it was meant, with every candidate', () => {
  const offer = readBrowser(text('valid', 'browser-chromium-audio-video.sdp'));
  const answer = writeBrowserAnswer(offer, local);
  expect(answer).toContain('a=end-of-candidates\r\n');
  expect(answer).toContain('a=group:BUNDLE 0\r\n');
  expect(answer.match(/^m=(audio|video) \d+/gm)).toEqual(['m=audio 9', 'm=video 0']);
  expect(readBrowser(answer)).toMatchObject({
    codecs: [{ name: 'opus', payloadType: 111, fmtp: 'minptime=10;useinbandfec=1' }],
    telephoneEvents: [{ payloadType: 110, clockRate: 48_000 }],
    transport: { ufrag: 'abcd', setup: 'active' },
  });
  expect(readLocalTransport(answer)).toEqual(local.transport);
  expect(readBrowser(writeBrowserOffer(local)).mid).toBe('0');
});

test('codec names do not know case, and are kept once', () => {
  expect(knownCodecs(['pcmu', 'OPUS', 'G729', 'PCMU'])).toEqual(['PCMU', 'opus']);
  const formats = [
    { payloadType: 101, clockRate: 8000 },
    { payloadType: 102, clockRate: 48_000 },
  ];
  expect(eventsFor('opus', formats)?.payloadType).toBe(102);
  expect(eventsFor('PCMU', formats)?.payloadType).toBe(101);
  expect(eventsFor('opus', formats.slice(0, 1))?.payloadType).toBe(101);
  expect(eventsFor('opus', [])).toBeUndefined();
});

describe('hostile sizes are refused, quickly', () => {
  const head = 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n';
  const audio = 'm=audio 4000 RTP/AVP 0\r\n';
  test.each([
    ['bytes', head + audio + 'a=x:yyyyyyyyyyyyyyyyyyyyyyyy\r\n'.repeat(5000)],
    ['lines', head + audio + 'a=x\r\n'.repeat(2500)],
    ['one line', `${head}${audio}a=${'x'.repeat(5000)}\r\n`],
    ['media', head + audio.repeat(40)],
  ])('too many %s', (_what, sdp) => {
    expect(() => readTelephone(sdp)).toThrow(expect.objectContaining({ code: 'bad-sdp' }));
  });

  test('many formats, of which a few count', () => {
    const formats = Array.from({ length: 400 }, (_, index) => index % 128).join(' ');
    const sdp = `${head}m=audio 4000 RTP/AVP ${formats}\r\n`;
    expect(() => readTelephone(sdp)).toThrow(SdpError);
  });
});

test('any text, and any damage to a good description, is read or refused with an SdpError', () => {
  const good = [...files('valid')].map((file) => text('valid', file));
  const damaged = fc
    .tuple(fc.constantFrom(...good), fc.nat(), fc.nat(40), fc.string({ maxLength: 20, unit: 'binary' }))
    .map(([sdp, at, cut, insert]) => {
      const place = at % sdp.length;
      return sdp.slice(0, place) + insert + sdp.slice(place + cut);
    });
  const shuffled = fc.tuple(fc.constantFrom(...good), fc.infiniteStream(fc.nat())).map(([sdp, order]) => {
    const lines = sdp.split('\r\n').slice(1);
    const keyed = lines.map((line) => ({ line, key: order.next().value as number }));
    return `v=0\r\n${keyed
      .sort((a, b) => a.key - b.key)
      .map(({ line }) => line)
      .join('\r\n')}`;
  });
  fc.assert(
    fc.property(fc.oneof(fc.string(), damaged, shuffled), (sdp) => {
      for (const read of [readTelephone, readBrowser, codecsOffered, readLocalTransport]) {
        try {
          read(sdp);
        } catch (error) {
          expect(error).toBeInstanceOf(SdpError);
        }
      }
    }),
    { numRuns: 500 },
  );
});

test('nothing of an offer can add a line to our answer', () => {
  const offer = text('valid', 'browser-chromium-audio-video.sdp');
  const place = fc.nat(offer.length - 1);
  fc.assert(
    fc.property(place, fc.constantFrom('\r', '\n', '\u0000', '\u2028', '\ra=x:evil\r'), (at, insert) => {
      try {
        const answer = writeBrowserAnswer(readBrowser(offer.slice(0, at) + insert + offer.slice(at)), local);
        expect(answer).not.toContain('evil');
        expect(answer).not.toMatch(/[\0\u2028]|\r(?!\n)|(?<!\r)\n/);
      } catch (error) {
        expect(error).toBeInstanceOf(SdpError);
      }
    }),
    { numRuns: 500 },
  );
});
