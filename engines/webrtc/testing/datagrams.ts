/** Datagrams that a stranger sends to a port where ICE, DTLS and SRTP are spoken. */
import { createHmac, randomBytes } from 'node:crypto';

const uint16 = (value: number) => Buffer.from([value >> 8, value & 0xff]);
const uint24 = (value: number) => Buffer.from([value >> 16, (value >> 8) & 0xff, value & 0xff]);

const extension = (type: number, data: Buffer) => Buffer.concat([uint16(type), uint16(data.length), data]);
const list16 = (...items: Buffer[]) => {
  const all = Buffer.concat(items);
  return Buffer.concat([uint16(all.length), all]);
};

/** A ClientHello of DTLS 1.2 (RFC 6347 §4.2, RFC 5246 §7.4.1.2) that asks for SRTP (RFC 5764 §4.1): a server would answer it. */
export function clientHello(): Buffer {
  const extensions = Buffer.concat([
    extension(10, list16(uint16(29), uint16(23))), // groups: x25519, P-256
    extension(11, Buffer.from([1, 0])),
    extension(13, list16(uint16(0x0403), uint16(0x0804), uint16(0x0401))),
    extension(14, Buffer.concat([list16(uint16(1), uint16(7)), Buffer.from([0])])), // use_srtp
    extension(23, Buffer.alloc(0)),
  ]);
  const body = Buffer.concat([
    Buffer.from([0xfe, 0xfd]),
    randomBytes(32),
    Buffer.from([0, 0]), // no session, no cookie
    list16(uint16(0xc02b), uint16(0xc02f), uint16(0xc00a), uint16(0xc014)),
    Buffer.from([1, 0]),
    uint16(extensions.length),
    extensions,
  ]);
  const handshake = Buffer.concat([
    Buffer.from([1]),
    uint24(body.length),
    uint16(0),
    uint24(0),
    uint24(body.length),
    body,
  ]);
  return Buffer.concat([Buffer.from([22, 0xfe, 0xfd]), Buffer.alloc(8), uint16(handshake.length), handshake]);
}

const COOKIE = Buffer.from([0x21, 0x12, 0xa4, 0x42]);

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
    0x0001,
    randomBytes(12),
    [
      attribute(0x0006, Buffer.from(username)),
      attribute(0x0024, Buffer.from([0x6e, 0, 1, 0xff])), // PRIORITY
      attribute(0x802a, randomBytes(8)), // ICE-CONTROLLING
      attribute(0x0025, Buffer.alloc(0)), // USE-CANDIDATE
    ],
    password,
  );

export const isBindingRequest = (datagram: Buffer) => datagram.length >= 20 && datagram.readUInt16BE(0) === 1;

/** The success response to a check that came from 127.0.0.1 and that port (RFC 8445 §7.3). */
export function bindingResponse(request: Buffer, port: number, password: string): Buffer {
  // RFC 8489 §14.2: XOR-MAPPED-ADDRESS
  const address = Buffer.from([127 ^ 0x21, 0 ^ 0x12, 0 ^ 0xa4, 1 ^ 0x42]);
  const mapped = attribute(0x0020, Buffer.concat([Buffer.from([0, 1]), uint16(port ^ 0x2112), address]));
  return stun(0x0101, request.subarray(8, 20), [mapped], password);
}
