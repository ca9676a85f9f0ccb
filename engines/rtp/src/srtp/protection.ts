import type { Keystream } from './keystream.ts';

/**
 * How packets are sealed with one session key: encryption, tag, and where they stand in the packet. It keeps nothing of
 * a source; which index a packet has, and whether it was seen, is the caller's to know.
 */
export interface Protection {
  /** The keystream of one source: made once, kept with the source. */
  keystreamFor(ssrc: number): Keystream;
}

export interface RtpProtection extends Protection {
  readonly tagBytes: number;
  /** Encrypts from `header` to `end`, and writes the tag behind it: there must be room. */
  seal(datagram: Uint8Array, header: number, end: number, index: number, keystream: Keystream): void;
  /** Whether the tag behind `end` is right. Changes nothing. */
  isAuthentic(
    datagram: Uint8Array,
    header: number,
    end: number,
    index: number,
    keystream: Keystream,
  ): boolean;
}

export interface RtcpProtection extends Protection {
  /** Bytes behind the report: index and tag, in the order of the protection. */
  readonly trailerBytes: number;
  seal(datagram: Uint8Array, end: number, index: number, keystream: Keystream): void;
  /** The E bit and the index, of a packet whose report ends at `end`. */
  readonly wordAt: (end: number) => number;
  isAuthentic(datagram: Uint8Array, end: number, keystream: Keystream): boolean;
}

/** RTCP's header, which is never encrypted (RFC 3711 §3.4). */
export const RTCP_HEADER_BYTES = 8;
export const RTCP_INDEX_BYTES = 4;
/** RFC 3711 §3.4: the first bit before the index says encrypted. */
export const ENCRYPTED = 0x8000_0000;

export function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

export const readUint32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;

/** Compares without stopping at the first difference, so that time tells nothing of the right tag. */
export function isSameTag(tag: Uint8Array, datagram: Uint8Array, at: number, bytes: number): boolean {
  let difference = 0;
  for (let byte = 0; byte < bytes; byte++) difference |= tag[byte]! ^ datagram[at + byte]!;
  return difference === 0;
}
