import { createHmac, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** A connectivity check: a STUN Binding request as ICE uses it (RFC 8445 §7.1). */
export interface StunCheck {
  /** The name of who is asked: the first half of USERNAME (RFC 8445 §7.2.2). */
  readonly ufrag: string;
  /** Whether it carries a tie-breaker, and that is zero. */
  readonly hasZeroTieBreaker: boolean;
  /** Whether it was signed with this password (RFC 8489 §14.5). */
  isSignedWith(password: string): boolean;
  /** The same check with a tie-breaker of one, signed anew. */
  withTieBreaker(password: string): Buffer;
}

const HEADER_BYTES = 20;
const COOKIE = 0x2112a442;
const BINDING_REQUEST = 0x0001;
const USERNAME = 0x0006;
const MESSAGE_INTEGRITY = 0x0008;
const FINGERPRINT = 0x8028;
const ICE_CONTROLLED = 0x8029;
const ICE_CONTROLLING = 0x802a;
const FINGERPRINT_XOR = 0x5354554e; // RFC 8489 §14.7
const MAX_ATTRIBUTES = 32;

interface Attribute {
  type: number;
  /** Of its header. */
  at: number;
  length: number;
}

/** The attributes in order; `undefined` when the message is not whole. */
function attributesOf(message: Buffer): Attribute[] | undefined {
  const found: Attribute[] = [];
  for (let at = HEADER_BYTES; at < message.length; ) {
    if (at + 4 > message.length || found.length >= MAX_ATTRIBUTES) return undefined;
    const length = message.readUInt16BE(at + 2);
    if (at + 4 + length > message.length) return undefined;
    found.push({ type: message.readUInt16BE(at), at, length });
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return found;
}

/** RFC 8489 §14.5: over what stands before it, with a length that ends after it. */
function integrityOf(message: Buffer, at: number, password: string): Buffer {
  const signed = Buffer.from(message.subarray(0, at));
  signed.writeUInt16BE(at + 24 - HEADER_BYTES, 2);
  return createHmac('sha1', password).update(signed).digest();
}

/** `undefined` for everything else than a whole check that names whom it asks and is signed. */
export function readStunCheck(message: Buffer): StunCheck | undefined {
  if (
    message.length < HEADER_BYTES ||
    message.readUInt16BE(0) !== BINDING_REQUEST ||
    message.readUInt32BE(4) !== COOKIE ||
    message.readUInt16BE(2) !== message.length - HEADER_BYTES ||
    message.length % 4 !== 0
  )
    return undefined;
  const attributes = attributesOf(message);
  const find = (type: number, length?: number) =>
    attributes?.find((each) => each.type === type && (length === undefined || each.length === length));
  const username = find(USERNAME);
  const integrity = find(MESSAGE_INTEGRITY, 20);
  if (!username || !integrity || username.at > integrity.at || username.length > 513) return undefined;
  const name = message.toString('latin1', username.at + 4, username.at + 4 + username.length);
  const colon = name.indexOf(':');
  if (colon < 1) return undefined;
  const tieBreaker = find(ICE_CONTROLLING, 8) ?? find(ICE_CONTROLLED, 8);
  return {
    ufrag: name.slice(0, colon),
    hasZeroTieBreaker:
      tieBreaker !== undefined &&
      message.readBigUInt64BE(tieBreaker.at + 4) === 0n &&
      tieBreaker.at < integrity.at,
    isSignedWith: (password) =>
      timingSafeEqual(
        integrityOf(message, integrity.at, password),
        message.subarray(integrity.at + 4, integrity.at + 24),
      ),
    withTieBreaker(password) {
      const next = Buffer.from(message);
      if (tieBreaker) next.writeBigUInt64BE(1n, tieBreaker.at + 4);
      integrityOf(next, integrity.at, password).copy(next, integrity.at + 4);
      const fingerprint = find(FINGERPRINT, 4);
      if (fingerprint)
        next.writeUInt32BE(
          (crc32(next.subarray(0, fingerprint.at)) ^ FINGERPRINT_XOR) >>> 0,
          fingerprint.at + 4,
        );
      return next;
    },
  };
}
