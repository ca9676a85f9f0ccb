import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createCallSound, type SoundOptions, type SoundTimes } from './call-sound.ts';

const times: SoundTimes = { gatherMs: 100, connectMs: 1000, interruptedMs: 400, deadMs: 5000 };

/** As much of a peer connection as the rounds need; it connects when the test says so. */
class Peer extends EventTarget {
  connectionState: RTCPeerConnectionState = 'new';
  iceGatheringState: RTCIceGatheringState = 'complete';
  signalingState: RTCSignalingState = 'stable';
  localDescription: { sdp: string } | null = null;
  remote: RTCSessionDescriptionInit[] = [];
  ontrack: ((event: { track: unknown; streams: unknown[] }) => void) | null = null;
  onconnectionstatechange: (() => void) | null = null;
  readonly dtmf = { canInsertDTMF: true, toneBuffer: '', insertDTMF: vi.fn() };
  readonly replaceTrack = vi.fn(async () => {});
  closed = false;

  addTrack() {
    return { dtmf: this.dtmf, replaceTrack: this.replaceTrack };
  }
  async setLocalDescription() {
    this.signalingState = this.remote.length > 0 ? 'stable' : 'have-local-offer';
    this.localDescription = { sdp: this.remote.length > 0 ? 'answer' : 'offer' };
  }
  async setRemoteDescription(description: RTCSessionDescriptionInit) {
    this.remote.push(description);
  }
  become(state: RTCPeerConnectionState) {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }
  stats: Record<string, unknown>[] = [];
  async getStats() {
    return new Map(this.stats.map((row, at) => [at, row]));
  }
  hear(stream: unknown) {
    this.ontrack?.({ track: {}, streams: [stream] });
  }
  close() {
    this.closed = true;
  }
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setUp(options: Partial<SoundOptions> = {}) {
  const peers: Peer[] = [];
  const track = { enabled: true, stop: vi.fn() };
  const microphone = { getTracks: () => [track], getAudioTracks: () => [track] } as unknown as MediaStream;
  const speaker = { play: vi.fn(), setSilent: vi.fn(), close: vi.fn() };
  let peak: number | null = 0.1;
  const describe = vi.fn(async () => {});
  const report = vi.fn();
  const changed = vi.fn();
  const sound = createCallSound({
    microphone,
    voice: speaker,
    openMeter: () => ({ peak: () => peak, close: () => {} }),
    createPeer: () => {
      const peer = new Peer();
      peers.push(peer);
      return peer as unknown as RTCPeerConnection;
    },
    describe,
    report,
    changed,
    times,
    ...options,
  });
  return {
    sound,
    peers,
    track,
    speaker,
    describe,
    report,
    changed,
    loud: (next: number | null) => {
      peak = next;
    },
  };
}

const callId = '0190a6e0-0000-7000-8000-000000000001';
const offer = (round: number) => ({ callId, round, path: 'direct' as const, role: 'offer' as const });

test('offers, takes the answer, reports once that it flows', async () => {
  const { sound, peers, describe, report, speaker } = setUp();
  sound.begin(offer(1));
  await vi.advanceTimersByTimeAsync(0);
  expect(describe).toHaveBeenCalledWith(1, 'offer');
  sound.answered(1, 'their answer');
  expect(peers[0]?.remote).toEqual([{ type: 'answer', sdp: 'their answer' }]);
  peers[0]?.hear('stream');
  peers[0]?.become('connected');
  peers[0]?.become('connected');
  expect(sound.state).toBe('flowing');
  expect(speaker.play).toHaveBeenCalledWith('stream');
  expect(report.mock.calls).toEqual([[1, 'connected']]);
  await vi.advanceTimersByTimeAsync(times.connectMs * 2);
  expect(report.mock.calls).toEqual([[1, 'connected']]);
});

test('answers the offer of the other side', async () => {
  const { sound, peers, describe } = setUp();
  sound.begin({ callId, round: 1, path: 'direct', role: 'answer', sdp: 'their offer' });
  await vi.advanceTimersByTimeAsync(0);
  expect(peers[0]?.remote).toEqual([{ type: 'offer', sdp: 'their offer' }]);
  expect(describe).toHaveBeenCalledWith(1, 'answer');
});

test('the round before is heard until the next one flows, and stale rounds are ignored', async () => {
  const { sound, peers, report } = setUp();
  sound.begin(offer(1));
  await vi.advanceTimersByTimeAsync(0);
  peers[0]?.become('connected');
  sound.begin({ ...offer(3), path: 'relay' });
  sound.begin(offer(2));
  await vi.advanceTimersByTimeAsync(0);
  expect(peers).toHaveLength(2);
  expect(peers[0]?.closed).toBe(false);
  peers[1]?.become('connected');
  expect(peers[0]?.closed).toBe(true);
  expect(report.mock.calls).toEqual([
    [1, 'connected'],
    [3, 'connected'],
  ]);
});

test('a round that does not connect in time has failed, once', async () => {
  const { sound, report, peers } = setUp();
  sound.begin(offer(1));
  await vi.advanceTimersByTimeAsync(times.connectMs + 1);
  peers[0]?.become('failed');
  expect(report.mock.calls).toEqual([[1, 'failed']]);
  sound.begin({ ...offer(2), path: 'relay' });
  expect(peers[0]?.closed).toBe(true);
});

test('an interruption shows at once, is reported when it lasts, and may end by itself', async () => {
  const { sound, peers, report } = setUp();
  sound.begin(offer(1));
  await vi.advanceTimersByTimeAsync(0);
  peers[0]?.become('connected');
  peers[0]?.become('disconnected');
  expect(sound.state).toBe('interrupted');
  await vi.advanceTimersByTimeAsync(times.interruptedMs / 2);
  peers[0]?.become('connected');
  expect(sound.state).toBe('flowing');
  await vi.advanceTimersByTimeAsync(times.interruptedMs * 2);
  expect(report.mock.calls).toEqual([[1, 'connected']]);
  peers[0]?.become('disconnected');
  await vi.advanceTimersByTimeAsync(times.interruptedMs + 1);
  expect(report.mock.calls.at(-1)).toEqual([1, 'failed']);
});

test('gathering is bounded', async () => {
  const peer = new Peer();
  peer.iceGatheringState = 'gathering';
  const { sound, describe } = setUp({ createPeer: () => peer as unknown as RTCPeerConnection });
  sound.begin(offer(1));
  await vi.advanceTimersByTimeAsync(times.gatherMs - 1);
  expect(describe).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(2);
  expect(describe).toHaveBeenCalledOnce();
});

test('a relayed round takes TURN servers and waits for no candidate', async () => {
  const peer = new Peer();
  peer.iceGatheringState = 'gathering';
  const setConfiguration = vi.fn();
  const made = Object.assign(peer, {
    setConfiguration,
    getConfiguration: () => ({ bundlePolicy: 'balanced' }),
  });
  const servers = [{ urls: 'turn:turn.example.org', username: 'u', credential: 'c' }];
  const { sound, describe } = setUp({
    createPeer: () => made as unknown as RTCPeerConnection,
    iceServers: async () => servers,
  });
  sound.begin({ ...offer(1), path: 'relay' });
  await vi.advanceTimersByTimeAsync(0);
  expect(setConfiguration).toHaveBeenCalledExactlyOnceWith({ bundlePolicy: 'balanced', iceServers: servers });
  expect(describe).toHaveBeenCalledOnce();
});

test('silence, keys, close', async () => {
  const { sound, peers, track, speaker } = setUp();
  sound.begin(offer(1));
  await vi.advanceTimersByTimeAsync(0);
  sound.silence({ microphone: true, speaker: true });
  expect(track.enabled).toBe(false);
  expect(speaker.setSilent).toHaveBeenLastCalledWith(true);
  expect(sound.pressKey('5')).toBe(true);
  expect(peers[0]?.dtmf.insertDTMF).toHaveBeenCalledWith('5', 120, 70);
  sound.close();
  expect(track.stop).toHaveBeenCalled();
  expect(peers[0]?.closed).toBe(true);
  expect(speaker.close).toHaveBeenCalledOnce();
  sound.begin(offer(2));
  expect(peers).toHaveLength(1);
});

test('a microphone that gives nothing while it should is noticed, and that it speaks again', async () => {
  const { sound, peers, loud, changed } = setUp();
  sound.begin(offer(1));
  await vi.advanceTimersByTimeAsync(0);
  peers[0]?.hear('stream');
  peers[0]?.become('connected');
  await vi.advanceTimersByTimeAsync(6000);
  expect(sound.microphoneDead).toBe(false);
  expect(sound.levels.mine).toBeCloseTo(2 / 3, 2);

  loud(0);
  await vi.advanceTimersByTimeAsync(4900);
  expect(sound.microphoneDead).toBe(false);
  changed.mockClear();
  await vi.advanceTimersByTimeAsync(300);
  expect(sound.microphoneDead).toBe(true);
  expect(changed).toHaveBeenCalledOnce();
  expect(sound.levels).toEqual({ mine: 0, theirs: 0 });

  loud(0.001);
  await vi.advanceTimersByTimeAsync(100);
  expect(sound.microphoneDead).toBe(false);
  sound.close();
});

test.each([
  ['muted', true, 0],
  ['that nobody may listen to yet', false, null],
])('a microphone %s is not called dead', async (_what, muted, peak) => {
  const { sound, peers, loud } = setUp();
  sound.begin(offer(1));
  await vi.advanceTimersByTimeAsync(0);
  peers[0]?.become('connected');
  sound.silence({ microphone: muted, speaker: false });
  loud(peak);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(sound.microphoneDead).toBe(false);
  sound.close();
});

test('tells what arrives with gaps, of the connection that is heard, until it is closed', async () => {
  const { sound, peers } = setUp();
  sound.begin({ callId: 'c', round: 1, path: 'relay', role: 'offer' });
  const peer = peers[0]!;
  await vi.advanceTimersByTimeAsync(0);
  peer.become('connected');
  expect(sound.quality).toBeNull();
  const inbound = (packetsReceived: number, packetsLost: number) => {
    peer.stats = [{ type: 'inbound-rtp', kind: 'audio', packetsReceived, packetsLost, jitter: 0 }];
  };
  for (const [received, lost] of [
    [150, 0],
    [280, 20],
    [410, 40],
  ] as const) {
    inbound(received, lost);
    await vi.advanceTimersByTimeAsync(3000);
  }
  expect(sound.quality).toMatchObject({ trouble: 'their-gaps', mine: null });
  peer.become('failed');
  await vi.advanceTimersByTimeAsync(3000);
  expect(sound.quality).toBeNull();
  sound.close();
});
