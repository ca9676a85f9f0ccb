import type { ClaimKind, Reachability, ReachState } from '../contract/index.ts';

export interface HeldClaim {
  readonly kind: ClaimKind;
  readonly idle: boolean;
  readonly since: Date;
  readonly until: Date | null;
}

const busy = ['ringing', 'call', 'meeting', 'dnd', 'away'] as const;

/**
 * One state from all claims that hold now: ringing, call, meeting, dnd, away, then free where there is a page in use or
 * a telephone, away where all pages are idle, offline where there is nothing to reach.
 *
 * Do-not-disturb shows also for somebody with no device: it is what a caller must know.
 */
export function computeState(personId: string, claims: readonly HeldClaim[]): Reachability {
  const telephone = claims.some((claim) => claim.kind === 'telephone');
  const page = claims.some((claim) => claim.kind === 'connection');
  const answer = (state: ReachState, from: readonly HeldClaim[]): Reachability => ({
    personId,
    state,
    until: latest(from.map((claim) => claim.until)),
    since:
      from.length === 0
        ? null
        : new Date(Math.min(...from.map((claim) => claim.since.getTime()))).toISOString(),
    telephone,
    page,
  });
  for (const kind of busy) {
    const held = claims.filter((claim) => claim.kind === kind);
    if (held.length > 0) return answer(kind, held);
  }
  const inUse = claims.filter(
    (claim) => claim.kind === 'telephone' || (claim.kind === 'connection' && !claim.idle),
  );
  // A registration's own end says nothing about the person, so no end is shown for free.
  if (inUse.length > 0) return { ...answer('free', inUse), until: null };
  const idle = claims.filter((claim) => claim.kind === 'connection');
  if (idle.length > 0) return { ...answer('away', idle), until: null };
  return answer('offline', []);
}

/** The latest end, or null as soon as one has none. */
function latest(ends: readonly (Date | null)[]): string | null {
  if (ends.length === 0 || ends.includes(null)) return null;
  return new Date(Math.max(...ends.map((end) => end!.getTime()))).toISOString();
}
