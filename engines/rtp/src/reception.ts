import type { ReportBlock, SenderReport } from './rtcp-packet.ts';

/** RFC 3550 §A.1: packets in a row before a source counts, and how far a sequence may jump. */
const MAX_DROPOUT = 3000;
const MAX_MISORDER = 100;

export interface ReceptionStats {
  packets: number;
  bytes: number;
  lost: number;
  jitterMs: number;
}

export interface Reception {
  /** Counts one packet that arrived at `nowMs` (a monotonic clock). */
  receive(packet: { sequence: number; timestamp: number; ssrc: number }, bytes: number, nowMs: number): void;
  /** Remembers a sender report, so that the next block can answer it. */
  senderReport(report: SenderReport, nowMs: number): void;
  /** The block for the next report, `undefined` before anything arrived. Starts a new interval. */
  reportBlock(nowMs: number): ReportBlock | undefined;
  /** Timestamp units per second of what arrives from now on. */
  setClockRate(clockRate: number): void;
  stats(): ReceptionStats;
}

/**
 * Counts what one sender sends to us: received, lost (RFC 3550 §A.3), jitter (RFC 3550 §6.4.1 and §A.8).
 * A change of SSRC starts a new sequence and keeps the totals.
 */
export function createReception(initialClockRate = 8000): Reception {
  let clockRate = initialClockRate;
  let ssrc: number | undefined;
  let packets = 0;
  let bytesTotal = 0;
  let lostBefore = 0;
  // of the present source
  let base = 0;
  let highest = 0; // extended by the cycles
  let received = 0;
  let badSequence = -1;
  let expectedPrior = 0;
  let receivedPrior = 0;
  let transit: number | undefined;
  let jitter = 0;
  let lastReport: { middleNtp: number; atMs: number } | undefined;

  const expected = () => (received === 0 ? 0 : highest - base + 1);
  // Duplicates make the difference negative; a total never goes down for that.
  const lost = () => Math.max(0, expected() - received);

  function restart(sequence: number) {
    lostBefore += lost();
    base = sequence;
    highest = sequence;
    received = 0;
    badSequence = -1;
    expectedPrior = 0;
    receivedPrior = 0;
    transit = undefined;
  }

  return {
    receive(packet, bytes, nowMs) {
      packets += 1;
      bytesTotal += bytes;
      if (packet.ssrc !== ssrc) {
        restart(packet.sequence);
        ssrc = packet.ssrc;
        jitter = 0;
        lastReport = undefined;
      } else {
        const ahead = (packet.sequence - highest) & 0xffff;
        if (ahead < MAX_DROPOUT) {
          highest += ahead;
          badSequence = -1;
        } else if (ahead <= 0x10000 - MAX_MISORDER) {
          // RFC 3550 §A.1: two packets in a row after a large jump mean that the sender restarted
          if (packet.sequence !== badSequence) {
            badSequence = (packet.sequence + 1) & 0xffff;
            packets -= 1;
            bytesTotal -= bytes;
            return;
          }
          restart(packet.sequence);
        }
      }
      received += 1;
      // RFC 3550 §A.8: J += (|D| - J) / 16, in timestamp units
      const arrival = (nowMs * clockRate) / 1000;
      const now = arrival - packet.timestamp;
      if (transit !== undefined) {
        const span = 2 ** 32;
        let difference = Math.abs(now - transit) % span;
        if (difference > span / 2) difference = span - difference;
        jitter += (difference - jitter) / 16;
      }
      transit = now;
    },

    senderReport(report, nowMs) {
      // On a shared port the reports of other streams arrive too.
      if (ssrc !== undefined && report.ssrc !== ssrc) return;
      lastReport = {
        middleNtp: (((report.ntpSeconds & 0xffff) << 16) | (report.ntpFraction >>> 16)) >>> 0,
        atMs: nowMs,
      };
    },

    reportBlock(nowMs) {
      if (ssrc === undefined || received === 0) return undefined;
      const expectedInterval = expected() - expectedPrior;
      const lostInterval = expectedInterval - (received - receivedPrior);
      expectedPrior = expected();
      receivedPrior = received;
      return {
        ssrc,
        fractionLost: expectedInterval > 0 && lostInterval > 0 ? lostInterval / expectedInterval : 0,
        cumulativeLost: expected() - received,
        highestSequence: highest >>> 0,
        jitter: Math.round(jitter),
        lastSenderReport: lastReport?.middleNtp ?? 0,
        delaySinceLastSenderReport: lastReport ? Math.round(((nowMs - lastReport.atMs) * 65536) / 1000) : 0,
      };
    },

    setClockRate(rate) {
      if (rate === clockRate) return;
      clockRate = rate;
      transit = undefined;
      jitter = 0;
    },

    stats: () => ({
      packets,
      bytes: bytesTotal,
      lost: lostBefore + lost(),
      jitterMs: (jitter * 1000) / clockRate,
    }),
  };
}
