/**
 * Notices that this page is reached at another place than before, though its connection stands: its network gave it another
 * address. Its own checks tell (the mapped address changes, so the selected pair has another local candidate), but a relay
 * that has chosen the old address goes on sending there until that one times out, a quarter of a minute later.
 */
export function watchPath(
  peer: Pick<RTCPeerConnection, 'getStats'>,
  moved: () => void,
  { everyMs = 500, settledLooks = 6, mappedLooks = 2 } = {},
): () => void {
  let known: Place | undefined;
  /** A new connection tries several ways: the first that lasts counts. */
  let looks = 0;
  let stopped = false;
  const timer = setInterval(() => {
    peer.getStats().then(
      (stats) => {
        const now = selectedPlace(stats);
        if (stopped || now === undefined) return;
        if (now.local === known?.local) {
          looks += 1;
          return;
        }
        // Two mapped addresses towards one and the same place are two places of this page, not two ways that were tried.
        const isMapped = known?.isMapped === true && now.isMapped && now.remote === known.remote;
        const wasSettled = looks >= (isMapped ? mappedLooks : settledLooks);
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

/** Where this page is reached, and by whom. */
interface Place {
  readonly local: string;
  readonly remote: unknown;
  /** The other side told it this address, so a NAT stands between. */
  readonly isMapped: boolean;
}

function selectedPlace(stats: RTCStatsReport): Place | undefined {
  let pairId: string | undefined;
  stats.forEach((entry) => {
    if (entry.type === 'transport') pairId ??= entry.selectedCandidatePairId;
  });
  const pair = pairId === undefined ? undefined : stats.get(pairId);
  const local = pair?.localCandidateId;
  if (typeof local !== 'string') return undefined;
  return {
    local,
    remote: pair.remoteCandidateId,
    isMapped: stats.get(local)?.candidateType === 'prflx',
  };
}
