import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { defineEvent, type FromServer, idSchema } from '../contract/index.ts';
import type { Db } from '../db/index.ts';
import { createTestCore, type TestCore } from '../testing/index.ts';
import type { Presenter } from './contract.ts';
import { createStreamReader, type StreamReader, type Subscriber } from './stream-reader.ts';

const said = defineEvent({
  name: 'test.said',
  version: 1,
  stream: 'spaceId',
  payload: z.object({ spaceId: idSchema, n: z.number() }),
});

let test: TestCore;
let orgId: string;
beforeAll(async () => {
  test = await createTestCore();
  ({ orgId } = await test.organisation());
});
afterAll(() => test.close());

/** Commits events and tells nobody: each test says itself who hears of it, and when. */
const say = (spaceId: string, ...numbers: number[]) =>
  test.core.db.transaction(orgId, async (tx) => {
    for (const n of numbers) test.core.outbox.emit(tx, said, { spaceId, n });
  });

/** A reader that never looks by itself. */
const newReader = (db: Db = test.core.db, present?: Presenter<Record<string, unknown>>): StreamReader =>
  createStreamReader({
    db,
    log: test.core.log,
    presenters: new Map([
      [
        said.name,
        present ??
          (async (_orgId, events) =>
            events.map(({ payload }) =>
              Number(payload.n) % 7 === 0 ? { data: payload, only: ['b'] } : { data: payload },
            )),
      ],
    ]),
    pollMs: 3_600_000,
  });

interface Heard extends Subscriber {
  closed: boolean;
  readonly got: FromServer[];
  writes: number;
}

function subscriber(personId = 'a', guest = false): Heard {
  const heard: Heard = {
    id: 'page',
    orgId,
    personId,
    guest,
    closed: false,
    spaces: new Map(),
    got: [],
    writes: 0,
    sendFrames(frames) {
      heard.writes += 1;
      for (let at = 0; at < frames.length; ) {
        // RFC 6455 §5.2: what a server's text frames look like.
        const short = frames[at + 1]!;
        const length = short < 126 ? short : frames.readUInt16BE(at + 2);
        const from = at + (short < 126 ? 2 : 4);
        heard.got.push(JSON.parse(frames.toString('utf8', from, from + length)));
        at = from + length;
      }
    },
  };
  return heard;
}

const seqs = ({ got }: Heard) => got.map((each) => (each.t === 'event' ? each.seq : each.t));
const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, at) => first + at);

async function until(condition: () => boolean, what: string): Promise<void> {
  const end = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await pause(5);
  }
}

it('reads what is committed while a stream is being opened, without waiting for the next look', async () => {
  const space = test.core.ids.next();
  await say(space, 1);
  let answered: () => void = () => {};
  let answer: () => void = () => {};
  const asked = new Promise<void>((resolve) => {
    answered = resolve;
  });
  const mayAnswer = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const slow: Db = {
    ...test.core.db,
    async systemQuery<Row extends Record<string, unknown>>(sql: string, parameters?: readonly unknown[]) {
      const rows = await test.core.db.systemQuery<Row>(sql, parameters);
      if (sql.includes('core.stream')) {
        answered();
        await mayAnswer;
      }
      return rows;
    },
  };
  const reader = newReader(slow);
  const page = subscriber();
  const joined = reader.join(page, space, 1);
  await asked;
  await say(space, 2);
  reader.wake([{ streamId: space, seq: 2 }]);
  answer();
  await joined;
  await until(() => page.got.length > 0, 'the event in between');
  expect(seqs(page)).toEqual([2]);
  await reader.stop();
});

it('gives nothing twice to a page that has heard more elsewhere', async () => {
  const space = test.core.ids.next();
  await say(space, 1);
  const reader = newReader();
  const first = subscriber();
  await reader.join(first, space, 1);
  await say(space, 2, 3);
  const ahead = subscriber();
  await reader.join(ahead, space, 3);
  await say(space, 4);
  reader.wake([{ streamId: space, seq: 4 }]);
  await until(() => seqs(first).includes(4) && seqs(ahead).includes(4), 'the last event');
  expect([seqs(first), seqs(ahead)]).toEqual([[2, 3, 4], [4]]);
  await reader.stop();
});

it('gives a batch in one write, in order, to whoever joins anywhere in it, and hides what is for others', async () => {
  const space = test.core.ids.next();
  await say(space, 1);
  const reader = newReader();
  const early = subscriber('b');
  await reader.join(early, space, 1);
  const joins: Promise<void>[] = [];
  const pages: { page: Heard; since: number }[] = [];
  for (let from = 2; from <= 182; from += 20) {
    await say(space, ...upTo(from + 19, from));
    reader.wake([{ streamId: space, seq: from + 19 }]);
    // In the middle of what was just written, while it is being read.
    const since = from + 9;
    const page = subscriber();
    pages.push({ page, since });
    joins.push(reader.join(page, space, since));
  }
  await Promise.all(joins);
  const last = 201;
  await until(
    () => [early, ...pages.map(({ page }) => page)].every((page) => seqs(page).at(-1) === last),
    'all',
  );
  expect(seqs(early)).toEqual(upTo(last, 2));
  expect(early.got.every((each) => each.t === 'event' && each.name === said.name)).toBe(true);
  expect(early.writes).toBeLessThanOrEqual(20);
  for (const { page, since } of pages) {
    expect(seqs(page)).toEqual(upTo(last, since + 1));
    const hidden = page.got.flatMap((each) =>
      each.t === 'event' && each.name === 'core.hidden' ? [each.seq] : [],
    );
    expect(hidden).toEqual(upTo(last, since + 1).filter((n) => n % 7 === 0));
  }
  await reader.stop();
});

it('keeps nobody who left before she could join', async () => {
  const space = test.core.ids.next();
  const reader = newReader();
  const page = subscriber();
  const joined = reader.join(page, space, 0);
  page.closed = true;
  await joined;
  expect([...reader.subscribers(space)]).toEqual([]);
  expect(page.spaces.size).toBe(0);
  await reader.stop();
});

it('asks which guests an event is for, those too who come while it is asked', async () => {
  const space = test.core.ids.next();
  const late = subscriber('late', true);
  const asked: string[][] = [];
  // The first is asked for nobody's guests; the late one comes before that is answered.
  const reader: StreamReader = newReader(test.core.db, async (_orgId, events, guests) => {
    asked.push([...guests]);
    if (asked.length === 1) await reader.join(late, space, 0);
    return events.map(({ payload }) => ({
      data: payload,
      guests: Number(payload.n) === 1 ? ['late'] : [],
    }));
  });
  const [member, other] = [subscriber('member'), subscriber('other', true)];
  await reader.join(member, space, 0);
  await reader.join(other, space, 0);
  await say(space, 1, 2);
  reader.wake([{ streamId: space, seq: 2 }]);
  const names = ({ got }: Heard) => got.map((each) => (each.t === 'event' ? each.name : each.t));
  await until(() => late.got.length === 2 && other.got.length === 2, 'both events');
  expect(names(member)).toEqual([said.name, said.name]);
  expect(names(other)).toEqual(['core.hidden', 'core.hidden']);
  expect(names(late)).toEqual([said.name, 'core.hidden']);
  expect(asked).toEqual([['other'], ['other', 'late']]);
  const again = subscriber('late', true);
  await reader.join(again, space, 0);
  expect(names(again)).toEqual([said.name, 'core.hidden']);
  await reader.stop();
});
