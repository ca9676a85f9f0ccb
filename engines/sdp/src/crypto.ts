/** Keys in SDP (RFC 4568): what is offered and answered to protect RTP with a telephone. */

import type { RawMedia } from 'sdp-transform';

/** RFC 4568 §6.2, RFC 6188 §4, RFC 7714 §14.1. */
export type CryptoSuite =
  | 'AEAD_AES_256_GCM'
  | 'AEAD_AES_128_GCM'
  | 'AES_CM_128_HMAC_SHA1_80'
  | 'AES_CM_128_HMAC_SHA1_32'
  | 'AES_256_CM_HMAC_SHA1_80'
  | 'AES_256_CM_HMAC_SHA1_32';

/** Bytes of master key and salt together. */
const MATERIAL_BYTES: Readonly<Record<CryptoSuite, number>> = {
  AEAD_AES_256_GCM: 44,
  AEAD_AES_128_GCM: 28,
  AES_256_CM_HMAC_SHA1_80: 46,
  AES_CM_128_HMAC_SHA1_80: 30,
  AES_256_CM_HMAC_SHA1_32: 46,
  AES_CM_128_HMAC_SHA1_32: 30,
};

/** All that we can obey. */
export const CRYPTO_SUITES = Object.keys(MATERIAL_BYTES) as CryptoSuite[];

/**
 * What we offer, in our order of preference. Each line costs 90 bytes of an INVITE that should stay in one datagram, so
 * AES-256 with the short tag, which nobody has alone, is only answered.
 */
export const OFFERED_CRYPTO_SUITES = CRYPTO_SUITES.filter((suite) => suite !== 'AES_256_CM_HMAC_SHA1_32');

export interface CryptoAttribute {
  /** An answer names the offer's (RFC 4568 §5.1.2). */
  tag: number;
  suite: CryptoSuite;
  /** Master key, then salt, of the side that says it. */
  material: Buffer;
}

export const cryptoMaterialBytes = (suite: CryptoSuite): number => MATERIAL_BYTES[suite];

/** Attributes read of one medium. */
const MAX_ATTRIBUTES = 16;
/** Packets that a key must last: nearly six hours of sound. Nobody here would make a new one in time. */
const LEAST_LIFETIME = 2 ** 20;
const INLINE = /^inline:([A-Za-z0-9+/]{1,128}={0,2})((?:\|[^|]*)*)$/;

const isSuite = (name: unknown): name is CryptoSuite =>
  typeof name === 'string' && Object.hasOwn(MATERIAL_BYTES, name);

/** RFC 4568 §6.1: a number, or a power of two. `undefined` when it is neither. */
function lifetimeOf(text: string): number | undefined {
  const power = /^2\^(\d{1,2})$/.exec(text);
  if (power) return 2 ** Number(power[1]);
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** What follows the key: a lifetime at most. An MKI, or several keys, are not ours to keep apart: `false`. */
function isLasting(parameters: string): boolean {
  if (parameters === '') return true;
  const [lifetime, ...more] = parameters.slice(1).split('|');
  return more.length === 0 && (lifetimeOf(lifetime!) ?? 0) >= LEAST_LIFETIME;
}

/**
 * The attributes that we can obey, in the sender's order; others are skipped (RFC 4568 §5.1.2): unknown suites, MKI,
 * lifetimes that end within a call, and session parameters other than the hint of a window size (RFC 4568 §6.3.7).
 */
export function cryptoOf(media: RawMedia): CryptoAttribute[] {
  const usable: CryptoAttribute[] = [];
  for (const raw of (media.crypto ?? []).slice(0, MAX_ATTRIBUTES)) {
    const tag = Number(raw.id);
    if (!Number.isInteger(tag) || tag < 0 || tag > 999_999_999 || !isSuite(raw.suite)) continue;
    const session = typeof raw.sessionConfig === 'string' ? raw.sessionConfig.trim() : '';
    if (session !== '' && !/^WSH=\d{1,4}$/.test(session)) continue;
    const match = typeof raw.config === 'string' ? INLINE.exec(raw.config) : null;
    if (!match || !isLasting(match[2]!)) continue;
    const material = Buffer.from(match[1]!, 'base64');
    if (material.length !== MATERIAL_BYTES[raw.suite] || usable.some((other) => other.tag === tag)) continue;
    usable.push({ tag, suite: raw.suite, material });
  }
  return usable;
}

/** RFC 4568 §9.1. */
export const cryptoLines = (attributes: readonly CryptoAttribute[]): string[] =>
  attributes.map(
    ({ tag, suite, material }) => `a=crypto:${tag} ${suite} inline:${material.toString('base64')}`,
  );
