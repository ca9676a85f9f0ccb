import type { LiveClient } from '@liaison/core/web';
import { listIceServers } from '../contract/index.ts';

/** Asked again when this much of their time is over. */
const share = 0.5;

/**
 * The TURN servers for this page's rounds: asked when one is needed, kept while fresh. Resolves to none when the server does
 * not answer: the round is then tried without.
 */
export function createIceServers(
  live: Pick<LiveClient, 'command'>,
  now: () => number = Date.now,
): () => Promise<RTCIceServer[]> {
  let kept: { servers: Promise<RTCIceServer[]>; untilMs: number } | undefined;
  return () => {
    if (kept && now() < kept.untilMs) return kept.servers;
    const asked = live.command(listIceServers, {}).then(
      ({ iceServers, validSeconds }) => {
        mine.untilMs = now() + validSeconds * 1000 * share;
        return iceServers;
      },
      (): RTCIceServer[] => {
        mine.untilMs = 0;
        return [];
      },
    );
    const mine = { servers: asked, untilMs: Number.POSITIVE_INFINITY };
    kept = mine;
    return asked;
  };
}
