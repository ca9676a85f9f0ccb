/** Codec for RTP packets (RFC 3550 §5.1). Bytes in, bytes out; nothing is copied while parsing. */

export const RTP_HEADER_BYTES = 12;
/** Larger datagrams are refused: nothing that we carry comes near an Ethernet frame. */
export const RTP_MAX_BYTES = 1500;

export interface RtpPacket {
  payloadType: number;
  marker: boolean;
  sequence: number;
  timestamp: number;
  ssrc: number;
  csrcs: readonly number[];
  extension?: { profile: number; data: Buffer };
  /** Without padding. A view into the parsed datagram. */
  payload: Buffer;
}

/**
 * Whether a datagram on a multiplexed port is RTCP: the second byte of RTP (marker and payload type) never takes
 * 192 to 223 when both sides keep to RFC 5761 §4.
 */
export function isRtcp(datagram: Uint8Array): boolean {
  const second = datagram[1];
  return datagram.length >= 8 && second !== undefined && second >= 192 && second <= 223;
}

/** Parses one datagram; `undefined` when it is not RTP (RFC 3550 §A.1). */
export function parseRtp(datagram: Buffer): RtpPacket | undefined {
  const length = datagram.length;
  if (length < RTP_HEADER_BYTES || length > RTP_MAX_BYTES) return undefined;
  const first = datagram[0]!;
  if (first >> 6 !== 2) return undefined; // RFC 3550 §5.1: version 2
  const second = datagram[1]!;
  if (isRtcp(datagram)) return undefined;
  const csrcCount = first & 0x0f;
  let offset = RTP_HEADER_BYTES + csrcCount * 4;
  if (offset > length) return undefined;
  const csrcs: number[] = [];
  for (let index = 0; index < csrcCount; index++)
    csrcs.push(datagram.readUInt32BE(RTP_HEADER_BYTES + index * 4));

  let extension: RtpPacket['extension'];
  if (first & 0x10) {
    // RFC 3550 §5.3.1: 16 bits of profile, 16 bits of length in 32-bit words
    if (offset + 4 > length) return undefined;
    const end = offset + 4 + datagram.readUInt16BE(offset + 2) * 4;
    if (end > length) return undefined;
    extension = { profile: datagram.readUInt16BE(offset), data: datagram.subarray(offset + 4, end) };
    offset = end;
  }

  let end = length;
  if (first & 0x20) {
    // RFC 3550 §5.1: the last byte counts the padding, itself included
    const padding = datagram[length - 1]!;
    if (padding === 0 || offset + padding > length) return undefined;
    end -= padding;
  }

  const packet: RtpPacket = {
    payloadType: second & 0x7f,
    marker: (second & 0x80) !== 0,
    sequence: datagram.readUInt16BE(2),
    timestamp: datagram.readUInt32BE(4),
    ssrc: datagram.readUInt32BE(8),
    csrcs,
    payload: datagram.subarray(offset, end),
  };
  if (extension) packet.extension = extension;
  return packet;
}

/** The fixed header alone, in an object that is used again and again. */
export interface RtpHeader {
  payloadType: number;
  marker: boolean;
  sequence: number;
  timestamp: number;
  ssrc: number;
}

/**
 * Reads the header of a datagram that has no more than the fixed one (no sources, extension or padding), as nearly all
 * have: what `parseRtp` would say, without making an object or a view. False for every other datagram.
 */
export function readPlainRtp(datagram: Uint8Array, into: RtpHeader): boolean {
  const length = datagram.length;
  if (length < RTP_HEADER_BYTES || length > RTP_MAX_BYTES || datagram[0] !== 0x80) return false;
  const second = datagram[1]!;
  if (second >= 192 && second <= 223) return false; // RFC 5761 §4
  into.payloadType = second & 0x7f;
  into.marker = second > 0x7f;
  into.sequence = (datagram[2]! << 8) | datagram[3]!;
  into.timestamp = ((datagram[4]! << 24) | (datagram[5]! << 16) | (datagram[6]! << 8) | datagram[7]!) >>> 0;
  into.ssrc = ((datagram[8]! << 24) | (datagram[9]! << 16) | (datagram[10]! << 8) | datagram[11]!) >>> 0;
  return true;
}

/** Writes the fixed header over the one that `readPlainRtp` read. */
export function writePlainRtp(datagram: Uint8Array, header: RtpHeader): void {
  const { payloadType, marker, sequence, timestamp, ssrc } = header;
  datagram[0] = 0x80;
  datagram[1] = (marker ? 0x80 : 0) | payloadType;
  datagram[2] = sequence >>> 8;
  datagram[3] = sequence;
  datagram[4] = timestamp >>> 24;
  datagram[5] = timestamp >>> 16;
  datagram[6] = timestamp >>> 8;
  datagram[7] = timestamp;
  datagram[8] = ssrc >>> 24;
  datagram[9] = ssrc >>> 16;
  datagram[10] = ssrc >>> 8;
  datagram[11] = ssrc;
}

export interface RtpFields {
  payloadType: number;
  marker?: boolean;
  sequence: number;
  timestamp: number;
  ssrc: number;
  csrcs?: readonly number[];
  extension?: { profile: number; data: Uint8Array };
  payload: Uint8Array;
}

/** Builds a datagram. Throws a RangeError on fields that do not fit; never writes padding. */
export function buildRtp(fields: RtpFields): Buffer {
  const { payloadType, csrcs = [], extension, payload } = fields;
  if (!(payloadType >= 0 && payloadType <= 127)) throw new RangeError('RTP payload type is 7 bits');
  if (csrcs.length > 15) throw new RangeError('RTP carries at most 15 contributing sources');
  if (extension && extension.data.length % 4 !== 0)
    throw new RangeError('An RTP header extension is whole 32-bit words');
  const extensionBytes = extension ? 4 + extension.data.length : 0;
  const size = RTP_HEADER_BYTES + csrcs.length * 4 + extensionBytes + payload.length;
  if (size > RTP_MAX_BYTES) throw new RangeError(`RTP packet of ${size} bytes, at most ${RTP_MAX_BYTES}`);

  const datagram = Buffer.allocUnsafe(size);
  datagram[0] = 0x80 | (extension ? 0x10 : 0) | csrcs.length;
  datagram[1] = (fields.marker ? 0x80 : 0) | payloadType;
  if (isRtcp(datagram.subarray(0, 8)) && size >= 8)
    throw new RangeError('Payload types 64 to 95 read as RTCP on a shared port (RFC 5761 §4)');
  datagram.writeUInt16BE(fields.sequence & 0xffff, 2);
  datagram.writeUInt32BE(fields.timestamp >>> 0, 4);
  datagram.writeUInt32BE(fields.ssrc >>> 0, 8);
  let offset = RTP_HEADER_BYTES;
  for (const csrc of csrcs) offset = datagram.writeUInt32BE(csrc >>> 0, offset);
  if (extension) {
    datagram.writeUInt16BE(extension.profile, offset);
    datagram.writeUInt16BE(extension.data.length / 4, offset + 2);
    datagram.set(extension.data, offset + 4);
    offset += extensionBytes;
  }
  datagram.set(payload, offset);
  return datagram;
}
