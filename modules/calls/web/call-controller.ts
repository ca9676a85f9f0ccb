import { codeOf } from '@liaison/core/web';
import {
  answerCall,
  type CallView,
  callChanged,
  declineCall,
  hangUpCall,
  holdCall,
  joinCalls,
  listMyCalls,
  mediaAnswer,
  mediaRound,
  offerPicture,
  pictureAnswered,
  sendToTelephone,
  startCall,
  stayHere,
  takeCall,
  transferCall,
} from '../contract/index.ts';
import type { MediaRound } from './call-sound.ts';
import { callWith } from './call-with.ts';
import { type CallsState, emptyState } from './calls-state.ts';
import { createCameraSwitch } from './camera-switch.ts';
import { createCarriedSounds } from './carried-sounds.ts';
import type { CallController, ControllerParts } from './controller-contract.ts';
import { createEndedNote, noteMs } from './ended-note.ts';
import { MicrophoneRefused, stopStream } from './microphone.ts';

export type { CallController, ControllerParts } from './controller-contract.ts';

/** One is talked in, one waits on hold. */
const mostHere = 2;

/**
 * This page's telephone. It keeps what the server says of this person's calls and carries the sound of at most two, of
 * which one is talked in; the other is silent here whatever the server says of it.
 *
 * The server owns every call: an order here is a command, and what became of it arrives as `calls.changed`. Only the
 * sound is ours, for each call: *no sound* → call, answer or take (microphone first) → *sound* (rounds come and go) → the call ends, or
 * another page takes it → *no sound*. A lost socket leaves the sound alone: with the next welcome the call is taken again.
 */
export function createCallController(parts: ControllerParts): CallController {
  const { live, openMicrophone, memory, now = Date.now } = parts;
  const listeners = new Set<() => void>();
  const calls = new Map<string, CallView>();
  /** Ended calls are told again by answers that were under way; one may come back as a later part of itself. */
  const over = new Map<string, number>();
  /** Ids that this page's connections had: the server may not have noticed yet that one is gone. */
  const myConnections = new Set<string>();
  const heldAt = new Map<string, number>();
  /** Being brought here from a telephone, which has it until the server says otherwise. */
  const joining = new Set<string>();
  /** Rung to ask before a transfer, and whom to go back to. */
  let consulted: { callId: string; from: string } | null = null;
  /** Ended here while there was no connection, or a moment before a reload. */
  const toHangUp = memory.hungUp;
  let diallingNow: { to: string; name: string; cancelled: boolean } | null = null;
  let silenced: string | null = null;
  const note = createEndedNote(() => changed());
  let refusal: CallsState['refusal'] = null;
  let state = emptyState;
  let running = false;
  const carried = createCarriedSounds({
    live,
    createSound: parts.createSound,
    memory,
    now,
    isOnHold: (callId) => {
      const call = calls.get(callId);
      return !!call && (call.heldByMe || call.heldByPeer);
    },
    changed: () => changed(),
  });
  const camera = createCameraSwitch({
    carried,
    openCamera: parts.openCamera,
    mayShow(callId) {
      const call = calls.get(callId);
      if (call?.state === 'ringing') return call.direction === 'outgoing';
      return call?.state === 'connected' && !call.heldByMe && !call.heldByPeer;
    },
    mayAsk(callId) {
      const call = calls.get(callId);
      return call?.state === 'connected' ? call.peerKind === 'telephone' : null;
    },
    ask: (callId) => live.command(offerPicture, { callId }),
    changed: () => changed(),
  });

  function changed(): void {
    camera.follow();
    const list = [...calls.values()].sort((a, b) => a.startedAt.localeCompare(b.startedAt));
    const here = (carried.active !== null && calls.get(carried.active)) || null;
    const aside = list.find(isAside) ?? null;
    state = {
      ...carried.state,
      calls: list,
      here,
      aside,
      dialling: diallingNow && !diallingNow.cancelled ? { to: diallingNow.to, name: diallingNow.name } : null,
      heldAt: (here && heldAt.get(here.id)) ?? null,
      asideHeldAt: (aside && heldAt.get(aside.id)) ?? null,
      silenced,
      note: note.current,
      refusal,
      pictureAsked: camera.asking,
      cameraRefusal: camera.refusal,
    };
    for (const listener of [...listeners]) listener();
  }

  function drop(callId: string, part = calls.get(callId)?.part ?? 0): void {
    over.set(callId, part);
    if (over.size > 100) for (const first of [...over.keys()].slice(0, 50)) over.delete(first);
    calls.delete(callId);
    heldAt.delete(callId);
    if (silenced === callId) silenced = null;
    carried.end(callId);
  }

  function ended(call: CallView): void {
    const wasHere = carried.has(call.id) || myConnections.has(call.mine?.connectionId ?? '');
    drop(call.id, call.part ?? 0);
    if (toHangUp.delete(call.id)) return;
    const missed = call.direction === 'incoming' && call.answeredAt === null && call.reason !== 'declined';
    const told =
      missed ||
      (wasHere &&
        call.reason !== 'cancelled' &&
        !(call.direction === 'incoming' && call.answeredAt === null));
    if (told)
      note.show({ kind: 'ended', call }, call.reason === 'completed' ? noteMs.plain : noteMs.withStep);
  }

  const isAside = (call: CallView): boolean => carried.has(call.id) && call.id !== carried.active;

  function update(call: CallView): void {
    const lastPart = over.get(call.id);
    if (lastPart !== undefined && (call.part ?? 0) <= lastPart) return;
    if (call.state === 'ended') {
      if (call.continuesAs && carried.has(call.id)) {
        carried.rename(call.id, call.continuesAs);
        drop(call.id, call.part ?? 0);
      } else ended(call);
      return;
    }
    over.delete(call.id);
    if (toHangUp.has(call.id)) return;
    const before = calls.get(call.id);
    calls.set(call.id, call);
    if (before && (before.part ?? 0) !== (call.part ?? 0)) carried.rest(call.id);
    // Rung before another call was answered here, and answered only now: its person waits like any other.
    if (before?.state === 'ringing' && call.state === 'connected' && isAside(call) && !call.heldByMe)
      // Silent here in any case; refused only when it is over, which its next view tells.
      live.command(holdCall, { callId: call.id, held: true }).catch(() => {});
    if (call.heldByMe && !heldAt.has(call.id)) heldAt.set(call.id, now());
    if (!call.heldByMe) heldAt.delete(call.id);
    const there = call.mine?.connectionId ?? null;
    const isElsewhere =
      call.mine?.kind === 'telephone' ? !joining.has(call.id) : there !== null && !myConnections.has(there);
    if (carried.has(call.id) && isElsewhere) carried.end(call.id);
    carried.applySilence();
  }

  /** With the microphone, or with the refusal shown and nothing done. */
  async function withMicrophone(retry: () => void): Promise<MediaStream | null> {
    try {
      const stream = await openMicrophone();
      if (running) return stream;
      stopStream(stream);
    } catch (error) {
      const trouble = error instanceof MicrophoneRefused ? error.trouble : 'busy';
      refusal = { trouble, retry };
    }
    return null;
  }

  /**
   * Puts on hold whatever this person talks in besides a call, here or elsewhere.
   *
   * @returns how to go on with it, where the reason for the hold came to nothing.
   */
  async function holdOthers(but: string | null): Promise<() => Promise<void>> {
    const talked = [...calls.values()].filter(
      (call) => call.id !== but && call.state === 'connected' && !call.heldByMe,
    );
    const before = carried.active;
    const order = (held: boolean) =>
      Promise.all(
        // One that has just ended needs no hold.
        talked.map((call) => live.command(holdCall, { callId: call.id, held }).catch(() => {})),
      );
    await order(true);
    return async () => {
      if (before !== null) carried.activate(before);
      await order(false);
    };
  }

  /**
   * Answer and take: the sound is there before the order is sent, because the first round may overtake the reply.
   *
   * @param alone whether this person's other calls are put on hold; not when a page comes back to what it carried.
   */
  async function join(
    callId: string,
    order: typeof answerCall | typeof takeCall,
    alone = true,
  ): Promise<void> {
    refusal = null;
    const call = calls.get(callId);
    if (!call || carried.has(callId) || carried.ids.length >= mostHere) return;
    const microphone = await withMicrophone(() => void join(callId, order, alone));
    if (!microphone) return changed();
    const goOn = alone ? await holdOthers(callId) : async () => {};
    if (!calls.has(callId)) {
      stopStream(microphone);
      await goOn();
      return changed();
    }
    joining.add(callId);
    carried.begin(callId, microphone);
    changed();
    try {
      await live.command(order, { callId });
      joining.delete(callId);
    } catch (error) {
      joining.delete(callId);
      carried.end(callId);
      await goOn();
      const gone = codeOf(error) === 'call-gone' || codeOf(error) === 'not-found';
      if (gone) await refresh();
      else
        note.show(
          { kind: 'refused', to: call.peer.personId ?? call.peer.name, name: call.peer.name, error },
          noteMs.withStep,
        );
      changed();
    }
  }

  /** Talks in a carried call that is on hold. */
  async function goTo(callId: string): Promise<void> {
    await holdOthers(callId);
    if (!carried.has(callId)) return;
    carried.activate(callId);
    changed();
    await live.command(holdCall, { callId, held: false });
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
      if (call.state === 'connected' && carried.has(call.id)) {
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
        // Over already; or it is shown again by the refresh that follows, to be hung up once more.
        .catch(() => {})
        .finally(() => toHangUp.delete(callId));
    }
    await refresh();
    for (const call of [...calls.values()]) {
      if (call.mine?.kind !== 'page' || call.mine.connectionId === connectionId) continue;
      if (carried.has(call.id)) await retake(call.id);
      else if (await memory.has(call.id)) await join(call.id, takeCall, false);
    }
    // After a reload the one that was talked in is so again.
    const talked = carried.ids.find((callId) => calls.get(callId)?.heldByMe === false);
    if (talked !== undefined && (carried.active === null || calls.get(carried.active)?.heldByMe))
      carried.activate(talked);
    changed();
  }

  function heard({ name, data }: { name: string; data: unknown }): void {
    switch (name) {
      case callChanged.name:
        update(data as CallView);
        changed();
        return;
      case mediaRound.name: {
        carried.opened(data as MediaRound);
        return;
      }
      case pictureAnswered.name: {
        const { callId, agreed } = data as { callId: string; agreed: boolean };
        camera.answered(callId, agreed);
        return;
      }
      case mediaAnswer.name: {
        const { callId, round, sdp } = data as { callId: string; round: number; sdp: string };
        carried.answered(callId, round, sdp);
        return;
      }
    }
  }

  return {
    get state() {
      return state;
    },
    get levels() {
      return carried.levels;
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
        // The call itself goes on for the server's time of grace: a reload passes here too.
        carried.close();
        camera.close();
        calls.clear();
        note.forget();
        changed();
      };
    },
    async call(to, name = to) {
      refusal = null;
      // Whoever is in a call with them, or is rung by them, wants that call and no second one.
      const standing = callWith(calls.values(), to);
      if (standing?.state === 'ringing' && standing.direction === 'incoming') return this.answer(standing.id);
      if (standing && carried.has(standing.id)) {
        // Refused only when it has ended, which a look at what is there shows.
        if (standing.heldByMe) await goTo(standing.id).catch(refresh);
        return;
      }
      if (diallingNow || carried.ids.length >= mostHere) return;
      note.forget();
      const mine = { to, name, cancelled: false };
      diallingNow = mine;
      changed();
      const microphone = await withMicrophone(() => void this.call(to, name));
      if (!microphone || mine.cancelled) {
        if (microphone) stopStream(microphone);
        if (diallingNow === mine) diallingNow = null;
        return changed();
      }
      const goOn = await holdOthers(null);
      try {
        const { call } = await live.command(startCall, { to });
        diallingNow = null;
        if ((over.get(call.id) ?? -1) >= (call.part ?? 0) || call.state === 'ended') {
          stopStream(microphone);
          update(call);
          await goOn();
        } else {
          carried.begin(call.id, microphone);
          update(call);
          if (mine.cancelled) await this.hangUp(call.id);
        }
      } catch (error) {
        stopStream(microphone);
        diallingNow = null;
        await goOn();
        if (!mine.cancelled) note.show({ kind: 'refused', to, name, error }, noteMs.withStep);
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
        // Anything else leaves it ringing here, to be refused again.
        if (codeOf(error) === 'call-gone') await refresh();
      }
    },
    async transfer(callId, to) {
      await live.command(transferCall, { callId, to });
    },
    async consult(callId, to, name) {
      consulted = null;
      const known = new Set(calls.keys());
      await this.call(to, name);
      const asked = [...calls.values()].find((call) => !known.has(call.id) && carried.has(call.id));
      if (asked) consulted = { callId: asked.id, from: callId };
    },
    async connectThem() {
      const { here, aside } = state;
      if (here && aside) await live.command(joinCalls, { callId: aside.id, withId: here.id });
    },
    async sendTo(callId, deviceId) {
      await live.command(sendToTelephone, { callId, deviceId });
    },
    async stayHere(callId) {
      // It was answered there, or has given up, meanwhile: the call's view says which.
      await live.command(stayHere, { callId }).catch(() => {});
    },
    async hangUp(callId) {
      if (callId === undefined) {
        if (diallingNow) diallingNow.cancelled = true;
        return changed();
      }
      toHangUp.add(callId);
      const goBackTo = consulted?.callId === callId ? consulted.from : null;
      const call = calls.get(callId);
      calls.delete(callId);
      carried.end(callId);
      if (call?.answeredAt) {
        note.show({
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
        drop(callId, call?.part ?? 0);
        toHangUp.delete(callId);
        if (goBackTo !== null && carried.has(goBackTo)) await goTo(goBackTo);
      } catch (error) {
        const code = codeOf(error);
        // Kept for the next welcome only where the order may not have arrived.
        if (code !== 'offline' && code !== 'timeout' && code !== 'outcome-unknown') toHangUp.delete(callId);
      }
      changed();
    },
    async hold(callId, held) {
      try {
        if (!held && carried.has(callId)) await goTo(callId);
        else await live.command(holdCall, { callId, held });
      } catch (error) {
        if (codeOf(error) === 'call-gone') await refresh();
      }
    },
    async swap() {
      if (state.aside) await this.hold(state.aside.id, false);
    },
    setMuted(next) {
      carried.setMuted(next);
      changed();
    },
    setCamera: (on) => camera.set(on),
    dismissCameraRefusal: () => camera.dismiss(),
    pressKey: (key) => carried.pressKey(key),
    async changeMicrophone() {
      await carried.changeMicrophone(() => withMicrophone(() => void this.changeMicrophone()));
      changed();
    },
    silenceRing(callId) {
      silenced = callId;
      changed();
    },
    dismissNote() {
      note.forget();
      changed();
    },
    dismissRefusal() {
      refusal = null;
      changed();
    },
  };
}
