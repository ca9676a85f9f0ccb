/**
 * SRTP and SRTCP (RFC 3711), with AES in counter mode and HMAC-SHA1 or with AES-GCM (RFC 7714). A sender and a receiver
 * are one direction of one session each. No MKI, no key derivation rate, no rekeying: a new key is a new sender or
 * receiver.
 */

import { RTP_HEADER_BYTES } from '../rtp-packet.ts';
import { createCounterModeRtcp, createCounterModeRtp } from './counter-mode.ts';
import { createGcmRtcp, createGcmRtp } from './gcm.ts';
import { deriveSessionKeys } from './key-derivation.ts';
import type { Keystream } from './keystream.ts';
import { ENCRYPTED, type Protection, RTCP_HEADER_BYTES, readUint32 } from './protection.ts';
import { createReplayWindow, type ReplayWindow } from './replay-window.ts';
import { SRTP_SUITES, type SrtpMaster } from './suites.ts';

/** Sources of one sender over the life of a key: a telephone takes another when it resumes, never this often. */
const MAX_SOURCES = 32;
/** RFC 3711 §9.2, RFC 7714 §13.1: a key protects at most 2^48 RTP packets, and 2^31 of RTCP. */
const MAX_RTP_INDEX = 2 ** 48;
const MAX_RTCP_INDEX = 2 ** 31;

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

/** A keystream and a window for each source that one protection is used with. */
function createSources(protection: Protection) {
  const sources = new Map<number, Source>();
  let last: { ssrc: number; source: Source } | undefined;
  return {
    /** `undefined` when there are too many. A new one is kept from its first authentic packet on: see `keep`. */
    find(ssrc: number): Source | undefined {
      if (last?.ssrc === ssrc) return last.source;
      const known = sources.get(ssrc);
      if (known) last = { ssrc, source: known };
      else if (sources.size >= MAX_SOURCES) return undefined;
      return known ?? { keystream: protection.keystreamFor(ssrc), window: createReplayWindow() };
    },
    keep(ssrc: number, source: Source) {
      if (last?.source === source) return;
      sources.set(ssrc, source);
      last = { ssrc, source };
    },
  };
}

/** The state of both directions is the same. */
function createContext(master: SrtpMaster) {
  const { aead, tagBytes, rtcpTagBytes } = SRTP_SUITES[master.suite];
  const rtpKeys = deriveSessionKeys(master, 'rtp');
  const rtcpKeys = deriveSessionKeys(master, 'rtcp');
  const rtp = aead ? createGcmRtp(rtpKeys) : createCounterModeRtp(rtpKeys, tagBytes);
  const rtcp = aead ? createGcmRtcp(rtcpKeys) : createCounterModeRtcp(rtcpKeys, rtcpTagBytes);
  return { rtp, rtcp, rtpSources: createSources(rtp), rtcpSources: createSources(rtcp) };
}

/** Throws a RangeError when key or salt have not the length of their suite. */
export function createSrtpSender(master: SrtpMaster): SrtpSender {
  const { rtp, rtcp, rtpSources, rtcpSources } = createContext(master);
  let rtcpIndex = 0;

  return {
    protectRtp(datagram) {
      const length = datagram.length;
      const header = rtpHeaderBytes(datagram, length);
      if (header < 0) return undefined;
      const ssrc = readUint32(datagram, 8);
      const source = rtpSources.find(ssrc);
      if (!source) return undefined;
      const index = indexOf((datagram[2]! << 8) | datagram[3]!, source.window.highest);
      if (index < 0 || index >= MAX_RTP_INDEX || !source.window.isNew(index)) return undefined;
      const out = Buffer.allocUnsafe(length + rtp.tagBytes);
      out.set(datagram);
      rtp.seal(out, header, length, index, source.keystream);
      source.window.mark(index);
      rtpSources.keep(ssrc, source);
      return out;
    },
    protectRtcp(datagram) {
      const length = datagram.length;
      if (length < RTCP_HEADER_BYTES || rtcpIndex >= MAX_RTCP_INDEX) return undefined;
      const ssrc = readUint32(datagram, 4);
      const source = rtcpSources.find(ssrc);
      if (!source) return undefined;
      const out = Buffer.allocUnsafe(length + rtcp.trailerBytes);
      out.set(datagram);
      rtcp.seal(out, length, rtcpIndex, source.keystream);
      rtcpSources.keep(ssrc, source);
      rtcpIndex += 1;
      return out;
    },
  };
}

/** Throws a RangeError when key or salt have not the length of their suite. */
export function createSrtpReceiver(master: SrtpMaster): SrtpReceiver {
  const { rtp, rtcp, rtpSources, rtcpSources } = createContext(master);

  return {
    unprotectRtp(datagram) {
      const end = datagram.length - rtp.tagBytes;
      const header = rtpHeaderBytes(datagram, end);
      if (header < 0) return undefined;
      const ssrc = readUint32(datagram, 8);
      const source = rtpSources.find(ssrc);
      if (!source) return undefined;
      const index = indexOf((datagram[2]! << 8) | datagram[3]!, source.window.highest);
      if (index < 0 || index >= MAX_RTP_INDEX) return undefined;
      // RFC 3711 §3.3: replay, authentication, decryption. Nothing is kept of a stranger's source.
      if (!source.window.isNew(index)) return undefined;
      if (!rtp.isAuthentic(datagram, header, end, index, source.keystream)) return undefined;
      source.keystream.apply(datagram, header, end, index);
      source.window.mark(index);
      rtpSources.keep(ssrc, source);
      return datagram.subarray(0, end);
    },
    unprotectRtcp(datagram) {
      const end = datagram.length - rtcp.trailerBytes;
      if (end < RTCP_HEADER_BYTES || datagram[0]! >> 6 !== 2) return undefined;
      const ssrc = readUint32(datagram, 4);
      const source = rtcpSources.find(ssrc);
      if (!source) return undefined;
      const word = readUint32(datagram, rtcp.wordAt(end));
      const index = word % ENCRYPTED;
      if (!source.window.isNew(index)) return undefined;
      if (!rtcp.isAuthentic(datagram, end, source.keystream)) return undefined;
      if (word >= ENCRYPTED) source.keystream.apply(datagram, RTCP_HEADER_BYTES, end, index);
      source.window.mark(index);
      rtcpSources.keep(ssrc, source);
      return datagram.subarray(0, end);
    },
  };
}
