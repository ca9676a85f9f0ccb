import type { Leg, LegEvents } from '../leg.ts';
import type { Relay, ServiceProgram } from '../media/media.ts';

/** An endpoint of ours with nobody behind it: it answers at once, and its sound is made in the relay. */
export interface ServiceLeg extends Leg {
  readonly kind: 'service';
  /** Begins to sound to whom it is connected to in the relay; resolves when its tones were played. */
  attach(relay: Relay): Promise<void>;
}

export function createServiceLeg(options: {
  id: string;
  program: ServiceProgram;
  /** Hangs up when the tones were played; otherwise it stays until the caller hangs up. */
  hangsUp: boolean;
  events: LegEvents;
}): ServiceLeg {
  const { id, program, hangsUp } = options;
  let { events } = options;
  let state: Leg['state'] = 'idle';
  const leg: ServiceLeg = {
    id,
    kind: 'service',
    personId: null,
    get state() {
      return state;
    },
    async ring() {
      state = 'answered';
      events.answered(leg);
    },
    stop() {
      state = 'ended';
    },
    end() {
      state = 'ended';
    },
    follow(next) {
      events = next;
    },
    async attach(relay) {
      try {
        await relay.serve(id, program);
      } finally {
        // What was asked for is done, whether or not its tones were heard.
        if (hangsUp && state === 'answered') events.hungUp(leg);
      }
    },
  };
  return leg;
}
