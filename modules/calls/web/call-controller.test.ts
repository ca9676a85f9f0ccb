import { type Connection, RequestProblem } from '@liaison/core/web';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CallView } from '../contract/index.ts';
import { createCallController } from './call-controller.ts';
import type { SoundState } from './call-sound.ts';
import { noteMs } from './ended-note.ts';
import { MicrophoneRefused } from './microphone.ts';

const me = 'connection-1';
const id = '0190a6e0-0000-7000-8000-000000000001';

const view = (change: Partial<CallView> = {}): CallView => ({
  id,
  direction: 'incoming',
  state: 'ringing',
  peer: {
    personId: '0190a6e0-0000-7000-8000-00000000000a',
    name: 'Njeri Wambuto',
    address: null,
    extension: null,
  },
  mine: null,
  peerKind: null,
  ringing: { pages: true, telephones: 0 },
  heldByMe: false,
  heldByPeer: false,
  peerLost: false,
  startedAt: '2026-05-14T13:41:00.000Z',
  answeredAt: null,
  endedAt: null,
  reason: null,
  ...change,
});
const connected = (connectionId: string | null, change: Partial<CallView> = {}): CallView =>
  view({
    state: 'connected',
    mine: { kind: 'page', connectionId },
    peerKind: 'page',
    answeredAt: '2026-05-14T13:41:06.000Z',
    ...change,
  });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A server that answers what the test puts in, and a sound that only counts. */
function setUp(
  options: {
    remembered?: readonly string[];
    hungUp?: readonly string[];
    microphone?: () => Promise<MediaStream>;
  } = {},
) {
  const handlers = new Map<string, ((tell: never) => void)[]>();
  const sent: [string, unknown][] = [];
  const answers = new Map<string, () => unknown>([['calls.mine', () => ({ calls: [] })]]);
  const sounds: {
    closed: boolean;
    rounds: number[];
    silent: unknown;
    state: SoundState;
    changed: () => void;
  }[] = [];
  const track = { stop: vi.fn() };
  const connection: Connection = { status: 'live', connectionId: me, personId: 'me' };
  const controller = createCallController({
    live: {
      connection,
      on: (kind: string, handler: (tell: never) => void) => {
        handlers.set(kind, [...(handlers.get(kind) ?? []), handler]);
        return () => void handlers.set(kind, []);
      },
      command: (async ({ name }: { name: string }, params: unknown) => {
        sent.push([name, params]);
        return answers.get(name)?.() ?? {};
      }) as never,
    },
    openMicrophone:
      options.microphone ?? (async () => ({ getTracks: () => [track] }) as unknown as MediaStream),
    openCamera: () => Promise.reject(new Error('none here')),
    createSound: ({ changed }) => {
      const made = {
        closed: false,
        rounds: [] as number[],
        rested: 0,
        silent: null as unknown,
        state: 'waiting' as SoundState,
        changed,
      };
      sounds.push(made);
      return {
        get state() {
          return made.state;
        },
        levels: { mine: 0.5, theirs: 0.25 },
        pictures: null,
        microphoneDead: false,
        quality: null,
        begin: ({ round }) => void made.rounds.push(round),
        answered: () => {},
        silence: (what) => {
          made.silent = what;
        },
        changeMicrophone: async () => {},
        pressKey: () => true,
        rest: () => void made.rested++,
        close: () => {
          made.closed = true;
        },
      };
    },
    memory: {
      has: async (callId) => options.remembered?.includes(callId) ?? false,
      keep: () => {},
      forget: () => {},
      hungUp: new Set(options.hungUp),
    },
  });
  const tell = (kind: string, data: unknown) => {
    for (const handler of handlers.get(kind) ?? []) handler(data as never);
  };
  return {
    controller,
    sent,
    answers,
    sounds,
    track,
    changed: (call: CallView) => tell('signal', { name: 'calls.changed', data: call }),
    media: (round: number) =>
      tell('signal', { name: 'calls.media', data: { callId: id, round, path: 'direct', role: 'offer' } }),
    welcome: (connectionId: string) => tell('welcome', { again: true, connectionId }),
    settle: () => vi.advanceTimersByTimeAsync(0),
  };
}

/** The page's telephone, welcomed by the server. */
async function opened(options: Parameters<typeof setUp>[0] = {}) {
  const stage = setUp(options);
  stage.controller.start();
  await stage.settle();
  return stage;
}

/** And in a call that it answered. */
async function talking(options: Parameters<typeof setUp>[0] = {}) {
  const stage = await opened(options);
  stage.changed(view());
  await stage.controller.answer(id);
  stage.changed(connected(me));
  return stage;
}

test('answers: the sound is there before the order, rounds reach it, the end closes it', async () => {
  const stage = await opened();
  stage.changed(view());
  const answering = stage.controller.answer(id);
  await stage.settle();
  stage.media(1);
  stage.changed(connected(me));
  await answering;
  expect(stage.sounds[0]?.rounds).toEqual([1]);
  expect(stage.controller.state.here?.id).toBe(id);
  stage.changed(connected(me, { state: 'ended', reason: 'completed', endedAt: '2026-05-14T13:42:00.000Z' }));
  expect(stage.sounds[0]?.closed).toBe(true);
  expect(stage.controller.state).toMatchObject({ calls: [], here: null, note: { kind: 'ended' } });
  stage.changed(connected(me));
  expect(stage.controller.state.calls).toEqual([]);
  await vi.advanceTimersByTimeAsync(noteMs.plain + 1);
  expect(stage.controller.state.note).toBeNull();
});

test('answered elsewhere by another page: nothing sounds here', async () => {
  const stage = await opened();
  stage.changed(view());
  stage.changed(connected('another page'));
  expect(stage.controller.state.here).toBeNull();
  expect(stage.controller.state.calls).toHaveLength(1);
  stage.changed(connected('another page', { state: 'ended', reason: 'completed' }));
  expect(stage.controller.state.note).toBeNull();
});

test('answered a moment too late: the microphone is given back', async () => {
  const stage = await opened();
  stage.changed(view());
  stage.answers.set('calls.answer', () => {
    throw new RequestProblem(409, 'call-gone', 'gone');
  });
  await stage.controller.answer(id);
  expect(stage.sounds[0]?.closed).toBe(true);
  expect(stage.controller.state.here).toBeNull();
  expect(stage.controller.state.calls).toEqual([]);
});

test('without a microphone nothing is sent, and the wish can be repeated', async () => {
  let allowed = false;
  const stage = setUp({
    microphone: async () => {
      if (!allowed) throw new MicrophoneRefused('denied');
      return { getTracks: () => [] } as unknown as MediaStream;
    },
  });
  stage.answers.set('calls.start', () => ({
    call: view({ direction: 'outgoing', mine: { kind: 'page', connectionId: me } }),
  }));
  stage.controller.start();
  await stage.settle();
  await stage.controller.call('4111');
  expect(stage.controller.state.refusal?.trouble).toBe('denied');
  expect(stage.sent.map(([name]) => name)).not.toContain('calls.start');
  allowed = true;
  stage.controller.state.refusal?.retry();
  await stage.settle();
  expect(stage.controller.state).toMatchObject({ refusal: null, here: { id } });
});

test('taken back while it is being dialled: it is hung up as soon as it has an id', async () => {
  const stage = setUp();
  let reply: (value: unknown) => void = () => {};
  stage.answers.set('calls.start', () => new Promise((resolve) => (reply = resolve)));
  stage.controller.start();
  await stage.settle();
  const calling = stage.controller.call('4111');
  await stage.settle();
  await stage.controller.hangUp();
  expect(stage.controller.state.dialling).toBeNull();
  reply({ call: view({ direction: 'outgoing', mine: { kind: 'page', connectionId: me } }) });
  await calling;
  expect(stage.sent.map(([name]) => name)).toContain('calls.hang-up');
  expect(stage.sounds.every(({ closed }) => closed)).toBe(true);
});

test('refused by the server: said on the line, with the microphone given back', async () => {
  const stage = setUp();
  stage.answers.set('calls.start', () => {
    throw new RequestProblem(404, 'nobody-there', 'nobody');
  });
  stage.controller.start();
  await stage.settle();
  await stage.controller.call('9999');
  expect(stage.controller.state.note).toMatchObject({ kind: 'refused', to: '9999' });
  expect(stage.track.stop).toHaveBeenCalled();
});

test('a new connection takes the call again and keeps the sound', async () => {
  const stage = await talking();
  stage.answers.set('calls.mine', () => ({ calls: [connected(me)] }));
  stage.welcome('connection-2');
  await stage.settle();
  expect(stage.sent.at(-1)).toEqual(['calls.take', { callId: id }]);
  expect(stage.sounds[0]?.closed).toBe(false);
  // The server may tell the old connection's loss late.
  stage.changed(connected(me, { peerLost: true }));
  expect(stage.controller.state.here?.id).toBe(id);
});

test('after a reload the call that this tab had is taken; any other is only offered', async () => {
  const mine = setUp({ remembered: [id] });
  mine.answers.set('calls.mine', () => ({ calls: [connected(null)] }));
  mine.controller.start();
  await mine.settle();
  await mine.settle();
  expect(mine.sent.map(([name]) => name)).toContain('calls.take');
  const other = setUp();
  other.answers.set('calls.mine', () => ({ calls: [connected('another page')] }));
  other.controller.start();
  await other.settle();
  expect(other.sent.map(([name]) => name)).toEqual(['calls.mine']);
  expect(other.controller.state.calls).toHaveLength(1);
});

test('another page takes it over: the sound here ends, the call is still shown', async () => {
  const stage = await talking();
  stage.changed(connected('another page'));
  expect(stage.sounds[0]?.closed).toBe(true);
  expect(stage.controller.state).toMatchObject({ here: null, calls: [{ id }] });
});

test('hung up without a connection: silent at once, told with the next welcome', async () => {
  const stage = await talking();
  stage.answers.set('calls.hang-up', () => {
    throw new RequestProblem(0, 'offline', 'offline');
  });
  await stage.controller.hangUp(id);
  expect(stage.sounds[0]?.closed).toBe(true);
  expect(stage.controller.state.calls).toEqual([]);
  stage.answers.delete('calls.hang-up');
  stage.answers.set('calls.mine', () => ({ calls: [connected(me)] }));
  const before = stage.sent.length;
  stage.welcome('connection-2');
  await stage.settle();
  expect(stage.sent.slice(before).map(([name]) => name)).toContain('calls.hang-up');
  expect(stage.sent.slice(before).map(([name]) => name)).not.toContain('calls.take');
});

test('hung up a moment before a reload: told with the first welcome, once, and not taken again', async () => {
  const stage = setUp({ remembered: [id], hungUp: [id] });
  stage.answers.set('calls.mine', () => ({ calls: [connected(null)] }));
  stage.controller.start();
  await stage.settle();
  await stage.settle();
  expect(stage.sent.map(([name]) => name)).toEqual(['calls.hang-up', 'calls.mine']);
  expect(stage.controller.state.calls).toEqual([]);
  stage.answers.set('calls.mine', () => ({ calls: [] }));
  stage.welcome('connection-2');
  await stage.settle();
  expect(stage.sent.filter(([name]) => name === 'calls.hang-up')).toHaveLength(1);
});

test('ended while the connection was lost: said so', async () => {
  const stage = await talking();
  stage.welcome('connection-2');
  await stage.settle();
  expect(stage.controller.state).toMatchObject({ calls: [], here: null, note: { call: { reason: 'lost' } } });
});

test('mute and hold: what is sent and what is heard', async () => {
  const stage = await talking();
  stage.controller.setMuted(true);
  expect(stage.sounds[0]?.silent).toEqual({ microphone: true, speaker: false });
  stage.controller.setMuted(false);
  stage.changed(connected(me, { heldByPeer: true }));
  expect(stage.sounds[0]?.silent).toEqual({ microphone: true, speaker: true });
  stage.changed(connected(me));
  expect(stage.sounds[0]?.silent).toEqual({ microphone: false, speaker: false });
});

test.each([
  ['missed', view({ state: 'ended', reason: 'cancelled' }), true],
  ['refused by me', view({ state: 'ended', reason: 'declined' }), false],
  [
    'called from my telephone',
    view({
      direction: 'outgoing',
      state: 'ended',
      reason: 'busy',
      mine: { kind: 'telephone', connectionId: null },
    }),
    false,
  ],
  [
    'called from here',
    view({ direction: 'outgoing', state: 'ended', reason: 'busy', mine: { kind: 'page', connectionId: me } }),
    true,
  ],
  [
    'taken back from here',
    view({
      direction: 'outgoing',
      state: 'ended',
      reason: 'cancelled',
      mine: { kind: 'page', connectionId: me },
    }),
    false,
  ],
] as const)('an ended call is told where it matters: %s', async (_what, call, told) => {
  const stage = await opened();
  stage.changed({ ...call, state: 'ringing' });
  stage.changed(call);
  expect(stage.controller.state.note !== null).toBe(told);
});

describe('two calls', () => {
  const second = '0190a6e0-0000-7000-8000-000000000002';
  const other = (change: Partial<CallView> = {}) =>
    connected(me, { id: second, startedAt: '2026-05-14T13:50:00.000Z', ...change });

  /** In one call, and a second one was answered. */
  async function both() {
    const stage = await talking();
    stage.changed(view({ id: second, startedAt: '2026-05-14T13:50:00.000Z' }));
    await stage.controller.answer(second);
    stage.changed(connected(me, { heldByMe: true }));
    stage.changed(other());
    return stage;
  }
  const orders = (stage: Awaited<ReturnType<typeof opened>>) =>
    stage.sent.filter(([name]) =>
      ['calls.hold', 'calls.answer', 'calls.hang-up', 'calls.start'].includes(name),
    );

  test('the second rings beside the first; answering it holds the first before anything is heard', async () => {
    const stage = await talking();
    stage.changed(view({ id: second, startedAt: '2026-05-14T13:50:00.000Z' }));
    expect(stage.controller.state.here?.id).toBe(id);
    await stage.controller.answer(second);
    expect(orders(stage).slice(-2)).toEqual([
      ['calls.hold', { callId: id, held: true }],
      ['calls.answer', { callId: second }],
    ]);
    // Silent here at once, whatever the server still says.
    expect(stage.sounds[0]).toMatchObject({ closed: false, silent: { microphone: true, speaker: true } });
    stage.changed(connected(me, { heldByMe: true }));
    stage.changed(other());
    expect(stage.controller.state).toMatchObject({ here: { id: second }, aside: { id } });
    expect(stage.controller.state.asideHeldAt).not.toBeNull();
    expect(stage.sounds[1]?.silent).toEqual({ microphone: false, speaker: false });
  });

  test('a second that was answered elsewhere meanwhile lets the first go on', async () => {
    const stage = await talking();
    stage.changed(view({ id: second }));
    stage.answers.set('calls.answer', () => {
      throw new RequestProblem(409, 'call-gone', 'gone');
    });
    stage.answers.set('calls.mine', () => ({ calls: [connected(me)] }));
    await stage.controller.answer(second);
    expect(orders(stage).at(-1)).toEqual(['calls.hold', { callId: id, held: false }]);
    expect(stage.controller.state).toMatchObject({ here: { id }, aside: null });
    expect(stage.sounds[0]?.silent).toEqual({ microphone: false, speaker: false });
    expect(stage.sounds[1]?.closed).toBe(true);
  });

  test('swaps: one is held, then the other is resumed and talked in', async () => {
    const stage = await both();
    await stage.controller.swap();
    expect(orders(stage).slice(-2)).toEqual([
      ['calls.hold', { callId: second, held: true }],
      ['calls.hold', { callId: id, held: false }],
    ]);
    stage.changed(other({ heldByMe: true }));
    stage.changed(connected(me));
    expect(stage.controller.state).toMatchObject({ here: { id }, aside: { id: second } });
    expect(stage.sounds.map(({ silent }) => silent)).toEqual([
      { microphone: false, speaker: false },
      { microphone: true, speaker: true },
    ]);
  });

  test('one hung up leaves the other on hold until it is resumed', async () => {
    const stage = await both();
    await stage.controller.hangUp(second);
    expect(stage.sounds[1]?.closed).toBe(true);
    expect(stage.controller.state).toMatchObject({ here: { id, heldByMe: true }, aside: null });
    expect(stage.sounds[0]?.silent).toEqual({ microphone: true, speaker: true });
    await stage.controller.hold(id, false);
    stage.changed(connected(me));
    expect(stage.sounds[0]?.silent).toEqual({ microphone: false, speaker: false });
  });

  test('mute belongs to the call', async () => {
    const stage = await talking();
    stage.controller.setMuted(true);
    stage.changed(view({ id: second }));
    await stage.controller.answer(second);
    stage.changed(other());
    expect(stage.controller.state.muted).toBe(false);
    await stage.controller.swap();
    expect(stage.controller.state.muted).toBe(true);
  });

  test('ringing somebody from within a call holds it; a refusal lets it go on; a third is not begun', async () => {
    const stage = await talking();
    stage.answers.set('calls.start', () => {
      throw new RequestProblem(404, 'nobody-there', 'nobody');
    });
    await stage.controller.call('999');
    expect(orders(stage).map(([name, params]) => [name, (params as { held?: boolean }).held])).toEqual([
      ['calls.answer', undefined],
      ['calls.hold', true],
      ['calls.start', undefined],
      ['calls.hold', false],
    ]);
    expect(stage.controller.state.here?.id).toBe(id);

    const full = await both();
    const before = full.sent.length;
    await full.controller.call('4111');
    await full.controller.answer('0190a6e0-0000-7000-8000-000000000003');
    expect(full.sent).toHaveLength(before);
  });

  test('calling somebody who is in one of them goes back to it; who rings is answered', async () => {
    const stage = await talking();
    const peer = view().peer.personId!;
    const sentBefore = stage.sent.length;
    await stage.controller.call(peer, 'Njeri Wambuto');
    expect(stage.sent).toHaveLength(sentBefore);
    await stage.controller.hold(id, true);
    stage.changed(connected(me, { heldByMe: true }));
    await stage.controller.call(peer, 'Njeri Wambuto');
    expect(stage.sent.at(-1)).toEqual(['calls.hold', { callId: id, held: false }]);
    const other = '0190a6e0-0000-7000-8000-000000000002';
    stage.changed(
      view({ id: other, peer: { personId: null, name: 'Tiago', address: null, extension: '204' } }),
    );
    await stage.controller.call('204');
    expect(stage.sent.map(([name]) => name)).toContain('calls.answer');
    expect(stage.sent.map(([name]) => name)).not.toContain('calls.start');
  });

  test('a call that rang out before another was answered is held when its callee answers', async () => {
    const stage = await opened();
    const out = { direction: 'outgoing', mine: { kind: 'page', connectionId: me } } as const;
    stage.answers.set('calls.start', () => ({ call: view({ id: second, ...out }) }));
    await stage.controller.call('4111');
    stage.changed(view());
    await stage.controller.answer(id);
    stage.changed(connected(me));
    stage.changed(other(out));
    await stage.settle();
    expect(stage.sent.at(-1)).toEqual(['calls.hold', { callId: second, held: true }]);
    expect(stage.controller.state).toMatchObject({ here: { id }, aside: { id: second } });
  });

  test('a reload comes back to both, and talks in the one that was talked in', async () => {
    const stage = setUp({ remembered: [id, second] });
    const left = (callId: string, heldByMe: boolean) =>
      connected('gone', { id: callId, heldByMe, startedAt: callId === id ? 'a' : 'b' });
    stage.answers.set('calls.mine', () => ({ calls: [left(id, false), left(second, true)] }));
    stage.controller.start();
    await stage.settle();
    stage.changed(connected(me));
    stage.changed(other({ heldByMe: true }));
    expect(orders(stage)).toEqual([]);
    expect(stage.controller.state).toMatchObject({ here: { id }, aside: { id: second } });
    expect(stage.sounds.map(({ silent }) => silent)).toEqual([
      { microphone: false, speaker: false },
      { microphone: true, speaker: true },
    ]);
  });
});
