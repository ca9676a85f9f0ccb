/** Datagrams that a stranger sends to a port where ICE, DTLS and SRTP are spoken. */
import { randomBytes } from 'node:crypto';

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

export { bindingRequest, bindingResponse, isBindingRequest } from '../src/ice-check.ts';
