import { hash } from 'node:crypto';

export type DigestAlgorithm = 'SHA-256' | 'MD5';

/** The strongest first: the order in which they are offered (RFC 8760 §2.4). */
export const digestAlgorithms: readonly DigestAlgorithm[] = ['SHA-256', 'MD5'];

const hashNames = { 'SHA-256': 'sha256', MD5: 'md5' } as const;

/** RFC 7616 §3.2 H(): lower-case hex. */
export function digestHash(algorithm: DigestAlgorithm, text: string): string {
  return hash(hashNames[algorithm], text, 'hex');
}

/** RFC 7616 §3.4.2 A1, hashed: what is stored instead of a password. */
export function createHa1(
  algorithm: DigestAlgorithm,
  username: string,
  realm: string,
  password: string,
): string {
  return digestHash(algorithm, `${username}:${realm}:${password}`);
}

/** RFC 7616 §3.4.4: what stands for a user name that is not to be seen on the way; lower-case hex. */
export function createUserhash(algorithm: DigestAlgorithm, username: string, realm: string): string {
  return digestHash(algorithm, `${username}:${realm}`);
}

export interface DigestInput {
  readonly algorithm: DigestAlgorithm;
  readonly ha1: string;
  readonly method: string;
  readonly uri: string;
  readonly nonce: string;
  /** Eight hex digits. */
  readonly nc: string;
  readonly cnonce: string;
}

/** RFC 7616 §3.4.1 with qop=auth. */
export function digestResponse(input: DigestInput): string {
  const ha2 = digestHash(input.algorithm, `${input.method}:${input.uri}`);
  const { algorithm, ha1, nonce, nc, cnonce } = input;
  return digestHash(algorithm, `${ha1}:${nonce}:${nc}:${cnonce}:auth:${ha2}`);
}

export function parseAlgorithm(text: string | undefined): DigestAlgorithm | undefined {
  if (text === undefined) return 'MD5'; // RFC 7616 §3.3
  return digestAlgorithms.find((algorithm) => algorithm.toLowerCase() === text.toLowerCase());
}
