/** What DTLS needs to know of the other side (RFC 5763 §5, RFC 8122, RFC 8842 §5). */

import type { RawMedia, RawSession } from 'sdp-transform';
import { SdpError } from './sdp-error.ts';

export interface Fingerprint {
  /** RFC 8122 §5, lower case: `sha-256`. */
  algorithm: string;
  /** Upper-case hexadecimal with colons. */
  value: string;
}

/** RFC 8842 §5: who opens DTLS. */
export type Setup = 'actpass' | 'active' | 'passive';

/** Every field is safe to write into SDP. */
export interface DtlsParameters {
  fingerprint: Fingerprint;
  setup: Setup;
}

const HASH_BYTES: Readonly<Record<string, number>> = { 'sha-256': 32, 'sha-384': 48, 'sha-512': 64 };
const HASH = /^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2})+$/;

function fingerprintOf(raw: { type?: unknown; hash?: unknown } | undefined): Fingerprint {
  const algorithm = typeof raw?.type === 'string' ? raw.type.toLowerCase() : '';
  const value = raw?.hash;
  const bytes = Object.hasOwn(HASH_BYTES, algorithm) ? HASH_BYTES[algorithm] : undefined;
  if (bytes === undefined || typeof value !== 'string' || !HASH.test(value) || value.length !== bytes * 3 - 1)
    throw new SdpError('bad-sdp', 'SDP without a usable certificate fingerprint');
  return { algorithm, value: value.toUpperCase() };
}

/** What the medium says, else the session. Throws `SdpError`. */
export function dtlsOf(session: RawSession, media: RawMedia): DtlsParameters {
  const setup = media.setup ?? session.setup;
  if (setup !== 'actpass' && setup !== 'active' && setup !== 'passive')
    throw new SdpError('bad-sdp', 'SDP without a DTLS role');
  return { setup, fingerprint: fingerprintOf(media.fingerprint ?? session.fingerprint) };
}

export const dtlsLines = ({ fingerprint, setup }: DtlsParameters): string[] => [
  `a=fingerprint:${fingerprint.algorithm} ${fingerprint.value}`,
  `a=setup:${setup}`,
];
