import { createCipheriv, createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildRtp } from '../rtp-packet.ts';
import { createGcmRtcp, createGcmRtp } from './gcm.ts';
import { createHmacSha1 } from './hmac-sha1.ts';
import { deriveBytes } from './key-derivation.ts';
import { createSrtpReceiver, createSrtpSender } from './srtp.ts';
import { SRTP_SUITES, type SrtpMaster, type SrtpSuite } from './suites.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
const suites = Object.keys(SRTP_SUITES) as SrtpSuite[];

function masterOf(suite: SrtpSuite): SrtpMaster {
  const { keyBytes, saltBytes } = SRTP_SUITES[suite];
  return { suite, key: randomBytes(keyBytes), salt: randomBytes(saltBytes) };
}

const packet = (sequence: number, payload: Uint8Array = Buffer.alloc(160, sequence), ssrc = 7) =>
  buildRtp({ payloadType: 0, sequence, timestamp: sequence * 160, ssrc, payload });

describe('published vectors', () => {
  const key = hex('E1F97A0D3E018BE0D64FA32C06DE4139');
  const salt = hex('0EC675AD498AFEEBB6960B3AABE6');

  it('RFC 3711 §B.3: the session keys', () => {
    expect(deriveBytes({ key, salt }, 0, 16)).toEqual(hex('C61E7A93744F39EE10734AFE3FF7A087'));
    expect(deriveBytes({ key, salt }, 2, 14)).toEqual(hex('30CBBC08863D8C85D49DB34A9AE1'));
    expect(deriveBytes({ key, salt }, 1, 94)).toEqual(
      hex(`CEBE321F6FF7716B6FD4AB49AF256A156D38BAA48F0A0ACF3C34E2359E6CDBCE
           E049646C43D9327AD175578EF72270986371C10C9A369AC2F94A8C5FBCDDDC25
           6D6E919A48B610EF17C2041E474035766B68642C59BBFC2F34DB60DBDFB2`),
    );
  });

  it('RFC 6188 §7.3: the session keys of AES-256', () => {
    const key256 = hex('f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6');
    const salt256 = hex('3b04803de51ee7c96423ab5b78d2');
    expect(deriveBytes({ key: key256, salt: salt256 }, 0, 32)).toEqual(
      hex('5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4'),
    );
    expect(deriveBytes({ key: key256, salt: salt256 }, 2, 14)).toEqual(hex('fa31791685ca444a9e07c6c64e93'));
  });

  it('a packet and a report that libsrtp publishes', () => {
    const master: SrtpMaster = { suite: 'AES_CM_128_HMAC_SHA1_80', key, salt };
    const plain = hex(`800f1234decafbadcafebabe ${'ab'.repeat(16)}`);
    const secured = hex('800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb');
    expect(createSrtpSender(master).protectRtp(plain)).toEqual(secured);
    expect(createSrtpReceiver(master).unprotectRtp(Buffer.from(secured))).toEqual(plain);
    const report = hex('81c8000bcafebabe7128035be487b9bdbef89041f977a5a880000001993e08cd54d6c1230798');
    expect(createSrtpReceiver(master).unprotectRtcp(report)).toEqual(
      hex(`81c8000bcafebabe ${'ab'.repeat(16)}`),
    );
  });

  const rtcp = hex(`81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61
                    deadbeef deadbeef deadbeef deadbeef deadbeef`);
  const rtp = hex(`8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976 69736120 696e2070
                   61727465 73207472 6573`);
  it.each([
    [
      '§16.1, §17.1: AEAD_AES_128_GCM',
      '000102030405060708090a0b0c0d0e0f',
      `8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a
       51c7d19b 36de3adf 8833899d 7f27beb1 6a9152cf 765ee439 0cce`,
      `81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d c676a5f1 730d6fda
       4ce09b46 86303ded 0bb9275b c84aa458 96cf4d2f c5abf872 45d9eade 800005d4`,
    ],
    [
      '§16.2, §17.2: AEAD_AES_256_GCM',
      '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
      `8040f17b 8041f8d3 5501a0b2 32b1de78 a822fe12 ef9f78fa 332e33aa b1801238 9a58e2f3 b50b2a02
       76ffae0f 1ba63799 b87b7aa3 db36dfff d6b0f9bb 7878d7a7 6c13`,
      `81c8000d 4d617273 d50ae4d1 f5ce5d30 4ba297e4 7d470c28 2c3ece5d bffe0a50 a2eaa5c1 110555be
       8415f658 c61de047 6f1b6fad 1d1eb30c 4446839f 57ff6f6c b26ac3be 800005d4`,
    ],
  ])('RFC 7714 %s under session keys', (_what, sessionKey, securedRtp, securedRtcp) => {
    const keys = { key: hex(sessionKey), salt: Buffer.from('Quid pro quo') };
    const index = rtp.readUInt16BE(2);
    const packets = createGcmRtp(keys);
    const sealed = Buffer.concat([rtp, Buffer.alloc(packets.tagBytes)]);
    const keystream = packets.keystreamFor(rtp.readUInt32BE(8));
    packets.seal(sealed, 12, rtp.length, index, keystream);
    expect(sealed).toEqual(hex(securedRtp));
    expect(packets.isAuthentic(sealed, 12, rtp.length, index, keystream)).toBe(true);
    expect(packets.isAuthentic(sealed, 12, rtp.length, index + 1, keystream)).toBe(false);
    const reports = createGcmRtcp(keys);
    const report = Buffer.concat([rtcp, Buffer.alloc(reports.trailerBytes)]);
    reports.seal(report, rtcp.length, 0x5d4, reports.keystreamFor(rtcp.readUInt32BE(4)));
    expect(report).toEqual(hex(securedRtcp));
  });

  it('GCM from a master key on, as libsrtp publishes it', () => {
    const master: SrtpMaster = {
      suite: 'AEAD_AES_128_GCM',
      key: hex('000102030405060708090a0b0c0d0e0f'),
      salt: hex('a0a1a2a3a4a5a6a7a8a9aaab'),
    };
    const plain = hex(`800f1234decafbadcafebabe ${'ab'.repeat(16)}`);
    const secured = hex(
      '800f1234decafbadcafebabec5002ede04cfdd2eb91159e0880aa06ed2976826f796b201df3131a127e8a392',
    );
    expect(createSrtpSender(master).protectRtp(plain)).toEqual(secured);
    expect(createSrtpReceiver(master).unprotectRtp(Buffer.from(secured))).toEqual(plain);
    const report = hex(
      '81c8000bcafebabec98b8b5df0392a55852b6c21ac8e7025c52c6fbea2b3b446ea31123ba88ce61e80000001',
    );
    expect(createSrtpReceiver(master).unprotectRtcp(report)).toEqual(
      hex(`81c8000bcafebabe ${'ab'.repeat(16)}`),
    );
  });

  it('GCM is what node:crypto makes of it, for every length of header and content', () => {
    for (let length = 0; length < 200; length++) {
      const [sessionKey, salt12] = [randomBytes(length % 2 ? 16 : 32), randomBytes(12)];
      const header = length % 37;
      const plain = randomBytes(header + length);
      const cipher = createCipheriv(length % 2 ? 'aes-128-gcm' : 'aes-256-gcm', sessionKey, salt12);
      cipher.setAAD(plain.subarray(0, header));
      const text = Buffer.concat([cipher.update(plain.subarray(header)), cipher.final()]);
      const sealed = Buffer.concat([plain, Buffer.alloc(16)]);
      const gcm = createGcmRtp({ key: sessionKey, salt: salt12 });
      gcm.seal(sealed, header, plain.length, 0, gcm.keystreamFor(0));
      expect(sealed.subarray(header)).toEqual(Buffer.concat([text, cipher.getAuthTag()]));
    }
  });

  it('RFC 7714 §9.3: a report that is authenticated only is read as it is', () => {
    const keys = { key: randomBytes(16), salt: randomBytes(12) };
    const reports = createGcmRtcp(keys);
    const word = hex('000005d4');
    const nonce = Buffer.from(keys.salt);
    for (const [at, byte] of [...hex('00004d6172730000000005d4')].entries()) nonce[at]! ^= byte;
    const cipher = createCipheriv('aes-128-gcm', keys.key, nonce);
    cipher.setAAD(Buffer.concat([rtcp, word]));
    cipher.final();
    const sealed = Buffer.concat([rtcp, cipher.getAuthTag(), word]);
    const keystream = reports.keystreamFor(rtcp.readUInt32BE(4));
    expect(reports.isAuthentic(sealed, rtcp.length, keystream)).toBe(true);
    sealed[sealed.length - 4]! ^= 0x80; // The E bit counts too.
    expect(reports.isAuthentic(sealed, rtcp.length, keystream)).toBe(false);
  });

  it('HMAC-SHA1 is what node:crypto makes of it, for every length', () => {
    const tag = new Uint8Array(20);
    for (let length = 0; length < 300; length++) {
      const authentication = randomBytes(20);
      const message = randomBytes(length);
      const own = createHmacSha1(authentication);
      own.sign(message, length, undefined, tag, 0, 20);
      expect(Buffer.from(tag)).toEqual(createHmac('sha1', authentication).update(message).digest());
      own.sign(message, length, 0xfedcba98, tag, 0, 20);
      expect(Buffer.from(tag)).toEqual(
        createHmac('sha1', authentication).update(message).update(hex('fedcba98')).digest(),
      );
    }
  });
});

describe.each(suites)('%s', (suite) => {
  it('carries packets and reports of any size, sources and extensions, in both orders', () => {
    const master = masterOf(suite);
    const [sender, receiver] = [createSrtpSender(master), createSrtpReceiver(master)];
    fc.assert(
      fc.property(
        fc.array(fc.record({ payload: fc.uint8Array({ maxLength: 1300 }), rich: fc.boolean() }), {
          minLength: 1,
          maxLength: 20,
        }),
        fc.integer({ min: 1, max: 2 ** 31 }),
        (packets, ssrc) => {
          const one = createSrtpSender(master);
          const other = createSrtpReceiver(master);
          const plain = packets.map(({ payload, rich }, index) =>
            buildRtp({
              payloadType: 8,
              sequence: 500 + index,
              timestamp: index,
              ssrc,
              payload,
              ...(rich ? { csrcs: [1, 2], extension: { profile: 0xbede, data: Buffer.alloc(8, 3) } } : {}),
            }),
          );
          const secured = plain.map((each) => one.protectRtp(each)!);
          secured.forEach((each, index) => {
            expect(each.length).toBe(plain[index]!.length + SRTP_SUITES[suite].tagBytes);
          });
          // two by two the wrong way round
          const order = secured.map((_, index) => index ^ 1).filter((index) => index < secured.length);
          for (const index of order) expect(other.unprotectRtp(secured[index]!)).toEqual(plain[index]);
        },
      ),
      { numRuns: 50 },
    );
    const report = Buffer.concat([hex('80c8000c00000007'), Buffer.alloc(44, 9)]);
    for (let round = 0; round < 3; round++) {
      const secured = sender.protectRtcp(report)!;
      expect(secured.subarray(8, 52)).not.toEqual(report.subarray(8));
      expect(receiver.unprotectRtcp(secured)).toEqual(report);
    }
  });

  it('refuses what was changed anywhere, replayed, too old, or of another key', () => {
    const master = masterOf(suite);
    const [sender, receiver] = [createSrtpSender(master), createSrtpReceiver(master)];
    const secured = sender.protectRtp(packet(1))!;
    for (let byte = 0; byte < secured.length; byte++) {
      const changed = Buffer.from(secured);
      changed[byte]! ^= 0x10;
      expect(receiver.unprotectRtp(changed)).toBeUndefined();
    }
    expect(createSrtpReceiver(masterOf(suite)).unprotectRtp(Buffer.from(secured))).toBeUndefined();
    expect(receiver.unprotectRtp(Buffer.from(secured))).toEqual(packet(1));
    expect(receiver.unprotectRtp(Buffer.from(secured))).toBeUndefined();
    const late = sender.protectRtp(packet(2))!;
    expect(receiver.unprotectRtp(sender.protectRtp(packet(200))!)).toEqual(packet(200));
    expect(receiver.unprotectRtp(late)).toBeUndefined();
    for (const short of [0, 4, 11, 12, 16])
      expect(receiver.unprotectRtp(Buffer.alloc(short, 0x80))).toBeUndefined();
    const report = sender.protectRtcp(Buffer.concat([hex('80c9000100000007')]))!;
    const forged = Buffer.from(report);
    forged[9]! ^= 1;
    expect(receiver.unprotectRtcp(forged)).toBeUndefined();
    expect(receiver.unprotectRtcp(Buffer.from(report))).toBeDefined();
    expect(receiver.unprotectRtcp(report)).toBeUndefined();
  });

  it('follows the rollover counter through three turns, with losses at each', () => {
    const master = masterOf(suite);
    const [sender, receiver] = [createSrtpSender(master), createSrtpReceiver(master)];
    for (let index = 30_000; index < 4 * 65_536; index += 997) {
      const secured = sender.protectRtp(packet(index & 0xffff, Buffer.alloc(40, index & 0xff)))!;
      if (index % 3 === 0) continue;
      expect(receiver.unprotectRtp(secured)?.subarray(12)).toEqual(Buffer.alloc(40, index & 0xff));
    }
  });
});

it('a number is never used twice: two packets under one keystream would show each other', () => {
  const sender = createSrtpSender(masterOf('AES_CM_128_HMAC_SHA1_80'));
  expect(sender.protectRtp(packet(5, Buffer.from('one')))).toBeDefined();
  expect(sender.protectRtp(packet(5, Buffer.from('two')))).toBeUndefined();
  expect(sender.protectRtp(packet(4, Buffer.from('two')))).toBeDefined();
});

it('strangers make no state: only authentic sources are kept, and not without end', () => {
  const master = masterOf('AES_CM_128_HMAC_SHA1_32');
  const receiver = createSrtpReceiver(master);
  for (let ssrc = 1; ssrc <= 1000; ssrc++)
    expect(
      receiver.unprotectRtp(Buffer.concat([packet(1, Buffer.alloc(20), ssrc), randomBytes(4)])),
    ).toBeUndefined();
  const takes = (ssrc: number) =>
    receiver.unprotectRtp(createSrtpSender(master).protectRtp(packet(1, Buffer.alloc(20), ssrc))!) !==
    undefined;
  for (let ssrc = 1; ssrc <= 32; ssrc++) expect(takes(ssrc)).toBe(true);
  expect(takes(33)).toBe(false);
});

it('a key of the wrong length is refused', () => {
  const master = masterOf('AES_CM_128_HMAC_SHA1_80');
  expect(() => createSrtpSender({ ...master, salt: randomBytes(11) })).toThrow(RangeError);
  expect(() => createSrtpReceiver({ ...master, key: randomBytes(32) })).toThrow(RangeError);
});
