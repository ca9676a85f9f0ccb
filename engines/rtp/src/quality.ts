/**
 * How a stream sounded, from what RTP and RTCP tell: the E-model of ITU-T G.107, reduced to what a network changes (delay and
 * loss, everything else at its default), and its rating as a mean opinion score from 1 to 4.5 (G.107 Annex B).
 */

export interface StreamQuality {
  /** Packets that did not arrive, 0 to 1. */
  loss: number;
  jitterMs: number;
  /** Mean opinion score, 1 (bad) to 4.5. An estimate: nobody listened. */
  mos: number;
}

/** R without any impairment by the network (G.107 Table 2 gives 93.2 with all defaults). */
const BEST_RATING = 93.2;
/** Packet, look-ahead and playout of a usual telephone. */
const TERMINAL_DELAY_MS = 40;

/**
 * Equipment impairment and robustness against loss (Ie and Bpl of G.113 Appendix I; G.711 with concealment). The
 * recommendation has none for wide-band codecs on this scale: G.722 and Opus have what listening tests suggest, so their
 * scores compare calls of the same codec, not codecs.
 */
const CODECS: Readonly<Record<string, { impairment: number; robustness: number }>> = {
  PCMU: { impairment: 0, robustness: 25.1 },
  PCMA: { impairment: 0, robustness: 25.1 },
  G722: { impairment: 0, robustness: 13 },
  opus: { impairment: 0, robustness: 20 },
};
const OTHER_CODEC = { impairment: 5, robustness: 10 };

/** `loss` 0 to 1; `delayMs` from mouth to ear. */
export function ratingOf(codec: string, loss: number, delayMs: number): number {
  const { impairment, robustness } = CODECS[codec] ?? OTHER_CODEC;
  const percent = 100 * Math.min(1, Math.max(0, loss));
  // G.107 §7.4 (Id) by its usual approximation: gentle up to 177 ms, steep beyond
  const byDelay = 0.024 * delayMs + (delayMs > 177.3 ? 0.11 * (delayMs - 177.3) : 0);
  // G.107 §7.5 (Ie-eff), losses at random
  const byLoss = impairment + ((95 - impairment) * percent) / (percent + robustness);
  return Math.min(100, Math.max(0, BEST_RATING - byDelay - byLoss));
}

/** G.107 §B.4. */
export function mosOf(rating: number): number {
  if (rating <= 0) return 1;
  return Math.max(1, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6);
}

/** One direction of one leg. A jitter buffer is taken to wait twice the jitter. */
export function qualityOf(stream: {
  codec: string;
  packets: number;
  lost: number;
  jitterMs: number;
  roundTripMs?: number | undefined;
}): StreamQuality {
  const { codec, packets, lost, jitterMs, roundTripMs = 0 } = stream;
  const sent = packets + lost;
  const loss = sent > 0 ? Math.min(1, lost / sent) : 0;
  const delayMs = roundTripMs / 2 + TERMINAL_DELAY_MS + 2 * jitterMs;
  return { loss, jitterMs, mos: mosOf(ratingOf(codec, loss, delayMs)) };
}
