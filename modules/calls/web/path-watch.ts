/**
 * Notices that this page is reached at another place than before, though its connection stands: its network gave it another
 * address. Its own checks tell (the mapped address changes, so the selected pair has another local candidate), but a relay
 * that has chosen the old address goes on sending there until that one times out, a quarter of a minute later.
 */
export function watchPath(
  peer: Pick<RTCPeerConnection, 'getStats'>,
  moved: () => void,
  { everyMs = 1000, settledLooks = 3 } = {},
): () => void {
  let known: string | undefined;
  /** A new connection tries several ways: the first that lasts counts. */
  let looks = 0;
  let stopped = false;
  const timer = setInterval(() => {
    peer.getStats().then(
      (stats) => {
        const now = selectedLocalCandidate(stats);
        if (stopped || now === undefined) return;
        if (now === known) {
          looks += 1;
          return;
        }
        const wasSettled = looks >= settledLooks;
        known = now;
        looks = 1;
        if (wasSettled) moved();
      },
      () => {},
    );
  }, everyMs);
  return () => {
    stopped = true;
    clearInterval(timer);
  };
}

function selectedLocalCandidate(stats: RTCStatsReport): string | undefined {
  let pairId: string | undefined;
  stats.forEach((entry) => {
    if (entry.type === 'transport') pairId ??= entry.selectedCandidatePairId;
  });
  const candidateId = pairId === undefined ? undefined : stats.get(pairId)?.localCandidateId;
  return typeof candidateId === 'string' ? candidateId : undefined;
}
