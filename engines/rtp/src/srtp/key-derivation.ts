import { createCipheriv } from 'node:crypto';
import { SRTP_SUITES, type SrtpMaster } from './suites.ts';

/** RFC 3711 §4.3.2. */
const LABELS = { rtp: { key: 0, authentication: 1, salt: 2 }, rtcp: { key: 3, authentication: 4, salt: 5 } };
const AUTHENTICATION_KEY_BYTES = 20;

export interface SessionKeys {
  key: Buffer;
  authentication: Buffer;
  salt: Buffer;
}

/** RFC 3711 §4.3.3, AES in counter mode; AES-256 by RFC 6188 §3.1. The key derivation rate is zero. */
export function deriveBytes(master: Omit<SrtpMaster, 'suite'>, label: number, length: number): Buffer {
  const block = Buffer.alloc(16);
  master.salt.copy(block); // a shorter salt is padded with zeros on its right
  block[7]! ^= label;
  const cipher = createCipheriv(`aes-${master.key.length * 8}-ctr`, master.key, block);
  return cipher.update(Buffer.alloc(length));
}

/** The session keys of one direction. Throws a RangeError when key or salt have not their suite's length. */
export function deriveSessionKeys(master: SrtpMaster, which: 'rtp' | 'rtcp'): SessionKeys {
  const { keyBytes, saltBytes } = SRTP_SUITES[master.suite];
  if (master.key.length !== keyBytes || master.salt.length !== saltBytes)
    throw new RangeError(`${master.suite} has a key of ${keyBytes} bytes and a salt of ${saltBytes}`);
  const labels = LABELS[which];
  return {
    key: deriveBytes(master, labels.key, keyBytes),
    authentication: deriveBytes(master, labels.authentication, AUTHENTICATION_KEY_BYTES),
    salt: deriveBytes(master, labels.salt, saltBytes),
  };
}
