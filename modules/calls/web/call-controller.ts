import { codeOf, type LiveClient } from '@liaison/core/web';
import {
  answerCall,
  type CallView,
  callChanged,
  declineCall,
  describeMedia,
  hangUpCall,
  holdCall,
  listMyCalls,
  mediaAnswer,
  mediaRound,
  reportMedia,
  startCall,
  takeCall,
} from '../contract/index.ts';
import type { CallSound, MediaRound, SoundOptions, SoundState } from './call-sound.ts';
import { MicrophoneRefused, type MicrophoneTrouble } from './microphone.ts';
import type { TabMemory } from './tab-memory.ts';

/** What a call came to, shown for some seconds. */
export type EndedNote =
  | { readonly kind: 'ended'; readonly call: CallView }
  /** It could not even begin, or not be answered; `error` says why. */
  | { readonly kind: 'refused'; readonly to: string; readonly name: string; readonly error: unknown };

export interface CallsState {
  /** Calls of this person that run or ring anywhere, oldest first. */
  readonly calls: readonly CallView[];
  /** The call whose sound is on this page, or is being brought here. */
  readonly here: CallView | null;
  /** Asked for, and not yet known to the server. */
  readonly dialling: { readonly to: string; readonly name: string } | null;
  readonly sound: SoundState;
  /** Since when the sound is interrupted, or the call on hold by me, in milliseconds of the clock. */
  readonly interruptedAt: number | null;
  readonly heldAt: number | null;
  readonly muted: boolean;
  /** A ringing call that makes no noise here any more. */
  readonly silenced: string | null;
  readonly note: EndedNote | null;
  /** No microphone, and what was wanted with it. */
  readonly refusal: { readonly trouble: MicrophoneTrouble; readonly retry: () => void } | null;
}

export interface CallController {
  readonly state: CallsState;
  onChange(listener: () => void): () => void;
  /** Listens to the server until the returned function is called, which also ends the sound on this page. */
  start(): () => void;
  /** Rings somebody: an id, address, extension or number. `name` is shown until the server knows better. */
  call(to: string, name?: string): Promise<void>;
  answer(callId: string): Promise<void>;
  decline(callId: string): Promise<void>;
  /** Ends it; without a connection as soon as there is one. Takes back what is only being dialled. */
  hangUp(callId?: string): Promise<void>;
  hold(callId: string, held: boolean): Promise<void>;
  /** Brings the sound of a call to this page. */
  take(callId: string): Promise<void>;
  setMuted(muted: boolean): void;
  pressKey(key: string): boolean;
  /** Uses the microphone that is now chosen. */
  changeMicrophone(): Promise<void>;
  silenceRing(callId: string): void;
  dismissNote(): void;
  dismissRefusal(): void;
}

export interface ControllerParts {
  readonly live: Pick<LiveClient, 'connection' | 'on' | 'command'>;
  readonly openMicrophone: () => Promise<MediaStream>;
  readonly createSound: (
    options: Pick<SoundOptions, 'microphone' | 'describe' | 'report' | 'changed'>,
  ) => CallSound;
  readonly memory: TabMemory;
  readonly now?: () => number;
}

/** How long the line says what a call came to: with a next step, and without one. */
export const noteMs = { withStep: 9000, plain: 6000 };

const emptyState: CallsState = {
  calls: [],
  here: null,
  dialling: null,
  sound: 'waiting',
  interruptedAt: null,
  heldAt: null,
  muted: false,
  silenced: null,
  note: null,
  refusal: null,
};

/**
 * This page's telephone. It keeps what the server says of this person's calls and carries the sound of at most one.
 *
 * The server owns every call: an order here is a command, and what became of it arrives as `calls.changed`. Only the
 * sound is ours. *no sound* → call, answer or take (microphone first) → *sound* (rounds come and go) → the call ends, or
 * another page takes it → *no sound*. A lost socket leaves the sound alone: with the next welcome the call is taken again.
 */
export function createCallController(parts: ControllerParts): CallController {
  const { live, openMicrophone, createSound, memory, now = Date.now } = parts;
  const listeners = new Set<() => void>();
  const calls = new Map<string, CallView>();
  /** Ended calls are told again by answers that were under way. */
  const over = new Set<string>();
  /** Ids that this page's connections had: the server may not have noticed yet that one is gone. */
  const myConnections = new Set<string>();
  const heldAt = new Map<string, number>();
  /** Ended here while there was no connection. */
  const toHangUp = new Set<string>();
  let sounding: { callId: string; sound: CallSound } | null = null;
  /** What arrived for a call before its sound was made. */
  let early: MediaRound | null = null;
  let interruptedAt: number | null = null;
  let diallingNow: { to: string; name: string; cancelled: boolean } | null = null;
  let muted = false;
  let silenced: string | null = null;
  let note: EndedNote | null = null;
  let noteTimer: ReturnType<typeof setTimeout> | undefined;
  let refusal: CallsState['refusal'] = null;
  let state = emptyState;
  let running = false;

  function changed(): void {
    const list = [...calls.values()].sort((a, b) => a.startedAt.localeCompare(b.startedAt));
    const here = sounding ? (calls.get(sounding.callId) ?? null) : null;
    state = {
      calls: list,
      here,
      dialling: diallingNow && !diallingNow.cancelled ? { to: diallingNow.to, name: diallingNow.name } : null,
      sound: sounding?.sound.state ?? 'waiting',
      interruptedAt,
      heldAt: (here && heldAt.get(here.id)) ?? null,
      muted,
      silenced,
      note,
      refusal,
    };
    for (const listener of [...listeners]) listener();
  }

  function show(next: EndedNote | null, forMs: number = noteMs.plain): void {
    clearTimeout(noteTimer);
    note = next;
    if (next) {
      noteTimer = setTimeout(() => {
        note = null;
        changed();
      }, forMs);
    }
  }

  function applySilence(): void {
    if (!sounding) return;
    const call = calls.get(sounding.callId);
    const onHold = !!call && (call.heldByMe || call.heldByPeer);
    sounding.sound.silence({ microphone: muted || onHold, speaker: onHold });
  }

  function beginSound(callId: string, microphone: MediaStream): CallSound {
    sounding?.sound.close();
    muted = false;
    interruptedAt = null;
    const sound = createSound({
      microphone,
      describe: (round, sdp) => live.command(describeMedia, { callId, round, sdp }),
      report: (round, how) => {
        // Not told while there is no connection: the welcome takes the call again, which opens a new round.
        live.command(reportMedia, { callId, round, state: how }).catch(() => {});
      },
      changed: () => {
        interruptedAt = sound.state === 'interrupted' ? now() : null;
        changed();
      },
    });
    sounding = { callId, sound };
    memory.keep(callId);
    applySilence();
    if (early?.callId === callId) sound.begin(early);
    early = null;
    return sound;
  }

  function endSound(callId: string): void {
    if (sounding?.callId !== callId) return;
    sounding.sound.close();
    sounding = null;
    interruptedAt = null;
    muted = false;
    memory.forget(callId);
  }

  function drop(callId: string): void {
    over.add(callId);
    if (over.size > 100) for (const first of [...over].slice(0, 50)) over.delete(first);
    calls.delete(callId);
    heldAt.delete(callId);
    if (silenced === callId) silenced = null;
    endSound(callId);
  }

  function ended(call: CallView): void {
    const wasHere = sounding?.callId === call.id || myConnections.has(call.mine?.connectionId ?? '');
    drop(call.id);
    if (toHangUp.delete(call.id)) return;
    const missed = call.direction === 'incoming' && call.answeredAt === null && call.reason !== 'declined';
    const told =
      missed ||
      (wasHere &&
        call.reason !== 'cancelled' &&
        !(call.direction === 'incoming' && call.answeredAt === null));
    if (told) show({ kind: 'ended', call }, call.reason === 'completed' ? noteMs.plain : noteMs.withStep);
  }

  function update(call: CallView): void {
    if (over.has(call.id)) return;
    if (call.state === 'ended') {
      ended(call);
      return;
    }
    if (toHangUp.has(call.id)) return;
    calls.set(call.id, call);
    if (call.heldByMe && !heldAt.has(call.id)) heldAt.set(call.id, now());
    if (!call.heldByMe) heldAt.delete(call.id);
    const there = call.mine?.connectionId ?? null;
    if (sounding?.callId === call.id && there !== null && !myConnections.has(there)) endSound(call.id);
    applySilence();
  }

  /** With the microphone, or with the refusal shown and nothing done. */
  async function withMicrophone(retry: () => void): Promise<MediaStream | null> {
    try {
      const stream = await openMicrophone();
      if (running) return stream;
      for (const track of stream.getTracks()) track.stop();
    } catch (error) {
      const trouble = error instanceof MicrophoneRefused ? error.trouble : 'busy';
      refusal = { trouble, retry };
    }
    return null;
  }

  const stop = (stream: MediaStream): void => {
    for (const track of stream.getTracks()) track.stop();
  };

  /** Answer and take: the sound is there before the order is sent, because the first round may overtake the reply. */
  async function join(callId: string, order: typeof answerCall | typeof takeCall): Promise<void> {
    refusal = null;
    const call = calls.get(callId);
    if (!call || sounding?.callId === callId) return;
    const microphone = await withMicrophone(() => void join(callId, order));
    if (!microphone) return changed();
    if (!calls.has(callId)) {
      stop(microphone);
      return changed();
    }
    beginSound(callId, microphone);
    changed();
    try {
      await live.command(order, { callId });
    } catch (error) {
      endSound(callId);
      const gone = codeOf(error) === 'call-gone' || codeOf(error) === 'not-found';
      if (gone) await refresh();
      else
        show(
          { kind: 'refused', to: call.peer.personId ?? call.peer.name, name: call.peer.name, error },
          noteMs.withStep,
        );
      changed();
    }
  }

  async function retake(callId: string): Promise<void> {
    try {
      await live.command(takeCall, { callId });
    } catch (error) {
      if (codeOf(error) === 'call-gone') await refresh();
    }
  }

  async function refresh(): Promise<void> {
    let running: readonly CallView[];
    try {
      running = (await live.command(listMyCalls, {})).calls;
    } catch {
      // The next welcome asks again.
      return;
    }
    const ids = new Set(running.map((call) => call.id));
    for (const call of [...calls.values()]) {
      if (ids.has(call.id)) continue;
      // It ended while nobody could tell us how.
      if (call.state === 'connected' && sounding?.callId === call.id) {
        ended({ ...call, state: 'ended', endedAt: new Date(now()).toISOString(), reason: 'lost' });
      } else drop(call.id);
    }
    for (const call of running) update(call);
    changed();
  }

  async function welcomed(connectionId: string): Promise<void> {
    myConnections.add(connectionId);
    for (const callId of [...toHangUp]) {
      live
        .command(hangUpCall, { callId })
        .catch(() => {})
        .finally(() => toHangUp.delete(callId));
    }
    await refresh();
    for (const call of [...calls.values()]) {
      if (call.mine?.kind !== 'page' || call.mine.connectionId === connectionId) continue;
      if (sounding?.callId === call.id) await retake(call.id);
      else if (!sounding && (await memory.has(call.id))) await join(call.id, takeCall);
    }
  }

  function heard({ name, data }: { name: string; data: unknown }): void {
    switch (name) {
      case callChanged.name:
        update(data as CallView);
        changed();
        return;
      case mediaRound.name: {
        const round = data as MediaRound;
        if (sounding?.callId === round.callId) sounding.sound.begin(round);
        else early = round;
        return;
      }
      case mediaAnswer.name: {
        const { callId, round, sdp } = data as { callId: string; round: number; sdp: string };
        if (sounding?.callId === callId) sounding.sound.answered(round, sdp);
        return;
      }
    }
  }

  return {
    get state() {
      return state;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    start() {
      running = true;
      const ends = [
        live.on('signal', heard),
        live.on('welcome', ({ connectionId }) => void welcomed(connectionId)),
      ];
      if (live.connection.status === 'live') void welcomed(live.connection.connectionId);
      return () => {
        running = false;
        for (const end of ends) end();
        clearTimeout(noteTimer);
        // The call itself goes on for the server's time of grace: a reload passes here too.
        sounding?.sound.close();
        sounding = null;
        calls.clear();
        note = null;
        changed();
      };
    },
    async call(to, name = to) {
      refusal = null;
      if (diallingNow || sounding) return;
      show(null);
      const mine = { to, name, cancelled: false };
      diallingNow = mine;
      changed();
      const microphone = await withMicrophone(() => void this.call(to, name));
      if (!microphone || mine.cancelled) {
        if (microphone) stop(microphone);
        if (diallingNow === mine) diallingNow = null;
        return changed();
      }
      try {
        const { call } = await live.command(startCall, { to });
        diallingNow = null;
        if (over.has(call.id) || call.state === 'ended') {
          stop(microphone);
          update(call);
        } else {
          beginSound(call.id, microphone);
          update(call);
          if (mine.cancelled) await this.hangUp(call.id);
        }
      } catch (error) {
        stop(microphone);
        diallingNow = null;
        if (!mine.cancelled) show({ kind: 'refused', to, name, error }, noteMs.withStep);
      }
      changed();
    },
    answer: (callId) => join(callId, answerCall),
    take: (callId) => join(callId, takeCall),
    async decline(callId) {
      silenced = callId;
      changed();
      try {
        await live.command(declineCall, { callId });
      } catch (error) {
        if (codeOf(error) === 'call-gone') await refresh();
      }
    },
    async hangUp(callId) {
      if (callId === undefined) {
        if (diallingNow) diallingNow.cancelled = true;
        return changed();
      }
      toHangUp.add(callId);
      const call = calls.get(callId);
      calls.delete(callId);
      endSound(callId);
      if (call?.answeredAt) {
        show({
          kind: 'ended',
          call: {
            ...call,
            state: 'ended',
            endedAt: new Date(now()).toISOString(),
            reason: 'completed',
            endedBy: 'me',
          },
        });
      }
      changed();
      try {
        await live.command(hangUpCall, { callId });
        drop(callId);
        toHangUp.delete(callId);
      } catch (error) {
        const code = codeOf(error);
        // Kept for the next welcome only where the order may not have arrived.
        if (code !== 'offline' && code !== 'timeout' && code !== 'outcome-unknown') toHangUp.delete(callId);
      }
      changed();
    },
    async hold(callId, held) {
      try {
        await live.command(holdCall, { callId, held });
      } catch (error) {
        if (codeOf(error) === 'call-gone') await refresh();
      }
    },
    setMuted(next) {
      if (!sounding) return;
      muted = next;
      applySilence();
      changed();
    },
    pressKey: (key) => sounding?.sound.pressKey(key) ?? false,
    async changeMicrophone() {
      if (!sounding) return;
      const { sound } = sounding;
      const microphone = await withMicrophone(() => void this.changeMicrophone());
      if (microphone && sounding?.sound === sound) await sound.changeMicrophone(microphone);
      else if (microphone) stop(microphone);
      changed();
    },
    silenceRing(callId) {
      silenced = callId;
      changed();
    },
    dismissNote() {
      show(null);
      changed();
    },
    dismissRefusal() {
      refusal = null;
      changed();
    },
  };
}
