import type { Tx } from '@liaison/core/db';
import type { Reach } from '@liaison/reach';
import { type FeatureName, features, type Party } from '../../contract/index.ts';
import type { LegEvents } from '../leg.ts';
import type { ServiceProgram, ToneStep } from '../media/media.ts';
import type { CallsTables } from '../tables.ts';
import { createServiceLeg, type ServiceLeg } from './service-leg.ts';

/** Something of ours that was dialled, ready to answer. */
export interface Service {
  readonly party: Party;
  /** Who calls it is in a call, as everybody sees; a code that is over in a second makes nobody busy. */
  readonly isTalk: boolean;
  leg(id: string, events: LegEvents): ServiceLeg;
}

export interface Features {
  /** Carries out what was dialled, and gives what answers. Not for `last-caller`, which means somebody. */
  serve(feature: Exclude<FeatureName, 'last-caller'>, who: Caller): Promise<Service>;
}

interface Caller {
  readonly orgId: string;
  readonly personId: string;
}

/** Up for what is on from now, down for what is off; a moment of silence lets a telephone play the last of it. */
const up: readonly ToneStep[] = [
  { hz: [440], ms: 140 },
  { hz: [], ms: 40 },
  { hz: [660], ms: 140 },
  { hz: [], ms: 40 },
  { hz: [880], ms: 260 },
  { hz: [], ms: 240 },
];
const down: readonly ToneStep[] = [
  { hz: [880], ms: 140 },
  { hz: [], ms: 40 },
  { hz: [660], ms: 140 },
  { hz: [], ms: 40 },
  { hz: [440], ms: 260 },
  { hz: [], ms: 240 },
];
/** From now on you hear yourself. */
const ready: readonly ToneStep[] = [
  { hz: [660], ms: 120 },
  { hz: [], ms: 80 },
  { hz: [660], ms: 120 },
];
/** ITU-T O.22 measures with 1004 to 1020 Hz: off the sampling rate, so that no codec meets the same samples again. */
const steady: readonly ToneStep[] = [{ hz: [1020], ms: 5000 }];

const confirmation = (tones: readonly ToneStep[]): ServiceProgram => ({ tones, after: 'silence' });

/** What a person said of herself by hand, as reach keeps it for her pages too. */
const byHand = 'by-hand';

export function createFeatures({ reach }: { reach: Pick<Reach, 'claim' | 'release' | 'holds'> }): Features {
  async function say({ orgId, personId }: Caller, kind: 'dnd' | 'away' | 'free'): Promise<void> {
    const claim = { orgId, personId, ref: byHand };
    // The new one first: in between she must not seem free.
    if (kind !== 'free') await reach.claim({ ...claim, kind, until: null, lasting: true });
    for (const other of ['dnd', 'away'] as const) {
      if (other !== kind) await reach.release({ ...claim, kind: other });
    }
  }

  /** Carries it out; true when something is on from now, false when it is off. */
  async function change(
    feature: Exclude<FeatureName, 'last-caller' | 'echo' | 'tone'>,
    who: Caller,
  ): Promise<boolean> {
    switch (feature) {
      case 'dnd-on':
        await say(who, 'dnd');
        return true;
      case 'dnd-off':
      case 'available':
        await say(who, 'free');
        return feature === 'available';
      case 'away':
        await say(who, 'away');
        return false;
      case 'dnd-toggle': {
        // What she said, and not her state: a call or meeting hides that she wanted quiet.
        const isOn = await reach.holds({ ...who, kind: 'dnd', ref: byHand });
        await say(who, isOn ? 'free' : 'dnd');
        return !isOn;
      }
    }
  }

  async function answerOf(
    feature: Exclude<FeatureName, 'last-caller'>,
    who: Caller,
  ): Promise<{ program: ServiceProgram; hangsUp: boolean }> {
    if (feature === 'echo') return { program: { tones: ready, after: 'echo' }, hangsUp: false };
    if (feature === 'tone') return { program: { tones: steady, after: 'repeat' }, hangsUp: false };
    const isOn = await change(feature, who);
    return { program: confirmation(isOn ? up : down), hangsUp: true };
  }

  return {
    async serve(feature, who) {
      const { program, hangsUp } = await answerOf(feature, who);
      const code = features.find(({ name }) => name === feature)!.code;
      return {
        // Screens know codes by name, each in its language.
        party: { personId: null, name: code, address: null, extension: null },
        isTalk: !hangsUp,
        leg: (id, events) => createServiceLeg({ id, program, hangsUp, events }),
      };
    },
  };
}

/** Who called this person last, whether or not she answered. */
export async function lastCallerOf(tx: Tx, personId: string): Promise<string | null> {
  const row = await tx
    .as<CallsTables>()
    .selectFrom('calls.call')
    .select('caller_person_id')
    .where('callee_person_id', '=', personId)
    .where('caller_person_id', 'is not', null)
    .orderBy('started_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.caller_person_id ?? null;
}
