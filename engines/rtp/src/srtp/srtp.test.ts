import { createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildRtp } from '../rtp-packet.ts';
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
  expect(() => createSrtpSender({ ...master, salt: randomBytes(12) })).toThrow(RangeError);
  expect(() => createSrtpReceiver({ ...master, key: randomBytes(32) })).toThrow(RangeError);
});
