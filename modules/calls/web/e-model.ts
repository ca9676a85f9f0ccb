/*
 * How a stream sounds, as the server reckons it for the history (engines/rtp, quality.ts): the E-model of ITU-T G.107 with
 * everything at its default but delay and loss, and its rating as a mean opinion score. Here for Opus, which pages speak.
 */

/** G.107 Table 2 with all defaults. */
const bestRating = 93.2;
/** Packet, look-ahead and playout. */
const terminalDelayMs = 40;
/** Of Opus against loss; G.113 has none, listening tests suggest it. */
const robustness = 20;

/** Mean opinion score, 1 (bad) to 4.5. `loss` 0 to 1; a jitter buffer is taken to wait twice the jitter. */
export function mosOf({
  loss,
  jitterMs,
  roundTripMs,
}: {
  loss: number;
  jitterMs: number;
  roundTripMs: number;
}): number {
  const delayMs = roundTripMs / 2 + terminalDelayMs + 2 * jitterMs;
  const percent = 100 * Math.min(1, Math.max(0, loss));
  // G.107 §7.4 (Id), by its usual approximation, and §7.5 (Ie-eff).
  const byDelay = 0.024 * delayMs + Math.max(0, 0.11 * (delayMs - 177.3));
  const byLoss = (95 * percent) / (percent + robustness);
  const rating = Math.min(100, Math.max(0, bestRating - byDelay - byLoss));
  // §B.4
  return rating <= 0 ? 1 : Math.max(1, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6);
}
