import type { z } from 'zod';
import type { mediaRound } from '../contract/index.ts';
import type { CallPictures } from './call-pictures.ts';
import { createSilenceWatch, loudness, type Meter } from './meter.ts';
import { watchPath } from './path-watch.ts';
import {
  createQualityWatch,
  lookEveryMs as measureEveryMs,
  readStats,
  type SoundQuality,
} from './sound-quality.ts';
import type { Voice } from './speaker.ts';

export type MediaRound = z.output<typeof mediaRound.data>;

/** `waiting`: nothing was heard yet. `interrupted`: it was, and is not now. */
export type SoundState = 'waiting' | 'flowing' | 'interrupted';

export interface Levels {
  readonly mine: number;
  readonly theirs: number;
}

/** One call's sound on this page. Whoever makes it closes it; it then stops the microphone too. */
export interface CallSound {
  readonly state: SoundState;
  /** How loud it is at each end now, 0 to 1. */
  readonly levels: Levels;
  /** Speaks, and the microphone gives nothing at all: switched off at its own switch, or the wrong one. */
  readonly microphoneDead: boolean;
  /** How it arrives at each end, over the last seconds; null before that is known. */
  readonly quality: SoundQuality | null;
  /** What is seen beside, where this page can show anything. */
  readonly pictures: CallPictures | null;
  /** The server opened a round: offer, or answer what the other side offers. A lower number is stale and ignored. */
  begin(round: MediaRound): void;
  /** The answer to what this page offered in a round. */
  answered(round: number, sdp: string): void;
  /** What this side does not send, and does not want to hear. */
  silence(what: { microphone: boolean; speaker: boolean }): void;
  changeMicrophone(stream: MediaStream): Promise<void>;
  /** A key of the keypad, as a telephone event (RFC 4733); false where the other side takes none. */
  pressKey(key: string): boolean;
  /** Lets go of what was heard: somebody else comes, in a later round. */
  rest(): void;
  close(): void;
}

export interface SoundTimes {
  /** What was gathered by then is sent; whole descriptions carry no candidates later. */
  readonly gatherMs: number;
  /** A round that does not connect by then has failed. The server gives up a direct one sooner by itself. */
  readonly connectMs: number;
  /** An interruption that lasts longer asks for a new round. */
  readonly interruptedMs: number;
  /** A microphone that gives nothing for this long is said to be dead. */
  readonly deadMs: number;
}

export const defaultSoundTimes: SoundTimes = {
  gatherMs: 1500,
  connectMs: 12_000,
  interruptedMs: 4000,
  deadMs: 5000,
};

const lookEveryMs = 100;

export interface SoundOptions {
  readonly microphone: MediaStream;
  /** Closed with the sound. */
  readonly voice: Voice;
  readonly openMeter: (stream: MediaStream) => Meter;
  /** Closed with the sound. */
  readonly pictures?: CallPictures;
  readonly createPeer: () => RTCPeerConnection;
  /** TURN servers for a relayed round; none unless given. Never rejects. */
  readonly iceServers?: () => Promise<RTCIceServer[]>;
  readonly describe: (round: number, sdp: string) => Promise<unknown>;
  readonly report: (round: number, state: 'connected' | 'failed') => void;
  readonly changed: () => void;
  readonly times?: SoundTimes;
}

interface Round {
  readonly number: number;
  readonly path: MediaRound['path'];
  readonly peer: RTCPeerConnection;
  sender: RTCRtpSender | undefined;
  heard: MediaStream | null;
  failed: boolean;
  timer: ReturnType<typeof setTimeout> | undefined;
  /** Of a relayed round that flows. */
  stopWatching: (() => void) | undefined;
}

/**
 * Media in rounds, each with its own peer connection. The newest counts; the one before is heard until the newest
 * flows, so that moving from the direct path to the relay leaves no gap.
 */
export function createCallSound(options: SoundOptions): CallSound {
  const { voice, openMeter, createPeer, describe, report, times = defaultSoundTimes } = options;
  const pictures = options.pictures ?? null;
  let microphone = options.microphone;
  const rounds = new Map<number, Round>();
  let newest = 0;
  let flowing: Round | null = null;
  let state: SoundState = 'waiting';
  let silent = { microphone: false, speaker: false };
  let closed = false;
  let myMeter = openMeter(microphone);
  let theirMeter: Meter | null = null;
  let levels: Levels = { mine: 0, theirs: 0 };
  let dead = false;
  const isDead = createSilenceWatch(times.deadMs, Date.now);
  const looking = setInterval(look, lookEveryMs);
  const watch = createQualityWatch();
  let quality: SoundQuality | null = null;
  let measured: RTCPeerConnection | null = null;
  // Refused by a connection that was closed meanwhile: the next look finds another, or none.
  const measuring = setInterval(() => void measure().catch(() => {}), measureEveryMs);

  async function measure(): Promise<void> {
    const peer = state === 'flowing' ? (flowing?.peer ?? null) : null;
    // Another connection counts from nothing.
    if (peer !== measured) watch.reset();
    measured = peer;
    if (!peer) {
      const had = quality !== null;
      quality = null;
      if (had) options.changed();
      return;
    }
    const report = await peer.getStats();
    if (closed || measured !== peer) return;
    quality = watch.look(readStats(report.values()));
    options.changed();
  }

  function look(): void {
    const mine = myMeter.peak();
    levels = { mine: loudness(mine ?? 0), theirs: loudness(theirMeter?.peak() ?? 0) };
    const wasDead = dead;
    // What is switched off on purpose, or not yet sent, is no trouble.
    dead = isDead(silent.microphone || state !== 'flowing' ? null : mine);
    if (dead !== wasDead) options.changed();
  }

  function hear(round: Round): void {
    voice.play(round.heard);
    theirMeter?.close();
    theirMeter = round.heard && openMeter(round.heard);
  }

  function become(next: SoundState): void {
    if (state === next || closed) return;
    state = next;
    options.changed();
  }

  function applySilence(): void {
    for (const track of microphone.getAudioTracks()) track.enabled = !silent.microphone;
    voice.setSilent(silent.speaker);
  }

  function end(round: Round): void {
    clearTimeout(round.timer);
    round.stopWatching?.();
    round.peer.ontrack = null;
    round.peer.onconnectionstatechange = null;
    pictures?.forget(round.peer);
    round.peer.close();
    rounds.delete(round.number);
  }

  function fail(round: Round): void {
    if (closed || round.failed || round.number !== newest) return;
    round.failed = true;
    clearTimeout(round.timer);
    if (flowing === round || state === 'flowing') become('interrupted');
    report(round.number, 'failed');
  }

  function moved(round: Round): void {
    if (closed || !rounds.has(round.number)) return;
    switch (round.peer.connectionState) {
      case 'connected':
        if (round.number !== newest) return;
        clearTimeout(round.timer);
        round.failed = false;
        if (flowing !== round) {
          flowing = round;
          hear(round);
          pictures?.see(round.peer);
          if (round.path === 'relay') round.stopWatching ??= watchPath(round.peer, () => fail(round));
          for (const older of [...rounds.values()]) if (older !== round) end(older);
          report(round.number, 'connected');
        }
        become('flowing');
        return;
      case 'disconnected':
        // It may come back by itself; what is heard is silence meanwhile.
        if (flowing === round) become('interrupted');
        clearTimeout(round.timer);
        round.timer = setTimeout(() => fail(round), times.interruptedMs);
        return;
      case 'failed':
        if (flowing === round) become('interrupted');
        fail(round);
        return;
      default:
        return;
    }
  }

  async function takeIceServers(peer: RTCPeerConnection): Promise<void> {
    const iceServers = (await options.iceServers?.()) ?? [];
    if (iceServers.length > 0 && peer.signalingState !== 'closed')
      peer.setConfiguration({ ...peer.getConfiguration(), iceServers });
  }

  async function negotiate(round: Round, { role, sdp, path }: MediaRound): Promise<void> {
    const { peer, number } = round;
    try {
      if (role === 'answer') await peer.setRemoteDescription({ type: 'offer', sdp: sdp ?? '' });
      if (path === 'relay') await takeIceServers(peer);
      if (closed || number !== newest) return;
      for (const track of microphone.getAudioTracks()) round.sender = peer.addTrack(track, microphone);
      pictures?.prepare(peer, role, microphone);
      await peer.setLocalDescription();
      // Our relay waits for checks from wherever this page finds a way: it needs none of its candidates.
      if (path === 'direct') await gathered(peer, times.gatherMs);
      if (closed || number !== newest) return;
      round.timer = setTimeout(() => fail(round), times.connectMs);
      await describe(number, peer.localDescription?.sdp ?? '');
    } catch {
      // Whatever it was, this round carries no sound, and the server decides what follows.
      fail(round);
    }
  }

  return {
    get state() {
      return state;
    },
    get levels() {
      return levels;
    },
    get quality() {
      return quality;
    },
    pictures,
    get microphoneDead() {
      return dead;
    },
    begin(asked) {
      if (closed || asked.round <= newest) return;
      newest = asked.round;
      // Rounds that never flowed have nothing to bridge with.
      for (const older of [...rounds.values()]) if (older !== flowing) end(older);
      const peer = createPeer();
      const round: Round = {
        number: asked.round,
        path: asked.path,
        peer,
        sender: undefined,
        heard: null,
        failed: false,
        timer: undefined,
        stopWatching: undefined,
      };
      rounds.set(round.number, round);
      peer.ontrack = ({ track, streams }) => {
        if (track.kind === 'video') return;
        round.heard = streams[0] ?? new MediaStream([track]);
        if (flowing === round) hear(round);
      };
      peer.onconnectionstatechange = () => moved(round);
      void negotiate(round, asked);
    },
    answered(number, sdp) {
      const round = rounds.get(number);
      if (!round || number !== newest || round.peer.signalingState !== 'have-local-offer') return;
      round.peer.setRemoteDescription({ type: 'answer', sdp }).catch(() => fail(round));
    },
    silence(what) {
      silent = what;
      applySilence();
    },
    async changeMicrophone(stream) {
      const before = microphone;
      microphone = stream;
      myMeter.close();
      myMeter = openMeter(stream);
      applySilence();
      const [track] = stream.getAudioTracks();
      for (const round of rounds.values()) await round.sender?.replaceTrack(track ?? null);
      for (const old of before.getTracks()) old.stop();
    },
    pressKey(key) {
      const dtmf = (flowing ?? rounds.get(newest))?.sender?.dtmf;
      if (!dtmf?.canInsertDTMF) return false;
      dtmf.insertDTMF(dtmf.toneBuffer + key, 120, 70);
      return true;
    },
    rest() {
      for (const round of [...rounds.values()]) end(round);
      pictures?.show(null);
      flowing = null;
      theirMeter?.close();
      theirMeter = null;
      voice.play(null);
      become('waiting');
    },
    close() {
      if (closed) return;
      closed = true;
      for (const round of [...rounds.values()]) end(round);
      pictures?.close();
      clearInterval(looking);
      clearInterval(measuring);
      for (const track of microphone.getTracks()) track.stop();
      myMeter.close();
      theirMeter?.close();
      voice.close();
    },
  };
}

/** Resolves when all candidates are in the description, or when the time is up. */
function gathered(peer: RTCPeerConnection, withinMs: number): Promise<void> {
  if (peer.iceGatheringState === 'complete') return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      peer.removeEventListener('icegatheringstatechange', look);
      resolve();
    };
    const look = (): void => {
      if (peer.iceGatheringState === 'complete') done();
    };
    const timer = setTimeout(done, withinMs);
    peer.addEventListener('icegatheringstatechange', look);
  });
}
