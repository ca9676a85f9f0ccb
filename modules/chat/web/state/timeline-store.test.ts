import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Message } from '../../contract/index.ts';
import { messageOf } from '../testing/messages.ts';
import type { Stretch } from './timeline.ts';
import { createTimelineStore, maxHeld, pageSize, type StretchQuery } from './timeline-store.ts';

/** The server's side of one conversation: answers are made when they are asked for, and arrive when they are let. */
function createServer() {
  const log: Message[] = [];
  /** Each lets one answer arrive, or fail. */
  const onTheWay: ((error?: Error) => void)[] = [];
  const events: Message[] = [];
  function answer(query: StretchQuery, limit: number): Stretch {
    if ('newest' in query) return { messages: log.slice(-limit), older: log.length > limit, newer: false };
    if ('before' in query) {
      const below = log.filter((message) => message.seq < query.before);
      return { messages: below.slice(-limit), older: below.length > limit, newer: true };
    }
    if ('after' in query) {
      const above = log.filter((message) => message.seq > query.after);
      return { messages: above.slice(0, limit), older: query.after > 0, newer: above.length > limit };
    }
    const half = Math.ceil(limit / 2);
    const below = log.filter((message) => message.seq <= query.around);
    const above = log.filter((message) => message.seq > query.around);
    return {
      messages: [...below.slice(-half), ...above.slice(0, half)],
      older: below.length > half,
      newer: above.length > half,
    };
  }
  return {
    log,
    onTheWay,
    events,
    say(): Message {
      const message = messageOf(log.length + 1);
      log.push(message);
      events.push(message);
      return message;
    },
    change(at: number): Message | undefined {
      const held = log[at];
      if (!held) return undefined;
      const next = { ...held, version: held.version + 1, body: `${held.body}.` };
      log[at] = next;
      events.push(next);
      return next;
    },
    fetch(query: StretchQuery, limit: number): Promise<Stretch> {
      const made = answer(query, limit);
      return new Promise((resolve, reject) =>
        onTheWay.push((error) => (error ? reject(error) : resolve(made))),
      );
    },
  };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.constant({ kind: 'say' as const }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('change' as const), at: fc.nat(200) }) },
    { weight: 6, arbitrary: fc.constant({ kind: 'event' as const }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('answer' as const), which: fc.nat(4) }) },
    { weight: 2, arbitrary: fc.constant({ kind: 'older' as const }) },
    { weight: 2, arbitrary: fc.constant({ kind: 'newer' as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'refetch' as const }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('jump' as const), to: fc.option(fc.nat(200)) }) },
    // What I sent: its answer comes when it will, before or after the events around it.
    { weight: 2, arbitrary: fc.constant({ kind: 'send' as const }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('again' as const), at: fc.nat(200) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('follow' as const), atEnd: fc.boolean() }) },
  ),
  { maxLength: 60 },
);

describe('any interleaving of events, answers, resends and refetches', () => {
  test('ends in the order of the server, without gaps and duplicates', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(260), steps, async (before, wanted) => {
        const server = createServer();
        for (let at = 0; at < before; at += 1) server.say();
        server.events.length = 0;
        const store = createTimelineStore({ fetch: server.fetch, belongs: () => true });
        const late: Message[] = [];
        void store.jump();
        for (const step of wanted) {
          if (step.kind === 'say') server.say();
          else if (step.kind === 'change') server.change(step.at);
          else if (step.kind === 'event') {
            const event = server.events.shift();
            if (event) store.take(event);
          } else if (step.kind === 'answer') {
            const { onTheWay } = server;
            if (onTheWay.length > 0) onTheWay.splice(step.which % onTheWay.length, 1)[0]?.();
            const message = late.shift();
            if (message) store.take(message);
          } else if (step.kind === 'older') void store.loadOlder();
          else if (step.kind === 'newer') void store.loadNewer();
          else if (step.kind === 'refetch') void store.refetch();
          else if (step.kind === 'jump') void store.jump(step.to ?? undefined);
          else if (step.kind === 'send') late.push(server.say());
          else if (step.kind === 'again') {
            const message = server.log[step.at];
            if (message) store.take(message);
          } else store.follow(step.atEnd);
          await settle();
          if (store.state.status === 'ready') {
            const seqs = store.state.messages.map((message) => message.seq);
            expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
            expect(seqs.length).toBeLessThanOrEqual(2 * maxHeld + pageSize);
          }
        }
        // Everything arrives in the end.
        for (const message of late) store.take(message);
        while (server.events.length > 0 || server.onTheWay.length > 0) {
          server.onTheWay.shift()?.();
          const event = server.events.shift();
          if (event) store.take(event);
          await settle();
        }
        const { messages, older, newer } = store.state;
        expect(store.state.status).toBe('ready');
        const first = messages[0]?.seq ?? 1;
        expect(messages).toEqual(server.log.slice(first - 1, first - 1 + messages.length));
        if (!older && messages.length > 0) expect(first).toBe(1);
        if (!newer) expect(messages.length === 0 ? 0 : messages.at(-1)!.seq).toBe(server.log.length);
      }),
      { numRuns: 400 },
    );
  }, 60_000);
});

describe('an answer that arrives after a jump elsewhere', () => {
  /** A reader at the newest of 300 messages; `asks` has what is on its way since. */
  async function reading() {
    const server = createServer();
    for (let at = 0; at < 300; at += 1) server.say();
    const store = createTimelineStore({ fetch: server.fetch, belongs: () => true });
    void store.jump();
    server.onTheWay.shift()?.();
    await settle();
    const shown = () => store.state.messages.map(({ seq }) => seq);
    expect(shown()).toEqual(numbers(251, 300));
    return { store, shown, asks: server.onTheWay };
  }
  const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

  test.each([undefined, new Error('late')])(
    'of an earlier jump is not shown, nor its failure (%s)',
    async (late) => {
      const { store, shown, asks } = await reading();
      void store.jump(100);
      void store.jump(200);
      asks[1]!();
      await settle();
      const there = store.state;
      expect(shown()).toEqual(numbers(176, 225));
      asks[0]!(late);
      await settle();
      expect(store.state).toBe(there);
    },
  );

  test.each([undefined, new Error('late')])(
    'of a jump that another follows leaves that under way (%s)',
    async (late) => {
      const { store, shown, asks } = await reading();
      const before = store.state;
      void store.jump(100);
      void store.jump(200);
      asks[0]!(late);
      await settle();
      expect(store.state).toBe(before);
      asks[1]!();
      await settle();
      expect(shown()).toEqual(numbers(176, 225));
    },
  );

  test.each([
    ['older', 'loadOlder', undefined],
    ['older', 'loadOlder', new Error('late')],
    ['newer', 'loadNewer', undefined],
    ['newer', 'loadNewer', new Error('late')],
  ] as const)('of more %s messages is not joined to that place (%s, %s)', async (_end, load, late) => {
    const { store, shown, asks } = await reading();
    void store.jump(200);
    asks.shift()!();
    await settle();
    void store[load]();
    void store.jump(100);
    asks[1]!();
    await settle();
    const there = store.state;
    expect(shown()).toEqual(numbers(76, 125));
    asks[0]!(late);
    await settle();
    expect(store.state).toBe(there);
    // Either end can be extended again.
    void store[load]();
    asks[2]!();
    await settle();
    expect(shown()).toHaveLength(100);
  });

  test('does not turn the jump back: events that were missed meanwhile are read there', async () => {
    const { store, shown, asks } = await reading();
    const { generation } = store.state;
    void store.jump(100);
    void store.refetch();
    asks[0]!();
    asks[1]!();
    await settle();
    expect(shown()).toEqual(numbers(76, 125));
    expect(store.state.generation).toBe(generation + 1);
    // And the next one stays at that place.
    void store.refetch();
    asks[2]!();
    await settle();
    expect(shown()[0]).toBe(76);
    expect(store.state.generation).toBe(generation + 1);
  });
});

describe('what could not be read', () => {
  afterEach(() => vi.useRealTimers());

  /** A reader of three messages who then sent a fourth. */
  async function reading() {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const server = createServer();
    for (let at = 0; at < 3; at += 1) server.say();
    const beforeIt = server.log.slice();
    const mayBeOld: boolean[] = [];
    let lost = false;
    const store = createTimelineStore({
      belongs: () => true,
      async fetch(_query, limit, old) {
        mayBeOld.push(old);
        if (!lost) return { messages: server.log.slice(-limit), older: false, newer: false };
        if (!old) throw new Error('lost');
        return { messages: beforeIt, older: false, newer: false, old: true };
      },
    });
    const shown = () => store.state.messages.map(({ seq }) => seq);
    return {
      store,
      server,
      shown,
      mayBeOld,
      lose: (on: boolean) => {
        lost = on;
      },
    };
  }

  test('an answer from before never takes the place of what is shown, and it is asked for until it comes', async () => {
    const { store, server, shown, mayBeOld, lose } = await reading();
    await store.jump();
    store.take(server.say());
    // Of this one no event comes.
    server.say();
    lose(true);
    await store.refetch();
    expect(shown()).toEqual([1, 2, 3, 4]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(shown()).toEqual([1, 2, 3, 4]);
    expect(mayBeOld.length).toBeGreaterThan(3);
    expect(mayBeOld.slice(1)).not.toContain(true);
    lose(false);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(shown()).toEqual([1, 2, 3, 4, 5]);
    const asked = mayBeOld.length;
    await vi.advanceTimersByTimeAsync(120_000);
    expect(mayBeOld).toHaveLength(asked);
  });

  test('where an old answer stands in, the true one follows, at once when the line is back', async () => {
    const { store, server, shown, lose } = await reading();
    server.say();
    lose(true);
    await store.jump();
    expect(shown()).toEqual([1, 2, 3]);
    store.wake();
    await settle();
    expect(shown()).toEqual([1, 2, 3]);
    lose(false);
    store.wake();
    await settle();
    expect(shown()).toEqual([1, 2, 3, 4]);
  });

  test('is not asked for when it is not on screen any more', async () => {
    const { store, mayBeOld, lose } = await reading();
    await store.jump();
    lose(true);
    await store.refetch();
    store.stop();
    const asked = mayBeOld.length;
    await vi.advanceTimersByTimeAsync(120_000);
    expect(mayBeOld).toHaveLength(asked);
  });
});

test('100,000 messages are gone through in both directions with a bounded stretch', async () => {
  const log = Array.from({ length: 100_000 }, (_, at) => messageOf(at + 1));
  const store = createTimelineStore({
    belongs: () => true,
    fetch: async (query, limit) => {
      if ('before' in query) {
        const from = Math.max(0, query.before - 1 - limit);
        return { messages: log.slice(from, query.before - 1), older: from > 0, newer: true };
      }
      if ('after' in query) {
        return {
          messages: log.slice(query.after, query.after + limit),
          older: true,
          newer: query.after + limit < log.length,
        };
      }
      return { messages: log.slice(-limit), older: true, newer: false };
    },
  });
  await store.jump();
  let most = 0;
  while (store.state.older) {
    await store.loadOlder();
    most = Math.max(most, store.state.messages.length);
  }
  expect(store.state.messages[0]?.seq).toBe(1);
  while (store.state.newer) await store.loadNewer();
  expect(store.state.messages.at(-1)?.seq).toBe(100_000);
  expect(most).toBeLessThanOrEqual(maxHeld);
});
