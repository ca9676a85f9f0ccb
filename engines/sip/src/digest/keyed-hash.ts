import { hash } from 'node:crypto';

const blockBytes = 64;

/**
 * HMAC-SHA-256 (RFC 2104 §2) under one key. Node's own makes a native object for each text, which costs several times what the
 * hashing does.
 */
export function createKeyedHash(key: Buffer): (text: Buffer) => Buffer {
  const block = Buffer.alloc(blockBytes);
  (key.length > blockBytes ? hash('sha256', key, 'buffer') : key).copy(block);
  const inner = Buffer.from(block.map((byte) => byte ^ 0x36));
  const outer = Buffer.from(block.map((byte) => byte ^ 0x5c));
  return (text) =>
    hash('sha256', Buffer.concat([outer, hash('sha256', Buffer.concat([inner, text]), 'buffer')]), 'buffer');
}
