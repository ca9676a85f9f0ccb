import { afterEach, beforeEach, expect } from 'vitest';
import {
  createManualClock,
  type InviteSession,
  type InviteSessionEvents,
  type ManualClock,
  parseSipUri,
  type UserAgent,
} from '../src/index.ts';
import { type RawPeer, startRawPeer } from './raw-peer.ts';
import { address, exampleSdp, startPhone } from './registrar-fixture.ts';

/**
 * One agent whose clock is turned by hand, and one peer on a real socket that says only what a test tells it to. Anew for
 * each test of the file that calls this; after each the agent must have left no timer.
 */
export interface SessionStage {
  readonly clock: ManualClock;
  readonly agent: UserAgent;
  readonly peer: RawPeer;
  /** What was told, in order, by whatever `listen` was given. */
  readonly events: string[];
  /** Their calls come here; refused with 480 until a test says otherwise. */
  incoming: (session: InviteSession) => void;
  /** Writes down what happens to a session. */
  listen(session: InviteSession): InviteSession;
  /** Our call to the peer; `offer: null` is one without. */
  call(extra?: { reliable?: 'none' | 'supported' | 'required'; offer?: string | null }): InviteSession;
}

export function useSessionStage(
  eventsOf: (tell: (what: string) => void) => InviteSessionEvents,
): SessionStage {
  let clock: ManualClock;
  let agent: UserAgent;
  let peer: RawPeer;
  let events: string[];

  beforeEach(async () => {
    clock = createManualClock();
    stage.incoming = (session) => session.reject(480);
    const started = await startPhone((session) => stage.incoming(session), { clock });
    agent = started.agent;
    peer = await startRawPeer(started.port);
    events = [];
  });
  afterEach(async () => {
    await agent.stop();
    await peer.close();
    expect(clock.pending).toBe(0);
  });

  const stage: SessionStage = {
    get clock() {
      return clock;
    },
    get agent() {
      return agent;
    },
    get peer() {
      return peer;
    },
    get events() {
      return events;
    },
    incoming: (session) => session.reject(480),
    listen(session) {
      session.on = eventsOf((what) => void events.push(what));
      return session;
    },
    call({ offer = exampleSdp(), ...rest } = {}) {
      return stage.listen(
        agent.invite({
          target: parseSipUri(`sip:peer@127.0.0.1:${peer.port}`),
          from: address('tomás'),
          to: address('marta'),
          ...(offer !== null && { offer }),
          ...rest,
        }),
      );
    },
  };
  return stage;
}
