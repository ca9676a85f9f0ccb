/** The crypto suites of RFC 4568 §6.2, RFC 6188 §4 and RFC 7714 §14.1. */
export type SrtpSuite =
  | 'AEAD_AES_256_GCM'
  | 'AEAD_AES_128_GCM'
  | 'AES_CM_128_HMAC_SHA1_80'
  | 'AES_CM_128_HMAC_SHA1_32'
  | 'AES_256_CM_HMAC_SHA1_80'
  | 'AES_256_CM_HMAC_SHA1_32';

export interface SrtpSuiteParameters {
  /** AES-GCM, which needs no key for authentication. */
  aead: boolean;
  /** AES, of the master key and of the session keys. */
  keyBytes: 16 | 32;
  saltBytes: 14 | 12;
  /** Of RTP. */
  tagBytes: 16 | 10 | 4;
  /** Of RTCP: always the long one (RFC 4568 §6.2.2). */
  rtcpTagBytes: 16 | 10;
}

const hmac = { aead: false, saltBytes: 14, rtcpTagBytes: 10 } as const;
/** RFC 7714 §12, §13.2. */
const gcm = { aead: true, saltBytes: 12, tagBytes: 16, rtcpTagBytes: 16 } as const;

export const SRTP_SUITES: Readonly<Record<SrtpSuite, SrtpSuiteParameters>> = {
  AEAD_AES_256_GCM: { ...gcm, keyBytes: 32 },
  AEAD_AES_128_GCM: { ...gcm, keyBytes: 16 },
  AES_256_CM_HMAC_SHA1_80: { ...hmac, keyBytes: 32, tagBytes: 10 },
  AES_CM_128_HMAC_SHA1_80: { ...hmac, keyBytes: 16, tagBytes: 10 },
  AES_256_CM_HMAC_SHA1_32: { ...hmac, keyBytes: 32, tagBytes: 4 },
  AES_CM_128_HMAC_SHA1_32: { ...hmac, keyBytes: 16, tagBytes: 4 },
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
