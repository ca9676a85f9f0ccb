import fc from 'fast-check';
import { expect, test } from 'vitest';
import { answerStun, isStun } from './stun.ts';

const request = (...attributes: number[]) =>
  Buffer.from(
    [0, 1, 0, attributes.length, 0x21, 0x12, 0xa4, 0x42, ...'transaction1'].map(toByte).concat(attributes),
  );
const toByte = (value: number | string) => (typeof value === 'number' ? value : value.charCodeAt(0));

test('a binding request is answered with where it came from (RFC 8489 §14.2)', () => {
  const answer = answerStun(request(), { address: '192.0.2.1', port: 32_853 })!;
  expect(answer.readUInt16BE(0)).toBe(0x0101);
  expect(answer.subarray(8, 20).toString()).toBe('transaction1');
  expect(answer.readUInt16BE(20)).toBe(0x0020);
  expect(answer.readUInt16BE(26) ^ 0x2112).toBe(32_853);
  expect([...answer.subarray(28, 32)].map((byte, at) => byte ^ [0x21, 0x12, 0xa4, 0x42][at]!)).toEqual([
    192, 0, 2, 1,
  ]);
});

test('an IPv6 address is hidden with the whole transaction id', () => {
  const answer = answerStun(request(), { address: '2001:db8::1', port: 5060 })!;
  const mask = answer.subarray(4, 20);
  const plain = answer.subarray(28, 44).map((byte, at) => byte ^ mask[at]!);
  expect(Buffer.from(plain).toString('hex')).toBe('20010db8000000000000000000000001');
});

test('an attribute that must be understood and is not is refused with 420', () => {
  const answer = answerStun(request(0, 3, 0, 4, 0, 0, 0, 2), { address: '192.0.2.1', port: 1 })!;
  expect(answer.readUInt16BE(0)).toBe(0x0111);
  expect([answer[26], answer[27]]).toEqual([4, 20]);
});

test('whatever comes, an answer is short, or there is none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, isDressed) => {
      const packet = Buffer.from(bytes);
      if (isDressed && packet.length >= 20) {
        request().copy(packet, 0, 0, 20);
        packet.writeUInt16BE(packet.length - 20, 2);
      }
      const answer = answerStun(packet, { address: '2001:db8::1', port: 5060 });
      if (answer) {
        expect(isStun(packet)).toBe(true);
        expect(answer.length).toBeLessThanOrEqual(packet.length + 60);
      }
    }),
  );
});
