import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildFeedback, type FeedbackPacket, readFeedback } from './feedback.ts';
import { buildRtcp, parseRtcp } from './rtcp-packet.ts';

const packet = fc.oneof<fc.Arbitrary<FeedbackPacket>[]>(
  fc.record({
    kind: fc.constant('picture-loss' as const),
    sender: fc.nat(0xffff_ffff),
    media: fc.nat(0xffff_ffff),
  }),
  fc.record({
    kind: fc.constant('full-intra' as const),
    command: fc.nat(255),
    sender: fc.nat(0xffff_ffff),
    media: fc.nat(0xffff_ffff),
  }),
  fc.record({
    kind: fc.constant('nack' as const),
    sequences: fc.array(fc.nat(0xffff), { minLength: 1, maxLength: 20 }),
    sender: fc.nat(0xffff_ffff),
    media: fc.nat(0xffff_ffff),
  }),
);

test('what is asked for is read as it was written, behind a report', () => {
  fc.assert(
    fc.property(packet, (feedback) => {
      const datagram = buildRtcp([
        { type: 'receiver-report', ssrc: feedback.sender, reports: [] },
        buildFeedback(feedback),
      ]);
      const [, last] = parseRtcp(datagram) ?? [];
      expect(last?.type === 'other' && readFeedback(last)).toEqual(feedback);
    }),
  );
});

test('RFC 4585 §6.2.1: the bits beside a number name the sixteen after it', () => {
  const bytes = Buffer.from('81cd0003000000010000000200050005', 'hex');
  bytes.writeUInt16BE(0xfffe, 12);
  expect(readFeedback({ type: 'other', packetType: 205, count: 1, bytes })).toMatchObject({
    kind: 'nack',
    sequences: [0xfffe, 0xffff, 1],
  });
});

test('a request names a bounded number of packets, and what is too short or of another kind is none', () => {
  const bytes = Buffer.alloc(12 + 4 * 200, 0xff);
  const read = readFeedback({ type: 'other', packetType: 205, count: 1, bytes });
  expect(read?.kind === 'nack' && read.sequences.length).toBe(128);
  const short = Buffer.alloc(12);
  expect(readFeedback({ type: 'other', packetType: 206, count: 4, bytes: short })).toBeUndefined();
  expect(
    readFeedback({ type: 'other', packetType: 206, count: 1, bytes: short.subarray(4) }),
  ).toBeUndefined();
  expect(readFeedback({ type: 'other', packetType: 206, count: 15, bytes: short })).toBeUndefined();
});
