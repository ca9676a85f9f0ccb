import { addressBytes } from './address-bytes.ts';
import type { Endpoint } from './types.ts';

const magicCookie = 0x2112a442;
const bindingRequest = 0x0001;
const bindingSuccess = 0x0101;
const bindingError = 0x0111;
const unknownAttributes = 0x000a;
const errorCode = 0x0009;
const xorMappedAddress = 0x0020;
/** Known, and of no interest in a keep-alive. */
const ignored = new Set([0x0006, 0x0008, 0x0024, 0x0025]);

/** RFC 5626 §8: the two highest bits are 0 and the cookie is there; no SIP message begins so. */
export function isStun(bytes: Buffer): boolean {
  return bytes.length >= 20 && bytes[0]! < 4 && bytes.readUInt32BE(4) === magicCookie;
}

/**
 * The answer to a binding request that keeps a NAT open (RFC 5626 §3.5.2, §4.4.2): where it came from. Undefined for
 * anything else. The answer is at most 24 bytes longer than the question, so it amplifies nothing worth while.
 */
export function answerStun(bytes: Buffer, source: Endpoint): Buffer | undefined {
  if (!isStun(bytes) || bytes.readUInt16BE(0) !== bindingRequest) return undefined;
  const length = bytes.readUInt16BE(2);
  if (length % 4 !== 0 || length !== bytes.length - 20 || length > 512) return undefined;
  const unknown: number[] = [];
  for (let at = 20; at < bytes.length; ) {
    if (at + 4 > bytes.length) return undefined;
    const type = bytes.readUInt16BE(at);
    const next = at + 4 + Math.ceil(bytes.readUInt16BE(at + 2) / 4) * 4;
    if (next > bytes.length) return undefined;
    // RFC 8489 §14: below 0x8000 it must be understood.
    if (type < 0x8000 && !ignored.has(type) && unknown.length < 8) unknown.push(type);
    at = next;
  }
  if (unknown.length > 0) return refusal(bytes, unknown);
  const address = addressBytes(source.address);
  if (!address) return undefined;
  const value = Buffer.alloc(4 + address.length);
  value[1] = address.length === 4 ? 1 : 2;
  value.writeUInt16BE(source.port ^ (magicCookie >>> 16), 2);
  // RFC 8489 §14.2: hidden from NATs that would rewrite it, with the cookie and the transaction's id.
  for (let at = 0; at < address.length; at++) value[4 + at] = address[at]! ^ bytes[4 + at]!;
  return message(bytes, bindingSuccess, [[xorMappedAddress, value]]);
}

function refusal(request: Buffer, unknown: readonly number[]): Buffer {
  const types = Buffer.alloc(unknown.length * 2);
  for (const [at, type] of unknown.entries()) types.writeUInt16BE(type, at * 2);
  return message(request, bindingError, [
    [errorCode, Buffer.from([0, 0, 4, 20])],
    [unknownAttributes, types],
  ]);
}

function message(request: Buffer, type: number, attributes: readonly (readonly [number, Buffer])[]): Buffer {
  const parts = attributes.map(([attribute, value]) => {
    const part = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
    part.writeUInt16BE(attribute, 0);
    part.writeUInt16BE(value.length, 2);
    value.copy(part, 4);
    return part;
  });
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(20);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(body.length, 2);
  request.copy(head, 4, 4, 20);
  return Buffer.concat([head, body]);
}
