import type { LiveClient } from '@liaison/core/web';
import { describeMedia, reportMedia } from '../contract/index.ts';
import type { CallSound, Levels, MediaRound, SoundOptions, SoundState } from './call-sound.ts';
import { stopStream } from './microphone.ts';
import type { SoundQuality } from './sound-quality.ts';
import type { TabMemory } from './tab-memory.ts';

/** How the call that is talked in sounds here. */
export interface ActiveSound {
  readonly sound: SoundState;
  /** Since when it is interrupted, in milliseconds of the clock. */
  readonly interruptedAt: number | null;
  readonly muted: boolean;
  readonly microphoneDead: boolean;
  /** How it arrives at each end; null before that is known. */
  readonly quality: SoundQuality | null;
  /** What this page shows; null while the camera is off. */
  readonly myPicture: MediaStream | null;
  readonly theirPicture: MediaStream | null;
  /** The other side would take a picture. */
  readonly pictureAgreed: boolean;
}

/** The sounds of the calls on this page: one is talked in, the others are silent whatever the server says of them. */
export interface CarriedSounds {
  /** The call that is talked in. */
  readonly active: string | null;
  readonly ids: readonly string[];
  readonly state: ActiveSound;
  readonly levels: Levels;
  has(callId: string): boolean;
  /** Makes the sound of a call and talks in it; the microphone is stopped with it. */
  begin(callId: string, microphone: MediaStream): void;
  end(callId: string): void;
  activate(callId: string): void;
  /** The sound goes on in another call. */
  rename(callId: string, to: string): void;
  /** Somebody else comes into this call: what was heard until now is over. */
  rest(callId: string): void;
  /** After something changed that `isOnHold` answers from. */
  applySilence(): void;
  opened(round: MediaRound): void;
  answered(callId: string, round: number, sdp: string): void;
  setMuted(muted: boolean): void;
  /** Shows this in the call that is talked in, or nothing; what was shown before is stopped. */
  show(camera: MediaStream | null): void;
  pressKey(key: string): boolean;
  /** Each sound gets its own stream, until none is given. */
  changeMicrophone(open: () => Promise<MediaStream | null>): Promise<void>;
  close(): void;
}

export type CreateSound = (
  options: Pick<SoundOptions, 'microphone' | 'describe' | 'report' | 'changed'>,
) => CallSound;

interface Carried {
  callId: string;
  readonly sound: CallSound;
  muted: boolean;
  interruptedAt: number | null;
}

const none: ActiveSound = {
  sound: 'waiting',
  interruptedAt: null,
  muted: false,
  microphoneDead: false,
  quality: null,
  myPicture: null,
  theirPicture: null,
  pictureAgreed: false,
};

export function createCarriedSounds(options: {
  live: Pick<LiveClient, 'command'>;
  createSound: CreateSound;
  memory: Pick<TabMemory, 'keep' | 'forget'>;
  now: () => number;
  isOnHold: (callId: string) => boolean;
  changed: () => void;
}): CarriedSounds {
  const { live, createSound, memory, now, isOnHold, changed } = options;
  const carried = new Map<string, Carried>();
  let active: string | null = null;
  /** What arrived for a call before its sound was made. */
  let early: MediaRound | null = null;

  const talked = (): Carried | undefined => (active === null ? undefined : carried.get(active));

  function applySilence(): void {
    for (const [callId, { sound, muted }] of carried) {
      const silent = callId !== active || isOnHold(callId);
      sound.silence({ microphone: muted || silent, speaker: silent });
      // Who is on hold is neither seen nor looked at; the camera is switched on again by hand.
      if (silent) sound.pictures?.show(null);
    }
  }

  return {
    get active() {
      return active;
    },
    get ids() {
      return [...carried.keys()];
    },
    get state() {
      const it = talked();
      if (!it) return none;
      const { sound, interruptedAt, muted } = it;
      const { microphoneDead, quality, pictures } = sound;
      return {
        sound: sound.state,
        interruptedAt,
        muted,
        microphoneDead,
        quality,
        myPicture: pictures?.mine ?? null,
        theirPicture: pictures?.theirs ?? null,
        pictureAgreed: pictures?.agreed ?? false,
      };
    },
    get levels() {
      return talked()?.sound.levels ?? { mine: 0, theirs: 0 };
    },
    has: (callId) => carried.has(callId),
    begin(callId, microphone) {
      carried.get(callId)?.sound.close();
      const sound = createSound({
        microphone,
        describe: (round, sdp) => live.command(describeMedia, { callId: mine.callId, round, sdp }),
        report: (round, how) => {
          // Not told while there is no connection: the welcome takes the call again, which opens a new round.
          live.command(reportMedia, { callId: mine.callId, round, state: how }).catch(() => {});
        },
        changed: () => {
          mine.interruptedAt = sound.state === 'interrupted' ? (mine.interruptedAt ?? now()) : null;
          changed();
        },
      });
      const mine: Carried = { callId, sound, muted: false, interruptedAt: null };
      carried.set(callId, mine);
      active = callId;
      memory.keep(callId);
      applySilence();
      if (early?.callId === callId) sound.begin(early);
      early = null;
    },
    end(callId) {
      const mine = carried.get(callId);
      if (!mine) return;
      mine.sound.close();
      carried.delete(callId);
      // The other one stays on hold until its person resumes it.
      if (active === callId) active = [...carried.keys()].at(-1) ?? null;
      memory.forget(callId);
      applySilence();
    },
    rename(callId, to) {
      const mine = carried.get(callId);
      if (!mine || carried.has(to)) return;
      carried.delete(callId);
      mine.callId = to;
      mine.sound.rest();
      mine.interruptedAt = null;
      carried.set(to, mine);
      if (active === callId) active = to;
      memory.forget(callId);
      memory.keep(to);
      if (early?.callId === to) mine.sound.begin(early);
      early = null;
      applySilence();
    },
    rest(callId) {
      const mine = carried.get(callId);
      mine?.sound.rest();
      if (mine) mine.interruptedAt = null;
    },
    activate(callId) {
      if (carried.has(callId)) active = callId;
      applySilence();
    },
    applySilence,
    opened(round) {
      const mine = carried.get(round.callId);
      if (mine) mine.sound.begin(round);
      else early = round;
    },
    answered(callId, round, sdp) {
      carried.get(callId)?.sound.answered(round, sdp);
    },
    setMuted(muted) {
      const mine = talked();
      if (mine) mine.muted = muted;
      applySilence();
    },
    show(camera) {
      const pictures = talked()?.sound.pictures;
      if (pictures) pictures.show(camera);
      else if (camera) stopStream(camera);
    },
    pressKey: (key) => talked()?.sound.pressKey(key) ?? false,
    async changeMicrophone(open) {
      for (const mine of [...carried.values()]) {
        const microphone = await open();
        if (!microphone) break;
        // It may have ended while the microphone was asked for.
        if ([...carried.values()].includes(mine)) await mine.sound.changeMicrophone(microphone);
        else stopStream(microphone);
      }
      applySilence();
    },
    close() {
      // Not forgotten: a reload passes here too, and comes back to them.
      for (const { sound } of carried.values()) sound.close();
      carried.clear();
      active = null;
    },
  };
}
