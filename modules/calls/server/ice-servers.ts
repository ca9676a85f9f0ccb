import { createHmac } from 'node:crypto';
import type { Settings } from '@liaison/core/config';
import type { Core } from '@liaison/core/floor';
import { type IceServer, listIceServers } from '../contract/index.ts';

/** Long enough to open a round and to allocate; a running allocation is refreshed with what it began with. */
const lifetimeSeconds = 600;

/**
 * Credentials that expire, made from a secret shared with the TURN server (its `use-auth-secret`): the name says until when
 * and for whom, the password is its HMAC-SHA1. Nothing is stored or logged, and the secret never leaves this process. The
 * name holds the person's id, so that the TURN server's log says who used it without naming anybody.
 *
 * The scheme is that of draft-uberti-behave-turn-rest-00, as coturn reads it.
 */
export function iceServersOf(
  { turnUrls, turnSecret }: Pick<Settings, 'turnUrls' | 'turnSecret'>,
  personId: string,
  nowMs: number,
): IceServer[] {
  if (turnUrls === undefined || turnSecret === undefined) return [];
  const username = `${Math.floor(nowMs / 1000) + lifetimeSeconds}:${personId}`;
  const credential = createHmac('sha1', turnSecret).update(username).digest('base64');
  return [{ urls: turnUrls, username, credential }];
}

/** Pages ask when they are to reach the relay, so that what they hold is always fresh. */
export function serveIceServers({ live, settings }: Pick<Core, 'live' | 'settings'>): void {
  live.command(listIceServers, async ({ actor }) => ({
    iceServers: iceServersOf(settings, actor.personId, Date.now()),
    validSeconds: lifetimeSeconds,
  }));
}
