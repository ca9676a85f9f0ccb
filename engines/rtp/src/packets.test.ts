import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  buildRtcp,
  buildRtp,
  buildTelephoneEvent,
  eventOfKey,
  isRtcp,
  parseRtcp,
  parseRtp,
  parseTelephoneEvent,
  type ReportBlock,
  type RtcpPacket,
} from './index.ts';

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const bytes = (max: number) => fc.uint8Array({ maxLength: max }).map((array) => Buffer.from(array));
const payloadType = fc.oneof(fc.integer({ min: 0, max: 63 }), fc.integer({ min: 96, max: 127 }));

test('RTP: what is built is what is parsed', () => {
  const fields = fc.record({
    payloadType,
    marker: fc.boolean(),
    sequence: fc.integer({ min: 0, max: 0xffff }),
    timestamp: uint32,
    ssrc: uint32,
    csrcs: fc.array(uint32, { maxLength: 15 }),
    payload: bytes(200),
  });
  fc.assert(
    fc.property(fields, fc.option(bytes(10)), (packet, extension) => {
      const whole = extension
        ? {
            ...packet,
            extension: { profile: 0xbede, data: Buffer.concat([extension, extension, extension, extension]) },
          }
        : packet;
      expect(parseRtp(buildRtp(whole))).toEqual(whole);
    }),
  );
});

test('RTP: any bytes are parsed or refused, never thrown at', () => {
  fc.assert(
    fc.property(bytes(1600), (datagram) => {
      const packet = parseRtp(datagram);
      if (packet) expect(packet.payload.length).toBeLessThanOrEqual(datagram.length - 12);
      parseRtcp(datagram);
      isRtcp(datagram);
      parseTelephoneEvent(datagram);
    }),
  );
});

test('RTP: refuses what lies about its size', () => {
  const good = buildRtp({ payloadType: 0, sequence: 1, timestamp: 2, ssrc: 3, payload: Buffer.alloc(4) });
  const changed = (change: (datagram: Buffer) => void) => {
    const datagram = Buffer.from(good);
    change(datagram);
    return parseRtp(datagram);
  };
  expect(changed((d) => (d[0] = 0x40))).toBeUndefined(); // version 1
  expect(changed((d) => (d[0] = 0x8f))).toBeUndefined(); // 15 contributing sources, no room
  expect(changed((d) => (d[0] = 0xa0))).toBeUndefined(); // padding of 0 bytes
  expect(
    changed((d) => {
      d[0] = 0xa0;
      d[15] = 200;
    }),
  ).toBeUndefined();
  expect(
    changed((d) => {
      d[0] = 0x90;
      d.writeUInt16BE(500, 14);
    }),
  ).toBeUndefined(); // extension longer than the packet
  expect(
    changed((d) => {
      d[0] = 0xa0;
      d[15] = 2;
    }),
  ).toMatchObject({ payload: Buffer.alloc(2) });
  expect(() =>
    buildRtp({ payloadType: 72, sequence: 0, timestamp: 0, ssrc: 0, marker: true, payload: good }),
  ).toThrow(RangeError);
});

const block: fc.Arbitrary<ReportBlock> = fc.record({
  ssrc: uint32,
  fractionLost: fc.integer({ min: 0, max: 255 }).map((lost) => lost / 256),
  cumulativeLost: fc.integer({ min: -0x80_0000, max: 0x7f_ffff }),
  highestSequence: uint32,
  jitter: uint32,
  lastSenderReport: uint32,
  delaySinceLastSenderReport: uint32,
});
const blocks = fc.array(block, { maxLength: 4 });

test('RTCP: what is built is what is parsed, compound too', () => {
  const packet: fc.Arbitrary<RtcpPacket> = fc.oneof(
    fc.record({
      type: fc.constant('sender-report' as const),
      ssrc: uint32,
      ntpSeconds: uint32,
      ntpFraction: uint32,
      rtpTimestamp: uint32,
      packets: uint32,
      octets: uint32,
      reports: blocks,
    }),
    fc.record({ type: fc.constant('receiver-report' as const), ssrc: uint32, reports: blocks }),
    fc.record({
      type: fc.constant('source-description' as const),
      chunks: fc.array(fc.record({ ssrc: uint32, cname: fc.string({ maxLength: 40 }) }), { maxLength: 3 }),
    }),
    fc.record({ type: fc.constant('bye' as const), ssrcs: fc.array(uint32, { maxLength: 3 }) }),
  );
  fc.assert(
    fc.property(fc.array(packet, { minLength: 1, maxLength: 4 }), (packets) => {
      const datagram = buildRtcp(packets);
      expect(parseRtcp(datagram)).toEqual(packets);
      expect(isRtcp(datagram)).toBe(datagram.length >= 8);
    }),
  );
});

test('RTCP: feedback is kept as it is; a length beyond the datagram is refused', () => {
  const pli = Buffer.from([0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2]);
  expect(parseRtcp(pli)).toEqual([{ type: 'other', packetType: 206, count: 1, bytes: pli }]);
  pli[3] = 9;
  expect(parseRtcp(pli)).toBeUndefined();
});

test('telephone events: every key, there and back', () => {
  for (const key of '0123456789*#ABCD') {
    const payload = buildTelephoneEvent({ event: eventOfKey(key)!, end: true, volume: 10, duration: 800 });
    expect(parseTelephoneEvent(payload)).toEqual({
      event: eventOfKey(key),
      key,
      end: true,
      volume: 10,
      duration: 800,
    });
  }
  expect(eventOfKey('a')).toBe(12);
  expect(eventOfKey('x')).toBeUndefined();
  expect(parseTelephoneEvent(Buffer.from([16, 0, 0, 0]))).not.toHaveProperty('key');
});
