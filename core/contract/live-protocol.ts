/**
 * The live socket's messages, as JSON text, version 1. A page opens one socket at `/api/v1/live`.
 *
 * 1. The page says `hello` with the position (last `seq`) it holds of each space it already knows.
 * 2. The server answers `welcome` with the current positions of all spaces of this person, then replays what the page
 *    missed as `event`s in order, or says `resync` for a space where it cannot.
 * 3. Events follow as they are committed: per space each `seq` once, in order, without a gap.
 * 4. Signals (typing, reachability, ringing) are pushed and never replayed.
 * 5. Commands are answered by `reply` with the same `id`.
 */
export const liveVersion = 1;

export type FromPage =
  | { t: 'hello'; v: number; build?: string; positions: Record<string, number>; focused?: boolean }
  | { t: 'command'; id: number; name: string; params: unknown }
  | { t: 'ping' };

export type FromServer =
  | {
      t: 'welcome';
      v: number;
      build: string;
      connectionId: string;
      personId: string;
      positions: Record<string, number>;
    }
  | {
      t: 'event';
      space: string;
      seq: number;
      name: string;
      at: string;
      /** What the module's presenter made of it for readers, or the payload itself where there is none. */
      data: unknown;
    }
  | { t: 'resync'; space: string; seq: number }
  | { t: 'joined'; space: string; seq: number }
  | { t: 'left'; space: string }
  | { t: 'signal'; name: string; data: unknown }
  | { t: 'reply'; id: number; result?: unknown; error?: { code: string; title: string; status: number } }
  | { t: 'pong' };

/** Close codes of our own (RFC 6455 §7.4.2 gives 4000-4999 to applications). */
export const liveClose = {
  /** The session was revoked or ended: sign in again. */
  signedOut: 4001,
  /** The page is older than the server can talk to: reload it. */
  reload: 4002,
  /** The page does not read fast enough, or sent what it should not. It may come back and resume. */
  tooSlow: 4008,
  badMessage: 4009,
  tooMany: 4010,
} as const;
