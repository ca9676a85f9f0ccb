import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { createInProcessBus } from '../bus/index.ts';
import { defineEvent, idSchema, type OutboxEvent } from '../contract/index.ts';
import type { Tx } from '../db/index.ts';
import { createIds } from '../ids/index.ts';
import { createOutbox, type Outbox, type Reaction } from '../outbox/index.ts';
import { createTestDb, type TestDb } from '../testing/test-db.ts';
import { type ContentSource, changedBy, contentPage } from './content.ts';
import { type ContentRead, followContent, readAllContent } from './follow-content.ts';

const noted = defineEvent({
  name: 'test.things-noted',
  version: 1,
  stream: 'spaceId',
  payload: z.object({ spaceId: idSchema, ids: z.array(idSchema) }),
});

const log = { info: () => {}, warn: () => {}, error: () => {} };
const ids = createIds({ site: 0 });
const orgId = ids.next();
let testDb: TestDb;
beforeAll(async () => {
  testDb = await createTestDb();
});
afterAll(() => testDb.close());

/** Things that are kept here, and can be found. */
function thingsOf(spaceId: string): { kept: Map<string, string>; source: ContentSource } {
  const kept = new Map<string, string>();
  const source: ContentSource = {
    kind: 'test.thing',
    version: 1,
    changes: [changedBy(noted, (_tx, { ids: concerned }) => concerned)],
    list: async (_tx, { after, limit }) =>
      [...kept.keys()]
        .sort()
        .filter((id) => after === null || id > after)
        .slice(0, limit),
    read: async (_tx, asked) =>
      asked.flatMap((id) => {
        const title = kept.get(id);
        return title === undefined
          ? []
          : [
              {
                id,
                place: { spaceId },
                title,
                text: '',
                personIds: [],
                container: '',
                at: new Date(0),
                path: '/',
              },
            ];
      }),
  };
  return { kept, source };
}

it('reads what changed as it is now, what is gone among it, and many in pages', async () => {
  const spaceId = ids.next();
  const { kept, source } = thingsOf(spaceId);
  const reads: ContentRead[] = [];
  const outbox = createOutbox({
    db: testDb.db,
    bus: createInProcessBus(log),
    nextId: () => ids.next(),
    log,
    pollMs: 50,
  });
  followContent({ db: testDb.db, outbox }, 'test.follower', [source], async (_tx, read) => {
    reads.push(read);
  });
  const [gone, ...there] = Array.from({ length: contentPage + 31 }, () => ids.next());
  for (const id of there) kept.set(id, `title of ${id}`);

  await testDb.db.transaction(orgId, async (tx) =>
    outbox.emit(tx, noted, { spaceId, ids: [...there, gone as string].reverse() }),
  );
  await outbox.drain();
  await outbox.stop();

  expect(reads.map((read) => read.ids.length)).toEqual([contentPage, 31]);
  expect(reads.flatMap((read) => read.ids)).toEqual([gone, ...there]);
  expect(reads.flatMap((read) => read.documents.map(({ title }) => title))).toEqual([...kept.values()]);
});

it('reads each once of several events that are told together', async () => {
  const spaceId = ids.next();
  const { kept, source } = thingsOf(spaceId);
  const [one, two] = [ids.next(), ids.next()];
  kept.set(one, 'one').set(two, 'two');
  const reads: ContentRead[] = [];
  const reactions: Reaction[] = [];
  const outbox = { react: (each: Reaction) => void reactions.push(each) } as Outbox;
  followContent({ db: testDb.db, outbox }, 'test.follower', [source], async (_tx, read) => {
    reads.push(read);
  });
  const told = [[one], [two, one], [two]].map(
    (concerned) => ({ orgId, payload: { spaceId, ids: concerned } }) as unknown as OutboxEvent,
  );
  await reactions[0]?.handleMany?.(told);
  expect(reads.map((read) => read.ids)).toEqual([[one, two]]);
});

it('asks each of many events once, and reads what concerns many by itself', async () => {
  const { kept, source } = thingsOf(ids.next());
  const asked: string[] = [];
  const all = Array.from({ length: contentPage + 40 }, () => ids.next());
  for (const id of all) kept.set(id, id);
  /** An event of one name concerns that many of them, in pages. */
  const counted: ContentSource = {
    ...source,
    changes: [
      changedBy(noted, (_tx, { ids: [first] }, { after, limit }) => {
        asked.push(first!);
        if (first !== all[0]) return [first!];
        return all.filter((id) => after === null || id > after).slice(0, limit);
      }),
    ],
  };
  const read: string[] = [];
  const reactions: Reaction[] = [];
  const outbox = { react: (each: Reaction) => void reactions.push(each) } as Outbox;
  followContent({ db: testDb.db, outbox }, 'test.follower', [counted], async (_tx, page) => {
    read.push(...page.ids);
  });
  const told = all.map((id) => ({ orgId, payload: { spaceId: orgId, ids: [id] } }) as unknown as OutboxEvent);
  await reactions[0]?.handleMany?.(told);
  expect(read).toEqual([...all.slice(1), ...all]);
  // The one that concerns many: once to see that, and once for each of its two pages.
  expect(asked.length).toBe(all.length + 2);
});

it('never writes what it read first after what another read since', async () => {
  const { kept, source } = thingsOf(ids.next());
  const id = ids.next();
  kept.set(id, 'before');
  const written: string[] = [];
  const wait = Promise.withResolvers<void>();
  const reading = Promise.withResolvers<void>();
  const keep = async (_tx: Tx, read: ContentRead, first?: boolean) => {
    if (first) {
      reading.resolve();
      await wait.promise;
    }
    written.push(read.documents[0]?.title ?? '');
  };
  const slow = readAllContent(testDb.db, 'test.follower', orgId, source, (tx, read) => keep(tx, read, true));
  await reading.promise;
  kept.set(id, 'after');
  const quick = readAllContent(testDb.db, 'test.follower', orgId, source, keep);
  // It waits for the first one's lock: seen in the database.
  await expect
    .poll(
      async () =>
        (await testDb.admin("select from pg_locks where locktype = 'advisory' and not granted")).length,
    )
    .toBe(1);
  wait.resolve();
  await Promise.all([slow, quick]);
  expect(written).toEqual(['before', 'after']);
});

it('reads all there is, from where somebody stopped', async () => {
  const { kept, source } = thingsOf(ids.next());
  const all = Array.from({ length: 2 * contentPage }, () => ids.next());
  for (const id of all) kept.set(id, id);
  const seen: string[] = [];
  const reached: string[] = [];
  await readAllContent(
    testDb.db,
    'test.follower',
    orgId,
    source,
    async (_tx, read) => void seen.push(...read.ids),
    { after: all[4]!, reached: async (_tx, id) => void reached.push(id) },
  );
  expect(seen).toEqual(all.slice(5));
  expect(reached).toEqual([all[4 + contentPage], all.at(-1)]);
});

it('stops between two pages when it is told to', async () => {
  const { kept, source } = thingsOf(ids.next());
  const all = Array.from({ length: 2 * contentPage }, () => ids.next());
  for (const id of all) kept.set(id, id);
  const stop = new AbortController();
  const seen: string[] = [];
  const keep = async (_tx: Tx, read: ContentRead) => {
    seen.push(...read.ids);
    stop.abort();
  };
  await readAllContent(testDb.db, 'test.follower', orgId, source, keep, { signal: stop.signal });
  expect(seen).toEqual(all.slice(0, contentPage));
});
