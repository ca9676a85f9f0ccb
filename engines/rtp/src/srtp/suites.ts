/**
 * The crypto suites of RFC 4568 §6.2 and RFC 6188 §4 that we speak.
 * TODO(RFC 7714 §14.2): AEAD_AES_128_GCM and AEAD_AES_256_GCM. Node's own GCM costs 36 µs a packet each way.
 */

export type SrtpSuite =
  | 'AES_CM_128_HMAC_SHA1_80'
  | 'AES_CM_128_HMAC_SHA1_32'
  | 'AES_256_CM_HMAC_SHA1_80'
  | 'AES_256_CM_HMAC_SHA1_32';

export interface SrtpSuiteParameters {
  /** AES, of the master key and of the session keys. */
  keyBytes: 16 | 32;
  saltBytes: 14;
  /** Of RTP. */
  tagBytes: 10 | 4;
  /** Of RTCP: always the long one (RFC 4568 §6.2.2). */
  rtcpTagBytes: 10;
}

export const SRTP_SUITES: Readonly<Record<SrtpSuite, SrtpSuiteParameters>> = {
  AES_256_CM_HMAC_SHA1_80: { keyBytes: 32, saltBytes: 14, tagBytes: 10, rtcpTagBytes: 10 },
  AES_CM_128_HMAC_SHA1_80: { keyBytes: 16, saltBytes: 14, tagBytes: 10, rtcpTagBytes: 10 },
  AES_256_CM_HMAC_SHA1_32: { keyBytes: 32, saltBytes: 14, tagBytes: 4, rtcpTagBytes: 10 },
  AES_CM_128_HMAC_SHA1_32: { keyBytes: 16, saltBytes: 14, tagBytes: 4, rtcpTagBytes: 10 },
};

/** Master key and salt of one direction. */
export interface SrtpMaster {
  suite: SrtpSuite;
  key: Buffer;
  salt: Buffer;
}

/** Takes apart what SDP carries: key, then salt (RFC 4568 §6.1). Throws a RangeError on another length. */
export function srtpMaster(suite: SrtpSuite, material: Buffer): SrtpMaster {
  const { keyBytes, saltBytes } = SRTP_SUITES[suite];
  if (material.length !== keyBytes + saltBytes)
    throw new RangeError(`${suite} has ${keyBytes + saltBytes} bytes of key and salt`);
  return { suite, key: material.subarray(0, keyBytes), salt: material.subarray(keyBytes) };
}
