import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createInProcessBus } from '../bus/index.ts';
import { defineEvent, idSchema, type OutboxEvent } from '../contract/index.ts';
import { createIds } from '../ids/index.ts';
import { createTestDb, type TestDb } from '../testing/test-db.ts';
import { createOutbox, type Outbox } from './outbox.ts';
import { reactTo, triesBeforeParking } from './reaction.ts';

const happened = defineEvent({
  name: 'test.thing-happened',
  version: 1,
  stream: 'spaceId',
  payload: z.object({ spaceId: idSchema, n: z.number() }),
});

const log = { info: () => {}, warn: () => {}, error: () => {} };
const ids = createIds({ site: 0 });
const orgId = ids.next();
let testDb: TestDb;
beforeAll(async () => {
  testDb = await createTestDb();
});
afterAll(() => testDb.close());

const newOutbox = (): Outbox =>
  createOutbox({
    db: testDb.db,
    bus: createInProcessBus(log),
    nextId: () => ids.next(),
    log,
    pollMs: 50,
  });

const tell = (outbox: Outbox, spaceId: string, n: number) =>
  testDb.db.transaction(orgId, async (tx) => outbox.emit(tx, happened, { spaceId, n }));

async function until(condition: () => boolean | Promise<boolean>, deadlineMs = 5000): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error('it did not come to pass in time');
    await pause(10);
  }
}

/** Transactions of other tests' databases on the same server hold readers back. */
const patienceMs = 10_000;

describe('the outbox', () => {
  it('gives each stream dense numbers in commit order, whoever began first', async () => {
    const outbox = newOutbox();
    const spaceId = ids.next();
    const seen: number[] = [];
    outbox.react(
      reactTo(
        'test.order',
        happened,
        async (event) => void (event.streamId === spaceId && seen.push(event.payload.n)),
      ),
    );

    let finishSlow: () => void = () => {};
    const slowMayEnd = new Promise<void>((resolve) => {
      finishSlow = resolve;
    });
    let begun: () => void = () => {};
    const slowBegan = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const slow = testDb.db.transaction(orgId, async (tx) => {
      await tx.query('select pg_current_xact_id()');
      begun();
      await slowMayEnd;
      outbox.emit(tx, happened, { spaceId, n: 2 });
    });
    await slowBegan;
    await tell(outbox, spaceId, 1);
    finishSlow();
    await slow;
    await tell(outbox, spaceId, 3);
    await outbox.drain();
    expect(seen).toEqual([1, 2, 3]);
  });

  it('never passes by a transaction that was in flight while the cursor moved', async () => {
    const outbox = newOutbox();
    const early = ids.next();
    const late = ids.next();
    const seen: string[] = [];
    outbox.react(reactTo('test.gap', happened, async (event) => void seen.push(event.streamId)));
    let finish: () => void = () => {};
    const mayEnd = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let begun: () => void = () => {};
    const began = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const inFlight = testDb.db.transaction(orgId, async (tx) => {
      await tx.query('select pg_current_xact_id()');
      begun();
      await mayEnd;
      outbox.emit(tx, happened, { spaceId: early, n: 1 });
    });
    await began;
    await tell(outbox, late, 1);
    await outbox.drain(100);
    finish();
    await inFlight;
    await outbox.drain();
    expect(seen.filter((id) => id === early)).toHaveLength(1);
    expect(seen.filter((id) => id === late)).toHaveLength(1);
  });

  it('writes nothing when the action fails', async () => {
    const outbox = newOutbox();
    const spaceId = ids.next();
    await expect(
      testDb.db.transaction(orgId, async (tx) => {
        outbox.emit(tx, happened, { spaceId, n: 1 });
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    expect(await testDb.admin('select from core.outbox where stream_id = $1', [spaceId])).toEqual([]);
  });

  it('reacts again after a process died between the reaction and its cursor', async () => {
    const spaceId = ids.next();
    const first = newOutbox();
    let calls = 0;
    first.react(
      reactTo('test.killed', happened, async (event) => {
        if (event.streamId !== spaceId) return;
        calls += 1;
        // What a kill -9 does to the cursor: the connection that would save it is gone.
        await testDb.admin(
          `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'liaison_system' and datname = current_database()`,
        );
      }),
    );
    await tell(first, spaceId, 1);
    await first.drain().catch(() => {});
    const second = newOutbox();
    second.react(
      reactTo('test.killed', happened, async (event) => void (event.streamId === spaceId && calls++)),
    );
    // The pool may still hand out a connection that was ended; whoever runs reactions tries again.
    await until(() =>
      second.drain().then(
        () => true,
        () => false,
      ),
    );
    expect(calls).toBeGreaterThanOrEqual(1);
    const [cursor] = await testDb.admin(
      'select seq, tries from core.reaction_cursor where reaction = $1 and stream_id = $2',
      ['test.killed', spaceId],
    );
    expect(cursor).toEqual({ seq: 1, tries: 0 });
  });

  it('parks after ten tries, blocks that stream alone, and goes on when told', async () => {
    const outbox = newOutbox();
    const bad = ids.next();
    const good = ids.next();
    const seen: string[] = [];
    let mended = false;
    outbox.react(
      reactTo('test.parking', happened, async (event) => {
        if (event.streamId !== bad && event.streamId !== good) return;
        if (event.streamId === bad && event.payload.n === 1 && !mended) throw new Error('not today');
        seen.push(`${event.streamId === bad ? 'bad' : 'good'} ${event.payload.n}`);
      }),
    );
    await tell(outbox, bad, 1);
    await tell(outbox, bad, 2);
    for (let n = 1; n <= triesBeforeParking; n++) {
      await outbox.drain();
      await testDb.admin(
        "update core.reaction_cursor set next_try_at = now() where reaction = 'test.parking' and tries > 0",
      );
    }
    await tell(outbox, good, 1);
    await tell(outbox, bad, 3);
    await outbox.drain();
    expect(seen).toEqual(['good 1']);
    const [parked] = (await outbox.parked()).filter((each) => each.reaction === 'test.parking');
    expect(parked).toMatchObject({ streamId: bad, seq: 1, error: 'not today' });
    mended = true;
    await outbox.unpark('test.parking', bad, 'retry');
    await outbox.drain();
    expect(seen).toEqual(['good 1', 'bad 1', 'bad 2', 'bad 3']);
    expect((await outbox.parked()).filter((each) => each.reaction === 'test.parking')).toEqual([]);
  });

  it('handles several events at once where it can, and one by one where one of them is bad', async () => {
    const outbox = newOutbox();
    const spaceId = ids.next();
    const seen: string[] = [];
    const numberOf = (event: { payload: unknown }) => (event.payload as { n: number }).n;
    outbox.react({
      name: 'test.together',
      events: [happened.name],
      async handle(event) {
        if (event.streamId !== spaceId) return;
        if (numberOf(event) === 5) throw new Error('five is bad');
        seen.push(`${numberOf(event)}`);
      },
      async handleMany(events) {
        const mine = events.filter((event) => event.streamId === spaceId).map(numberOf);
        if (mine.includes(5)) throw new Error('one of them is bad');
        if (mine.length > 0) seen.push(mine.join('+'));
      },
    });
    const tellAll = (...numbers: number[]) =>
      testDb.db.transaction(orgId, async (tx) => {
        for (const n of numbers) outbox.emit(tx, happened, { spaceId, n });
      });
    await tellAll(1, 2, 3);
    await outbox.drain();
    expect(seen).toEqual(['1+2+3']);
    await tellAll(4, 5, 6);
    await outbox.drain();
    expect(seen).toEqual(['1+2+3', '4']);
    const [cursor] = await testDb.admin(
      'select seq, tries, error from core.reaction_cursor where reaction = $1 and stream_id = $2',
      ['test.together', spaceId],
    );
    expect(cursor).toEqual({ seq: 4, tries: 1, error: 'five is bad' });
  });

  it('handles events of many streams at once, and holds back only the one in which one of them is bad', async () => {
    const outbox = newOutbox();
    const many = [ids.next(), ids.next(), ids.next()].sort();
    const bad = many[1]!;
    const elsewhere = ids.next();
    const otherOrgId = ids.next();
    const mine = (events: readonly OutboxEvent[]) =>
      events
        .filter(({ streamId }) => many.includes(streamId) || streamId === elsewhere)
        .map(({ streamId, payload }) => `${[...many, elsewhere].indexOf(streamId)}:${payload.n}`);
    const together: string[][] = [];
    const alone: string[] = [];
    let isBad = true;
    outbox.react({
      name: 'test.streams',
      events: [happened.name],
      async handle(event) {
        if (isBad && event.streamId === bad) throw new Error('not this one');
        alone.push(...mine([event]));
      },
      async handleMany(events) {
        expect(new Set(events.map((each) => each.orgId)).size).toBe(1);
        if (isBad && events.some(({ streamId, seq }) => streamId === bad && seq > 1))
          throw new Error('one of them');
        const concerned = mine(events);
        if (concerned.length > 0) together.push(concerned);
      },
    });
    const tellEach = (n: number) =>
      testDb.db.transaction(orgId, async (tx) => {
        for (const spaceId of many) outbox.emit(tx, happened, { spaceId, n });
      });
    const cursors = async () =>
      testDb.admin(
        'select seq, tries from core.reaction_cursor where reaction = $1 and stream_id = any($2) order by stream_id',
        ['test.streams', many],
      );

    await tellEach(1);
    await testDb.db.transaction(otherOrgId, async (tx) =>
      outbox.emit(tx, happened, { spaceId: elsewhere, n: 1 }),
    );
    await outbox.drain(patienceMs);
    expect(together).toEqual([['0:1', '1:1', '2:1']]);
    // What is alone in its organisation stays alone.
    expect(alone.splice(0)).toEqual(['3:1']);
    expect(await cursors()).toEqual([
      { seq: 1, tries: 0 },
      { seq: 1, tries: 0 },
      { seq: 1, tries: 0 },
    ]);

    await tellEach(2);
    await outbox.drain(patienceMs);
    expect(alone.sort()).toEqual(['0:2', '2:2']);
    expect(await cursors()).toEqual([
      { seq: 2, tries: 0 },
      { seq: 1, tries: 1 },
      { seq: 2, tries: 0 },
    ]);
    // What waits for its next try is passed over; the others go on together.
    await tellEach(3);
    await outbox.drain(patienceMs);
    expect(together.at(-1)).toEqual(['0:3', '2:3']);
    isBad = false;
    await testDb.admin(
      "update core.reaction_cursor set next_try_at = now() where reaction = 'test.streams' and tries > 0",
    );
    await outbox.drain(patienceMs);
    expect(together.at(-1)).toEqual(['1:2', '1:3']);
    expect(await cursors()).toEqual([
      { seq: 3, tries: 0 },
      { seq: 3, tries: 0 },
      { seq: 3, tries: 0 },
    ]);
  });

  it('goes on until many streams with more than goes in one go are level', async () => {
    const outbox = newOutbox();
    const many = Array.from({ length: 5 }, () => ids.next());
    const seen = new Map<string, number[]>();
    let goes = 0;
    const keep = (events: readonly OutboxEvent[]) => {
      for (const { streamId, payload } of events)
        if (many.includes(streamId)) seen.set(streamId, [...(seen.get(streamId) ?? []), Number(payload.n)]);
    };
    outbox.react({
      name: 'test.long-streams',
      events: [happened.name],
      handle: async (event) => keep([event]),
      async handleMany(events) {
        goes += 1;
        expect(events.length).toBeLessThanOrEqual(200);
        keep(events);
      },
    });
    const numbers = Array.from({ length: 90 }, (_, at) => at + 1);
    await testDb.db.transaction(orgId, async (tx) => {
      for (const spaceId of many) for (const n of numbers) outbox.emit(tx, happened, { spaceId, n });
    });
    await outbox.drain(patienceMs);
    for (const spaceId of many) expect(seen.get(spaceId)).toEqual(numbers);
    expect(goes).toBeGreaterThan(2);
  });

  it('gives a reaction that is new everything, and one that is level only what is new', async () => {
    const spaceId = ids.next();
    const seen: string[] = [];
    const make = (...names: string[]) => {
      const outbox = newOutbox();
      for (const name of names) {
        outbox.react(
          reactTo(
            `test.${name}`,
            happened,
            async (event) => void (event.streamId === spaceId && seen.push(`${name} ${event.payload.n}`)),
          ),
        );
      }
      return outbox;
    };
    const old = make('old');
    await tell(old, spaceId, 1);
    await old.drain();
    const both = make('old', 'new');
    await tell(both, spaceId, 2);
    await both.drain();
    await tell(both, spaceId, 3);
    await both.drain();
    expect(seen.filter((each) => each.startsWith('old'))).toEqual(['old 1', 'old 2', 'old 3']);
    expect(seen.filter((each) => each.startsWith('new'))).toEqual(['new 1', 'new 2', 'new 3']);
  });

  it('runs a reaction in one of two processes, and in the other when that one goes', async () => {
    const spaceId = ids.next();
    const runs: string[] = [];
    const make = (name: string) => {
      const outbox = newOutbox();
      outbox.react(
        reactTo(
          'test.single',
          happened,
          async (event) => void (event.streamId === spaceId && runs.push(`${name} ${event.payload.n}`)),
        ),
      );
      return outbox;
    };
    const a = make('a');
    await a.start();
    try {
      await tell(a, spaceId, 1);
      await until(() => runs.length === 1);
      const b = make('b');
      await b.start();
      try {
        await tell(b, spaceId, 2);
        await until(() => runs.length === 2);
        await a.stop();
        await tell(b, spaceId, 3);
        await until(() => runs.length === 3);
        expect(runs).toEqual(['a 1', 'a 2', 'b 3']);
      } finally {
        await b.stop();
      }
    } finally {
      await a.stop();
    }
  });

  it('looks at no stream whose news it does not want', async () => {
    const outbox = newOutbox();
    const spaceId = ids.next();
    outbox.react(reactTo('test.unconcerned', { ...happened, name: 'test.never-happened' }, async () => {}));
    await tell(outbox, spaceId, 1);
    await outbox.drain();
    const cursors = await testDb.admin('select 1 from core.reaction_cursor where reaction = $1', [
      'test.unconcerned',
    ]);
    expect(cursors).toEqual([]);
  });

  it('keeps what a reaction has still to see when old events are deleted', async () => {
    const outbox = newOutbox();
    const spaceId = ids.next();
    let fail = true;
    outbox.react(
      reactTo('test.purge', happened, async (event) => {
        if (event.streamId === spaceId && fail) throw new Error('later');
      }),
    );
    await tell(outbox, spaceId, 1);
    await outbox.drain();
    await outbox.purge(new Date(Date.now() + 60_000));
    expect(await testDb.admin('select seq from core.outbox where stream_id = $1', [spaceId])).toEqual([
      { seq: 1 },
    ]);
    fail = false;
    await testDb.admin("update core.reaction_cursor set next_try_at = now() where reaction = 'test.purge'");
    await outbox.drain();
  });
});
