import type { Reception } from './reception.ts';
import { buildRtcp, parseRtcp, type ReportBlock, type RtcpPacket } from './rtcp-packet.ts';

/** Seconds from 1900 (NTP) to 1970 (RFC 3550 §4). */
const NTP_EPOCH_OFFSET_S = 2_208_988_800;
/** RFC 3550 §6.2: five seconds at least between reports, in the mean. */
const REPORT_INTERVAL_MS = 5000;

export interface RemoteView {
  lost: number;
  jitterMs: number;
  roundTripMs?: number;
}

export interface RtcpSession {
  /** One packet of ours left. */
  sent(timestamp: number, payloadBytes: number, clockRate: number, nowMs: number): void;
  /** A datagram from the other side; false when it was malformed. */
  receive(datagram: Buffer, nowMs: number): boolean;
  /** The next compound report of ours: SR when we sent since the last, else RR, with our CNAME (RFC 3550 §6.1). */
  report(nowMs: number): Buffer;
  /** Says goodbye (RFC 3550 §6.6). */
  bye(nowMs: number): Buffer;
  /** Until the next report, randomised (RFC 3550 §6.3.1); asked once for each. */
  nextDelayMs(): number;
  /** What the other side says about what we sent. */
  remote(): RemoteView | undefined;
  totals(): { packets: number; bytes: number };
}

/** RTCP of one SSRC of ours towards one other side. Holds no timer and no socket. */
export function createRtcpSession(options: {
  ssrc: number;
  cname: string;
  reception: Reception;
  random?: () => number;
  /** Unix time in milliseconds; for tests. */
  wallClock?: () => number;
}): RtcpSession {
  const { ssrc, cname, reception, random = Math.random, wallClock = Date.now } = options;
  let packets = 0;
  let octets = 0;
  const last = { timestamp: 0, clockRate: 8000, atMs: 0 };
  let sentSinceReport = false;
  let isFirst = true;
  let block: ReportBlock | undefined;
  let roundTripMs: number | undefined;

  const ntp = (wallMs: number) => {
    const seconds = Math.floor(wallMs / 1000);
    return {
      ntpSeconds: (seconds + NTP_EPOCH_OFFSET_S) >>> 0,
      ntpFraction: Math.floor(((wallMs - seconds * 1000) / 1000) * 2 ** 32) >>> 0,
    };
  };
  const middle = (time: { ntpSeconds: number; ntpFraction: number }) =>
    (((time.ntpSeconds & 0xffff) << 16) | (time.ntpFraction >>> 16)) >>> 0;

  function take(reports: readonly ReportBlock[]) {
    for (const report of reports) {
      if (report.ssrc !== ssrc) continue;
      block = report;
      if (report.lastSenderReport === 0) continue;
      // RFC 3550 §6.4.1: round trip = arrival - LSR - DLSR, in 1/65536 s, modulo 2^32
      const trip =
        (middle(ntp(wallClock())) - report.lastSenderReport - report.delaySinceLastSenderReport) | 0;
      if (trip >= 0) roundTripMs = (trip * 1000) / 65536;
    }
  }

  function compound(nowMs: number): RtcpPacket[] {
    const own = reception.reportBlock(nowMs);
    const reports = own ? [own] : [];
    const description: RtcpPacket = { type: 'source-description', chunks: [{ ssrc, cname }] };
    if (!sentSinceReport) return [{ type: 'receiver-report', ssrc, reports }, description];
    sentSinceReport = false;
    // RFC 3550 §6.4.1: the RTP timestamp belongs to the same instant as the NTP time
    const ahead = Math.round(((nowMs - last.atMs) * last.clockRate) / 1000);
    return [
      {
        type: 'sender-report',
        ssrc,
        ...ntp(wallClock()),
        rtpTimestamp: (last.timestamp + ahead) >>> 0,
        packets,
        octets,
        reports,
      },
      description,
    ];
  }

  return {
    sent(timestamp, payloadBytes, clockRate, nowMs) {
      packets += 1;
      octets += payloadBytes;
      sentSinceReport = true;
      last.timestamp = timestamp;
      last.clockRate = clockRate;
      last.atMs = nowMs;
    },
    receive(datagram, nowMs) {
      const parsed = parseRtcp(datagram);
      if (!parsed) return false;
      for (const packet of parsed) {
        if (packet.type === 'sender-report') reception.senderReport(packet, nowMs);
        if (packet.type === 'sender-report' || packet.type === 'receiver-report') take(packet.reports);
      }
      return true;
    },
    report: (nowMs) => buildRtcp(compound(nowMs)),
    bye: (nowMs) => buildRtcp([...compound(nowMs), { type: 'bye', ssrcs: [ssrc] }]),
    nextDelayMs() {
      // RFC 3550 §6.2: the first after half of it, so that others soon know who is there.
      const interval = isFirst ? REPORT_INTERVAL_MS / 2 : REPORT_INTERVAL_MS;
      isFirst = false;
      return interval * (0.5 + random());
    },
    remote() {
      if (!block) return undefined;
      const view: RemoteView = {
        lost: Math.max(0, block.cumulativeLost),
        jitterMs: (block.jitter * 1000) / last.clockRate,
      };
      if (roundTripMs !== undefined) view.roundTripMs = roundTripMs;
      return view;
    },
    totals: () => ({ packets, bytes: octets }),
  };
}
