/** The two datagrams of an ICE check on the loopback: STUN with short-term credentials, IPv4. */
import { createHmac, randomBytes } from 'node:crypto';

const uint16 = (value: number) => Buffer.from([value >> 8, value & 0xff]);

const COOKIE = Buffer.from([0x21, 0x12, 0xa4, 0x42]);
const REQUEST = 0x0001;
const SUCCESS = 0x0101;
const HEADER_BYTES = 20;

const attribute = (type: number, value: Buffer) =>
  Buffer.concat([uint16(type), uint16(value.length), value, Buffer.alloc((4 - (value.length % 4)) % 4)]);

/** RFC 8489 §5 with MESSAGE-INTEGRITY (§14.5), whose length field counts it already. */
function stun(type: number, transaction: Buffer, attributes: readonly Buffer[], password: string): Buffer {
  const body = Buffer.concat(attributes);
  const signed = Buffer.concat([uint16(type), uint16(body.length + 24), COOKIE, transaction, body]);
  return Buffer.concat([signed, attribute(0x0008, createHmac('sha1', password).update(signed).digest())]);
}

/** A check of a controlling peer (RFC 8445 §7.1) signed with that password: only the right one is believed. */
export const bindingRequest = (username: string, password: string): Buffer =>
  stun(
    REQUEST,
    randomBytes(12),
    [
      attribute(0x0006, Buffer.from(username)),
      attribute(0x0024, Buffer.from([0x6e, 0, 1, 0xff])), // PRIORITY
      attribute(0x802a, randomBytes(8)), // ICE-CONTROLLING
      attribute(0x0025, Buffer.alloc(0)), // USE-CANDIDATE
    ],
    password,
  );

/** RFC 7983 §7: what else flows on the port begins with 20 or more. */
export const isStun = (datagram: Buffer): boolean => datagram.length >= HEADER_BYTES && datagram[0]! < 4;

export const isBindingRequest = (datagram: Buffer): boolean =>
  isStun(datagram) && datagram.readUInt16BE(0) === REQUEST;

export const isBindingSuccess = (datagram: Buffer): boolean =>
  isStun(datagram) && datagram.readUInt16BE(0) === SUCCESS;

const USE_CANDIDATE = Buffer.from([0x00, 0x25, 0x00, 0x00]);
/** RFC 8445 §8.1.1. Looked for among all bytes: this is between a process and itself. */
export const isNomination = (request: Buffer): boolean => request.includes(USE_CANDIDATE, HEADER_BYTES);

/** The success response to a check that came from 127.0.0.1 and that port (RFC 8445 §7.3). */
export function bindingResponse(request: Buffer, port: number, password: string): Buffer {
  // RFC 8489 §14.2: XOR-MAPPED-ADDRESS
  const address = Buffer.from([127 ^ 0x21, 0 ^ 0x12, 0 ^ 0xa4, 1 ^ 0x42]);
  const mapped = attribute(0x0020, Buffer.concat([Buffer.from([0, 1]), uint16(port ^ 0x2112), address]));
  return stun(SUCCESS, request.subarray(8, HEADER_BYTES), [mapped], password);
}
