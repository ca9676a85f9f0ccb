import { createGhash } from './ghash.ts';
import type { SessionKeys } from './key-derivation.ts';
import { createBlockCipher, createKeystream } from './keystream.ts';
import {
  ENCRYPTED,
  isSameTag,
  RTCP_HEADER_BYTES,
  RTCP_INDEX_BYTES,
  type RtcpProtection,
  type RtpProtection,
  readUint32,
  writeUint32,
} from './protection.ts';

/** RFC 7714 §13.2: never a shorter one. */
const TAG_BYTES = 16;

type Keys = Omit<SessionKeys, 'authentication'>;

const expected = new Uint8Array(TAG_BYTES);
const mask = new Uint8Array(TAG_BYTES);

/** The hash of the associated data and the ciphertext, under the key's first block (NIST SP 800-38D §7.1). */
function createTags(keys: Keys) {
  const cipher = createBlockCipher(keys.key);
  const { hash } = createGhash(cipher.encrypt(Buffer.alloc(16)));
  return {
    cipher,
    tag(...[message, dataEnd, end, out, suffix]: Parameters<typeof hash>) {
      hash(message, dataEnd, end, out, suffix);
      for (let byte = 0; byte < TAG_BYTES; byte++) out[byte]! ^= mask[byte]!;
    },
  };
}

/** RFC 7714 §8: the header is associated data; the tag stands behind the ciphertext. */
export function createGcmRtp(keys: Keys): RtpProtection {
  const { cipher, tag } = createTags(keys);
  return {
    tagBytes: TAG_BYTES,
    keystreamFor: (ssrc) => createKeystream({ cipher, salt: keys.salt, ssrc, mode: 'gcm' }),
    seal(datagram, header, end, index, keystream) {
      keystream.apply(datagram, header, end, index);
      keystream.firstBlock(index, mask);
      tag(datagram, header, end, expected);
      datagram.set(expected, end);
    },
    isAuthentic(datagram, header, end, index, keystream) {
      keystream.firstBlock(index, mask);
      tag(datagram, header, end, expected);
      return isSameTag(expected, datagram, end, TAG_BYTES);
    },
  };
}

/**
 * RFC 7714 §9: the tag stands before the index. The index and the E bit are associated data behind the header; of a
 * report that is not encrypted (E is 0), all of it is.
 */
export function createGcmRtcp(keys: Keys): RtcpProtection {
  const { cipher, tag } = createTags(keys);
  const wordAt = (end: number) => end + TAG_BYTES;
  return {
    trailerBytes: TAG_BYTES + RTCP_INDEX_BYTES,
    wordAt,
    keystreamFor: (ssrc) => createKeystream({ cipher, salt: keys.salt, ssrc, mode: 'gcm', packetsAtOnce: 1 }),
    seal(datagram, end, index, keystream) {
      keystream.apply(datagram, RTCP_HEADER_BYTES, end, index);
      writeUint32(datagram, wordAt(end), ENCRYPTED | index);
      keystream.firstBlock(index, mask);
      tag(datagram, RTCP_HEADER_BYTES, end, expected, { bytes: datagram, at: wordAt(end) });
      datagram.set(expected, end);
    },
    isAuthentic(datagram, end, keystream) {
      const word = readUint32(datagram, wordAt(end));
      const dataEnd = word >= ENCRYPTED ? RTCP_HEADER_BYTES : end;
      keystream.firstBlock(word % ENCRYPTED, mask);
      tag(datagram, dataEnd, end, expected, { bytes: datagram, at: wordAt(end) });
      return isSameTag(expected, datagram, end, TAG_BYTES);
    },
  };
}
