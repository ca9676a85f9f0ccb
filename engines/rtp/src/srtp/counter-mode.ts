import { createHmacSha1 } from './hmac-sha1.ts';
import type { SessionKeys } from './key-derivation.ts';
import { createBlockCipher, createKeystream } from './keystream.ts';
import {
  ENCRYPTED,
  isSameTag,
  RTCP_HEADER_BYTES,
  RTCP_INDEX_BYTES,
  type RtcpProtection,
  type RtpProtection,
  writeUint32,
} from './protection.ts';

const expected = new Uint8Array(20);

/** AES in counter mode with HMAC-SHA1 (RFC 3711 §4.1.1, §4.2.1). */
export function createCounterModeRtp(keys: SessionKeys, tagBytes: number): RtpProtection {
  const { salt } = keys;
  const cipher = createBlockCipher(keys.key);
  const hmac = createHmacSha1(keys.authentication);
  return {
    tagBytes,
    keystreamFor: (ssrc) => createKeystream({ cipher, salt, ssrc }),
    seal(datagram, header, end, index, keystream) {
      keystream.apply(datagram, header, end, index);
      // RFC 3711 §4.2: the tag is over the encrypted packet and the rollover counter
      hmac.sign(datagram, end, Math.floor(index / 65536), datagram, end, tagBytes);
    },
    isAuthentic(datagram, _header, end, index) {
      hmac.sign(datagram, end, Math.floor(index / 65536), expected, 0, tagBytes);
      return isSameTag(expected, datagram, end, tagBytes);
    },
  };
}

/** Header, encrypted report, index, tag (RFC 3711 §3.4). */
export function createCounterModeRtcp(keys: SessionKeys, tagBytes: number): RtcpProtection {
  const { salt } = keys;
  const cipher = createBlockCipher(keys.key);
  const hmac = createHmacSha1(keys.authentication);
  return {
    trailerBytes: RTCP_INDEX_BYTES + tagBytes,
    wordAt: (end) => end,
    keystreamFor: (ssrc) => createKeystream({ cipher, salt, ssrc, packetsAtOnce: 1 }),
    seal(datagram, end, index, keystream) {
      keystream.apply(datagram, RTCP_HEADER_BYTES, end, index);
      writeUint32(datagram, end, ENCRYPTED | index);
      const signed = end + RTCP_INDEX_BYTES;
      hmac.sign(datagram, signed, undefined, datagram, signed, tagBytes);
    },
    isAuthentic(datagram, end) {
      const signed = end + RTCP_INDEX_BYTES;
      hmac.sign(datagram, signed, undefined, expected, 0, tagBytes);
      return isSameTag(expected, datagram, signed, tagBytes);
    },
  };
}
