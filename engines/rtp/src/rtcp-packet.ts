/** Codec for RTCP compound packets (RFC 3550 §6): sender and receiver reports, source descriptions, goodbyes. */

export const RTCP_SENDER_REPORT = 200;
export const RTCP_RECEIVER_REPORT = 201;
export const RTCP_SOURCE_DESCRIPTION = 202;
export const RTCP_BYE = 203;
const SDES_CNAME = 1;
/** A compound packet in one datagram cannot hold more blocks than this. */
const MAX_PACKETS = 32;

/** RFC 3550 §6.4.1, one report block. */
export interface ReportBlock {
  ssrc: number;
  /** 0 to 1, since the report before. */
  fractionLost: number;
  /** Signed: duplicates make it negative. */
  cumulativeLost: number;
  highestSequence: number;
  /** In timestamp units. */
  jitter: number;
  /** Middle 32 bits of the NTP time of the last sender report, 0 when there was none. */
  lastSenderReport: number;
  /** In 1/65536 s. */
  delaySinceLastSenderReport: number;
}

export interface SenderReport {
  type: 'sender-report';
  ssrc: number;
  ntpSeconds: number;
  ntpFraction: number;
  rtpTimestamp: number;
  packets: number;
  octets: number;
  reports: ReportBlock[];
}

export interface ReceiverReport {
  type: 'receiver-report';
  ssrc: number;
  reports: ReportBlock[];
}

export interface SourceDescription {
  type: 'source-description';
  chunks: { ssrc: number; cname?: string }[];
}

export interface Bye {
  type: 'bye';
  ssrcs: number[];
}

/** Feedback, application packets and others: kept as bytes, header included. */
export interface OtherRtcp {
  type: 'other';
  packetType: number;
  count: number;
  bytes: Buffer;
}

export type RtcpPacket = SenderReport | ReceiverReport | SourceDescription | Bye | OtherRtcp;

function parseReports(bytes: Buffer, offset: number, count: number): ReportBlock[] | undefined {
  if (offset + count * 24 > bytes.length) return undefined;
  const reports: ReportBlock[] = [];
  for (let index = 0; index < count; index++, offset += 24) {
    reports.push({
      ssrc: bytes.readUInt32BE(offset),
      fractionLost: bytes[offset + 4]! / 256,
      cumulativeLost: bytes.readIntBE(offset + 5, 3),
      highestSequence: bytes.readUInt32BE(offset + 8),
      jitter: bytes.readUInt32BE(offset + 12),
      lastSenderReport: bytes.readUInt32BE(offset + 16),
      delaySinceLastSenderReport: bytes.readUInt32BE(offset + 20),
    });
  }
  return reports;
}

function parseChunks(bytes: Buffer, count: number): SourceDescription['chunks'] | undefined {
  const chunks: SourceDescription['chunks'] = [];
  let offset = 4;
  for (let index = 0; index < count; index++) {
    if (offset + 4 > bytes.length) return undefined;
    const chunk: { ssrc: number; cname?: string } = { ssrc: bytes.readUInt32BE(offset) };
    offset += 4;
    // RFC 3550 §6.5: items end with a zero byte, chunks on a 32-bit boundary
    for (;;) {
      const item = bytes[offset];
      if (item === undefined) return undefined;
      if (item === 0) {
        offset = (offset + 4) & ~3;
        break;
      }
      const length = bytes[offset + 1];
      if (length === undefined || offset + 2 + length > bytes.length) return undefined;
      if (item === SDES_CNAME) chunk.cname = bytes.toString('utf8', offset + 2, offset + 2 + length);
      offset += 2 + length;
    }
    chunks.push(chunk);
  }
  return chunks;
}

function parseOne(bytes: Buffer, packetType: number, count: number): RtcpPacket | undefined {
  switch (packetType) {
    case RTCP_SENDER_REPORT: {
      if (bytes.length < 28) return undefined;
      const reports = parseReports(bytes, 28, count);
      return (
        reports && {
          type: 'sender-report',
          ssrc: bytes.readUInt32BE(4),
          ntpSeconds: bytes.readUInt32BE(8),
          ntpFraction: bytes.readUInt32BE(12),
          rtpTimestamp: bytes.readUInt32BE(16),
          packets: bytes.readUInt32BE(20),
          octets: bytes.readUInt32BE(24),
          reports,
        }
      );
    }
    case RTCP_RECEIVER_REPORT: {
      if (bytes.length < 8) return undefined;
      const reports = parseReports(bytes, 8, count);
      return reports && { type: 'receiver-report', ssrc: bytes.readUInt32BE(4), reports };
    }
    case RTCP_SOURCE_DESCRIPTION: {
      const chunks = parseChunks(bytes, count);
      return chunks && { type: 'source-description', chunks };
    }
    case RTCP_BYE: {
      if (bytes.length < 4 + count * 4) return undefined;
      return {
        type: 'bye',
        ssrcs: Array.from({ length: count }, (_, index) => bytes.readUInt32BE(4 + index * 4)),
      };
    }
    default:
      return { type: 'other', packetType, count, bytes };
  }
}

/**
 * Parses one datagram, compound or reduced-size (RFC 5506); `undefined` when any part of it is malformed, as
 * RFC 3550 §A.2 asks.
 */
export function parseRtcp(datagram: Buffer): RtcpPacket[] | undefined {
  if (datagram.length < 4 || datagram.length > 1500 || datagram.length % 4 !== 0) return undefined;
  const packets: RtcpPacket[] = [];
  let offset = 0;
  while (offset < datagram.length) {
    const first = datagram[offset]!;
    if (first >> 6 !== 2 || packets.length === MAX_PACKETS) return undefined;
    const end = offset + (datagram.readUInt16BE(offset + 2) + 1) * 4;
    if (end > datagram.length) return undefined;
    let contentEnd = end;
    if (first & 0x20) {
      const padding = datagram[end - 1]!;
      // RFC 3550 §6.4.1: only the last packet is padded, by whole words
      if (end !== datagram.length || padding === 0 || padding % 4 !== 0 || padding > end - offset - 4)
        return undefined;
      contentEnd -= padding;
    }
    const packet = parseOne(datagram.subarray(offset, contentEnd), datagram[offset + 1]!, first & 0x1f);
    if (!packet) return undefined;
    packets.push(packet);
    offset = end;
  }
  return packets;
}

function writeReports(bytes: Buffer, offset: number, reports: readonly ReportBlock[]): void {
  for (const report of reports) {
    bytes.writeUInt32BE(report.ssrc >>> 0, offset);
    bytes[offset + 4] = Math.max(0, Math.min(255, Math.floor(report.fractionLost * 256)));
    bytes.writeIntBE(Math.max(-0x80_0000, Math.min(0x7f_ffff, report.cumulativeLost)), offset + 5, 3);
    bytes.writeUInt32BE(report.highestSequence >>> 0, offset + 8);
    bytes.writeUInt32BE(report.jitter >>> 0, offset + 12);
    bytes.writeUInt32BE(report.lastSenderReport >>> 0, offset + 16);
    bytes.writeUInt32BE(report.delaySinceLastSenderReport >>> 0, offset + 20);
    offset += 24;
  }
}

function writeHeader(bytes: Buffer, count: number, packetType: number): void {
  bytes[0] = 0x80 | count;
  bytes[1] = packetType;
  bytes.writeUInt16BE(bytes.length / 4 - 1, 2);
}

function buildOne(packet: RtcpPacket): Buffer {
  switch (packet.type) {
    case 'sender-report': {
      const bytes = Buffer.alloc(28 + packet.reports.length * 24);
      writeHeader(bytes, packet.reports.length, RTCP_SENDER_REPORT);
      bytes.writeUInt32BE(packet.ssrc >>> 0, 4);
      bytes.writeUInt32BE(packet.ntpSeconds >>> 0, 8);
      bytes.writeUInt32BE(packet.ntpFraction >>> 0, 12);
      bytes.writeUInt32BE(packet.rtpTimestamp >>> 0, 16);
      bytes.writeUInt32BE(packet.packets >>> 0, 20);
      bytes.writeUInt32BE(packet.octets >>> 0, 24);
      writeReports(bytes, 28, packet.reports);
      return bytes;
    }
    case 'receiver-report': {
      const bytes = Buffer.alloc(8 + packet.reports.length * 24);
      writeHeader(bytes, packet.reports.length, RTCP_RECEIVER_REPORT);
      bytes.writeUInt32BE(packet.ssrc >>> 0, 4);
      writeReports(bytes, 8, packet.reports);
      return bytes;
    }
    case 'source-description': {
      const chunks = packet.chunks.map(({ ssrc, cname }) => {
        const name = Buffer.from(cname ?? '', 'utf8').subarray(0, 255);
        const items = cname === undefined ? 0 : 2 + name.length;
        const bytes = Buffer.alloc((4 + items + 4) & ~3);
        bytes.writeUInt32BE(ssrc >>> 0, 0);
        if (cname !== undefined) {
          bytes[4] = SDES_CNAME;
          bytes[5] = name.length;
          bytes.set(name, 6);
        }
        return bytes;
      });
      const bytes = Buffer.concat([Buffer.alloc(4), ...chunks]);
      writeHeader(bytes, chunks.length, RTCP_SOURCE_DESCRIPTION);
      return bytes;
    }
    case 'bye': {
      const bytes = Buffer.alloc(4 + packet.ssrcs.length * 4);
      writeHeader(bytes, packet.ssrcs.length, RTCP_BYE);
      packet.ssrcs.forEach((ssrc, index) => {
        bytes.writeUInt32BE(ssrc >>> 0, 4 + index * 4);
      });
      return bytes;
    }
    case 'other': {
      const bytes = Buffer.from(packet.bytes);
      writeHeader(bytes, packet.count, packet.packetType);
      return bytes;
    }
  }
}

/** Builds one compound datagram. Throws a RangeError when a packet has more than 31 blocks. */
export function buildRtcp(packets: readonly RtcpPacket[]): Buffer {
  for (const packet of packets) {
    const count =
      packet.type === 'bye'
        ? packet.ssrcs.length
        : packet.type === 'source-description'
          ? packet.chunks.length
          : packet.type === 'other'
            ? packet.count
            : packet.reports.length;
    if (count > 31) throw new RangeError('An RTCP packet holds at most 31 blocks');
  }
  return Buffer.concat(packets.map(buildOne));
}
