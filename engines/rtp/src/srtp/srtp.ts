/**
 * SRTP and SRTCP (RFC 3711) with AES in counter mode and HMAC-SHA1. A sender and a receiver are one direction of one
 * session each. No MKI, no key derivation rate, no rekeying: a new key is a new sender or receiver.
 */

import { RTP_HEADER_BYTES } from '../rtp-packet.ts';
import { createHmacSha1 } from './hmac-sha1.ts';
import { deriveSessionKeys } from './key-derivation.ts';
import { createKeystream, type Keystream } from './keystream.ts';
import { createReplayWindow, type ReplayWindow } from './replay-window.ts';
import { SRTP_SUITES, type SrtpMaster } from './suites.ts';

/** Sources of one sender over the life of a key: a telephone takes another when it resumes, never this often. */
const MAX_SOURCES = 32;
/** RFC 3711 §9.2: a key protects at most 2^48 RTP packets, and 2^31 of RTCP. */
const MAX_RTP_INDEX = 2 ** 48;
const MAX_RTCP_INDEX = 2 ** 31;
const RTCP_HEADER_BYTES = 8;
const RTCP_INDEX_BYTES = 4;

interface Source {
  keystream: Keystream;
  window: ReplayWindow;
}

export interface SrtpSender {
  /**
   * The protected packet; `undefined` when it is malformed, or has the number of one that was sent before: two packets
   * under one keystream would show each other's content.
   */
  protectRtp(datagram: Uint8Array): Buffer | undefined;
  protectRtcp(datagram: Uint8Array): Buffer | undefined;
}

export interface SrtpReceiver {
  /**
   * The plain packet, decrypted in place, a view into `datagram`. `undefined`, and nothing changed, when it is not
   * authentic, was received before or is too old to know.
   */
  unprotectRtp(datagram: Buffer): Buffer | undefined;
  unprotectRtcp(datagram: Buffer): Buffer | undefined;
}

/** Bytes before what is encrypted: header, sources and header extension (RFC 3711 §3.1). -1: malformed. */
function rtpHeaderBytes(datagram: Uint8Array, end: number): number {
  if (end < RTP_HEADER_BYTES || datagram[0]! >> 6 !== 2) return -1;
  let bytes = RTP_HEADER_BYTES + (datagram[0]! & 0x0f) * 4;
  if (datagram[0]! & 0x10) {
    if (bytes + 4 > end) return -1;
    bytes += 4 + ((datagram[bytes + 2]! << 8) | datagram[bytes + 3]!) * 4;
  }
  return bytes > end ? -1 : bytes;
}

const uint32 = (bytes: Uint8Array, at: number) =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;

/** RFC 3711 §3.3.1: the index that a sequence number most likely stands for. Negative: before the stream began. */
function indexOf(sequence: number, highest: number): number {
  if (highest < 0) return sequence;
  const rollover = Math.floor(highest / 65536);
  const last = highest % 65536;
  let guess = rollover;
  if (last < 32768) {
    if (sequence - last > 32768) guess -= 1;
  } else if (last - 32768 > sequence) guess += 1;
  return guess * 65536 + sequence;
}

/** The state of both directions is the same: a cipher and a window for each source. */
function createContext(master: SrtpMaster) {
  const { tagBytes, rtcpTagBytes } = SRTP_SUITES[master.suite];
  const rtpKeys = deriveSessionKeys(master, 'rtp');
  const rtcpKeys = deriveSessionKeys(master, 'rtcp');
  const rtpSources = new Map<number, Source>();
  const rtcpSources = new Map<number, Source>();
  let last: { ssrc: number; source: Source } | undefined;

  return {
    tagBytes,
    rtcpTagBytes,
    rtp: createHmacSha1(rtpKeys.authentication),
    rtcp: createHmacSha1(rtcpKeys.authentication),
    /** `undefined` when there are too many. A source is kept from its first authentic packet on: see `keep`. */
    rtpSource(ssrc: number): Source | undefined {
      if (last?.ssrc === ssrc) return last.source;
      const known = rtpSources.get(ssrc);
      if (known) last = { ssrc, source: known };
      else if (rtpSources.size >= MAX_SOURCES) return undefined;
      return (
        known ?? {
          keystream: createKeystream({ key: rtpKeys.key, salt: rtpKeys.salt, ssrc }),
          window: createReplayWindow(),
        }
      );
    },
    highestOf: (ssrc: number): number =>
      last?.ssrc === ssrc ? last.source.window.highest : (rtpSources.get(ssrc)?.window.highest ?? -1),
    rtcpSource(ssrc: number): Source | undefined {
      const known = rtcpSources.get(ssrc);
      if (!known && rtcpSources.size >= MAX_SOURCES) return undefined;
      return (
        known ?? {
          keystream: createKeystream({ key: rtcpKeys.key, salt: rtcpKeys.salt, ssrc, packetsAtOnce: 1 }),
          window: createReplayWindow(),
        }
      );
    },
    keep(ssrc: number, source: Source) {
      if (last?.source === source) return;
      rtpSources.set(ssrc, source);
      last = { ssrc, source };
    },
    keepRtcp: (ssrc: number, source: Source) => void rtcpSources.set(ssrc, source),
  };
}

/** Throws a RangeError when key or salt have not the length of their suite. */
export function createSrtpSender(master: SrtpMaster): SrtpSender {
  const context = createContext(master);
  const { tagBytes, rtcpTagBytes } = context;
  let rtcpIndex = 0;

  return {
    protectRtp(datagram) {
      const length = datagram.length;
      const header = rtpHeaderBytes(datagram, length);
      if (header < 0) return undefined;
      const ssrc = uint32(datagram, 8);
      const source = context.rtpSource(ssrc);
      if (!source) return undefined;
      const index = indexOf((datagram[2]! << 8) | datagram[3]!, source.window.highest);
      if (index < 0 || index >= MAX_RTP_INDEX || !source.window.isNew(index)) return undefined;
      const out = Buffer.allocUnsafe(length + tagBytes);
      out.set(datagram);
      source.keystream.apply(out, header, length, index);
      // RFC 3711 §4.2: the tag is over the encrypted packet and the rollover counter
      context.rtp.sign(out, length, Math.floor(index / 65536), out, length, tagBytes);
      source.window.mark(index);
      context.keep(ssrc, source);
      return out;
    },
    protectRtcp(datagram) {
      const length = datagram.length;
      if (length < RTCP_HEADER_BYTES || rtcpIndex >= MAX_RTCP_INDEX) return undefined;
      const ssrc = uint32(datagram, 4);
      const source = context.rtcpSource(ssrc);
      if (!source) return undefined;
      const signed = length + RTCP_INDEX_BYTES;
      const out = Buffer.allocUnsafe(signed + rtcpTagBytes);
      out.set(datagram);
      source.keystream.apply(out, RTCP_HEADER_BYTES, length, rtcpIndex);
      out.writeUInt32BE((0x8000_0000 | rtcpIndex) >>> 0, length); // RFC 3711 §3.4: the E bit says encrypted
      context.rtcp.sign(out, signed, undefined, out, signed, rtcpTagBytes);
      context.keepRtcp(ssrc, source);
      rtcpIndex += 1;
      return out;
    },
  };
}

/** Compares without stopping at the first difference, so that time tells nothing of the right tag. */
function isSame(tag: Uint8Array, datagram: Uint8Array, at: number, bytes: number): boolean {
  let difference = 0;
  for (let byte = 0; byte < bytes; byte++) difference |= tag[byte]! ^ datagram[at + byte]!;
  return difference === 0;
}

const tag = new Uint8Array(20);

/** Throws a RangeError when key or salt have not the length of their suite. */
export function createSrtpReceiver(master: SrtpMaster): SrtpReceiver {
  const context = createContext(master);
  const { tagBytes, rtcpTagBytes } = context;

  return {
    unprotectRtp(datagram) {
      const end = datagram.length - tagBytes;
      const header = rtpHeaderBytes(datagram, end);
      if (header < 0) return undefined;
      const ssrc = uint32(datagram, 8);
      const index = indexOf((datagram[2]! << 8) | datagram[3]!, context.highestOf(ssrc));
      if (index < 0 || index >= MAX_RTP_INDEX) return undefined;
      // RFC 3711 §3.3: replay, then authentication, then decryption. Nothing is made for a stranger's source.
      context.rtp.sign(datagram, end, Math.floor(index / 65536), tag, 0, tagBytes);
      if (!isSame(tag, datagram, end, tagBytes)) return undefined;
      const source = context.rtpSource(ssrc);
      if (!source?.window.isNew(index)) return undefined;
      source.keystream.apply(datagram, header, end, index);
      source.window.mark(index);
      context.keep(ssrc, source);
      return datagram.subarray(0, end);
    },
    unprotectRtcp(datagram) {
      const signed = datagram.length - rtcpTagBytes;
      const end = signed - RTCP_INDEX_BYTES;
      if (end < RTCP_HEADER_BYTES || datagram[0]! >> 6 !== 2) return undefined;
      context.rtcp.sign(datagram, signed, undefined, tag, 0, rtcpTagBytes);
      if (!isSame(tag, datagram, signed, rtcpTagBytes)) return undefined;
      const word = uint32(datagram, end);
      const index = word & 0x7fff_ffff;
      const ssrc = uint32(datagram, 4);
      const source = context.rtcpSource(ssrc);
      if (!source?.window.isNew(index)) return undefined;
      if (word >>> 31) source.keystream.apply(datagram, RTCP_HEADER_BYTES, end, index);
      source.window.mark(index);
      context.keepRtcp(ssrc, source);
      return datagram.subarray(0, end);
    },
  };
}
