import type { Log } from '@liaison/core/log';
import type { Leg } from './leg.ts';
import type { Relay, ToneStep } from './media/media.ts';
import type { SipLeg } from './sip-leg.ts';

/** What a telephone hears that talks already and waits until somebody else is there. Pages sound by themselves. */
export interface RingBack {
  /** Until `stop`, or until it is connected to somebody. */
  start(leg: Leg): void;
  stop(): void;
  leg(): Leg | undefined;
}

/** ITU-T E.180 §3.2 and its supplement 2: what most of Europe hears. */
const ringing: readonly ToneStep[] = [
  { hz: [425], ms: 1000 },
  { hz: [], ms: 4000 },
];

export function createRingBack(options: {
  relay(): Promise<Relay>;
  log: Pick<Log, 'info'>;
  callId: string;
}): RingBack {
  let waiting: { readonly leg: SipLeg; readonly end: string } | undefined;

  async function sound(mine: NonNullable<typeof waiting>): Promise<void> {
    const { leg, end } = mine;
    const through = await options.relay();
    if (waiting !== mine) return;
    // Who comes from another call is invited anew; who talked here before hears nothing of it.
    await leg.connect(through);
    if (waiting !== mine) return;
    await through.connect(leg.id, end);
    if (waiting === mine) await through.serve(end, { tones: ringing, after: 'repeat' });
  }

  return {
    leg: () => waiting?.leg,
    start(leg) {
      if (leg.kind !== 'telephone' || waiting?.leg === leg) return;
      this.stop();
      const mine = { leg: leg as SipLeg, end: `${leg.id}:ring-back` };
      waiting = mine;
      sound(mine).catch((error: unknown) => {
        // It waits in silence, which is no reason to end its call.
        if (waiting === mine)
          options.log.info({ callId: options.callId, err: error }, 'nobody hears that it rings');
      });
    },
    stop() {
      const before = waiting;
      waiting = undefined;
      if (!before) return;
      // A call that is over has closed its relay, and its ends with it.
      options
        .relay()
        .then((through) => through.removeEnd(before.end))
        .catch(() => {});
    },
  };
}
