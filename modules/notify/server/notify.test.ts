import type { EventDefinition } from '@liaison/core/contract';
import { createTestCore, type TestCore, type TestPerson } from '@liaison/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countNews, listNews, listNewsOfGroup, newsChanged, readNews } from '../contract/index.ts';
import { createNotify, migrations, personalData } from './index.ts';
import {
  createStage,
  itemOf,
  noteLeft,
  noteRead,
  notes,
  noteTorn,
  peopleOfTest,
  reachOfTest,
  readAlready,
  type Stage,
  source,
  tell as tellIn,
} from './testing/notes.ts';

let test: TestCore;
beforeAll(async () => {
  test = await createTestCore({ sources: [migrations] });
  createNotify({
    core: test.core,
    people: peopleOfTest({ language: 'en', timeZone: 'UTC' }),
    reach: reachOfTest(),
    sources: [source],
  });
  await test.listen();
});
afterAll(() => test.close());

const stage = (): Promise<Stage> => createStage(test);
const tell = <Payload extends Record<string, unknown>>(
  orgId: string,
  event: EventDefinition<Payload>,
  payload: NoInfer<Payload>,
): Promise<void> => tellIn(test, orgId, event, payload);

const count = async (who: TestPerson) => (await test.client(who).call(countNews)).body;
const list = async (who: TestPerson, query = {}) => (await test.client(who).call(listNews, { query })).body;
const toldOf = (orgId: string, personId: string) =>
  test.testDb.admin(
    `select from core.outbox where org_id = $1 and name = $2 and payload ->> 'personId' = $3`,
    [orgId, newsChanged.name, personId],
  );

describe('what concerns somebody', () => {
  it('is in her list and count, in nobody else’s, and told to her pages', async () => {
    const { orgId, alice, bob, carol, leave, spaceId } = await stage();
    const note = await leave(alice, [bob], 'The pilot waits');
    expect(await count(bob)).toEqual({ unread: 1, needsMe: 1 });
    expect(await count(carol)).toEqual({ unread: 0, needsMe: 0 });
    expect(await count(alice)).toEqual({ unread: 0, needsMe: 0 });
    expect(await list(bob)).toMatchObject({
      rows: [
        {
          spaceId,
          unread: 1,
          needsMe: 1,
          personIds: [alice.id],
          latest: {
            kind: 'notes.for-me',
            title: 'Board',
            text: 'The pilot waits',
            path: `/notes/${note.board}`,
            needsMe: true,
            readAt: null,
            personId: alice.id,
          },
        },
      ],
      next: null,
    });
    expect(await toldOf(orgId, bob.id)).toHaveLength(1);
    expect(await toldOf(orgId, carol.id)).toHaveLength(0);
  });

  it('is told once, however often the event comes', async () => {
    const { orgId, alice, bob, leave, spaceId } = await stage();
    const note = await leave(alice, [bob]);
    await tell(orgId, noteLeft, { spaceId, noteId: note.id });
    expect(await count(bob)).toEqual({ unread: 1, needsMe: 1 });
    expect(await toldOf(orgId, bob.id)).toHaveLength(1);
  });

  it('says what it says now, and is gone with what it was about', async () => {
    const { orgId, alice, bob, leave, spaceId } = await stage();
    const note = await leave(alice, [bob], 'before');
    note.text = 'after';
    expect((await list(bob)).rows).toMatchObject([{ latest: { text: 'after' } }]);
    notes.delete(note.id);
    for (let times = 0; times < 2; times++) await tell(orgId, noteTorn, { spaceId, noteId: note.id });
    expect((await list(bob)).rows).toEqual([]);
    expect(await count(bob)).toEqual({ unread: 0, needsMe: 0 });
  });

  it('is nothing to another organisation, and to nobody signed out', async () => {
    const { alice, bob, leave } = await stage();
    const { orgId: theirs, alice: stranger } = await stage();
    await leave(alice, [bob, stranger]);
    expect(theirs).not.toBe(alice.orgId);
    expect(await count(stranger)).toEqual({ unread: 0, needsMe: 0 });
    const { rows } = await list(bob);
    const groupId = rows[0]!.id;
    const theirsOfIt = await test.client(stranger).call(listNewsOfGroup, { params: { groupId } });
    expect(theirsOfIt.body.rows).toEqual([]);
    await test.client(stranger).call(readNews, { body: { groupIds: [groupId] } });
    expect(await count(bob)).toEqual({ unread: 1, needsMe: 1 });
    expect((await test.client().call(countNews)).status).toBe(401);
  });

  it('is not told when it is older than the module', async () => {
    const { orgId, alice, bob, spaceId, board } = await stage();
    const note = { id: test.core.ids.next(), board, spaceId, by: alice.id, to: [bob.id], nth: 1, text: '' };
    notes.set(note.id, note);
    await test.core.db.transaction(orgId, async (tx) => {
      test.core.outbox.emit(tx, noteLeft, { spaceId, noteId: note.id });
    });
    await test.testDb.admin("update core.outbox set at = now() - interval '3 days' where stream_id = $1", [
      spaceId,
    ]);
    await test.core.outbox.drain();
    expect(await count(bob)).toEqual({ unread: 0, needsMe: 0 });
  });
});

describe('reading', () => {
  it('at its own place marks it read as far as she is, twice without harm', async () => {
    const { orgId, alice, bob, leave, spaceId, board } = await stage();
    for (let nth = 1; nth <= 3; nth++) await leave(alice, [bob]);
    for (let times = 0; times < 2; times++) {
      await tell(orgId, noteRead, { spaceId, board, personId: bob.id, upTo: 2 });
    }
    expect(await count(bob)).toEqual({ unread: 1, needsMe: 1 });
    expect(await toldOf(orgId, bob.id)).toHaveLength(4);
  });

  it('before it was told leaves it read', async () => {
    const { alice, bob, leave, spaceId, board } = await stage();
    const next = { id: test.core.ids.next(), board, spaceId, by: alice.id, to: [bob.id], nth: 9, text: '' };
    notes.set(next.id, next);
    readAlready.add(`${bob.id} ${itemOf(next.id)}`);
    await tell(alice.orgId, noteLeft, { spaceId, noteId: next.id });
    expect(await count(bob)).toEqual({ unread: 0, needsMe: 0 });
    await leave(alice, [bob]);
    expect(await count(bob)).toEqual({ unread: 1, needsMe: 1 });
  });

  it('in the list takes one, a group, or all until a time', async () => {
    const { alice, bob, leave } = await stage();
    for (let nth = 1; nth <= 4; nth++) await leave(alice, [bob], `note ${nth}`);
    const [group] = (await list(bob)).rows;
    const page = await test.client(bob).call(listNewsOfGroup, { params: { groupId: group!.id } });
    expect(page.body.rows.map(({ text }) => text)).toEqual(['note 4', 'note 3', 'note 2', 'note 1']);
    const [newest, , , oldest] = page.body.rows;
    const read = async (body: object) => (await test.client(bob).call(readNews, { body })).body;
    expect(await read({ newsIds: [newest!.id] })).toEqual({ unread: 3, needsMe: 3 });
    expect(await read({ allUntil: oldest!.at })).toEqual({ unread: 2, needsMe: 2 });
    expect(await read({ groupIds: [group!.id] })).toEqual({ unread: 0, needsMe: 0 });
    expect((await list(bob)).rows).toMatchObject([{ unread: 0, latest: { text: 'note 4' } }]);
    expect((await list(bob, { only: 'unread' })).rows).toEqual([]);
    expect((await test.client(bob).call(readNews, { body: { newsIds: [] } })).status).toBe(400);
    expect((await test.client(bob).call(readNews, { body: {} })).status).toBe(400);
  });
});

it('lists what needs her first, then the newest, in pages without a gap', async () => {
  const boards = [];
  const first = await stage();
  const { alice, bob, orgId } = first;
  for (let at = 0; at < 5; at++) {
    const board = test.core.ids.next();
    const note = {
      id: test.core.ids.next(),
      board,
      spaceId: first.spaceId,
      by: alice.id,
      to: [bob.id],
      nth: 1,
      text: `${at}`,
    };
    notes.set(note.id, note);
    boards.push(board);
    await tell(orgId, noteLeft, { spaceId: first.spaceId, noteId: note.id });
  }
  // The two newest need her no more.
  for (const board of boards.slice(3)) {
    await tell(orgId, noteRead, { spaceId: first.spaceId, board, personId: bob.id, upTo: 1 });
  }
  const texts: string[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await list(bob, { limit: 2, ...(cursor ? { cursor } : {}) });
    texts.push(...page.rows.map(({ latest }) => latest.text));
    cursor = page.next;
  } while (cursor);
  expect(texts).toEqual(['2', '1', '0', '4', '3']);
  const bad = await test.client(bob).call(listNews, { query: { cursor: '1_2026-99-99T00:00:00Z_x' } });
  expect(bad.status).toBe(400);
});

describe('a right that is taken away', () => {
  it('takes the news with it, from list and count', async () => {
    const { orgId, alice, bob, carol, leave, spaceId, board } = await stage();
    await leave(alice, [bob, carol]);
    await test.core.db.transaction(orgId, (tx) => test.core.spaces.removeMember(tx, spaceId, bob.id));
    // Before any reaction ran.
    expect(await count(bob)).toEqual({ unread: 0, needsMe: 0 });
    expect((await list(bob)).rows).toEqual([]);
    const before = (await toldOf(orgId, bob.id)).length;
    await test.core.outbox.drain();
    expect((await toldOf(orgId, bob.id)).length).toBe(before + 1);
    expect(await count(carol)).toEqual({ unread: 1, needsMe: 1 });

    await test.core.db.transaction(orgId, (tx) =>
      test.core.spaces.grant(
        tx,
        { spaceId, containerId: board },
        { principal: { kind: 'person', id: carol.id }, right: 'none' },
      ),
    );
    expect(await count(carol)).toEqual({ unread: 0, needsMe: 0 });
    await test.core.outbox.drain();
    await leave(alice, [carol]);
    expect(await count(carol)).toEqual({ unread: 0, needsMe: 0 });
    const kept = await test.testDb.admin('select from notify.news where org_id = $1', [orgId]);
    expect(kept).toHaveLength(0);
  });
});

it('gives a person her data, forgets it twice without harm, and what is too old once', async () => {
  const { orgId, alice, bob, leave } = await stage();
  await leave(alice, [bob]);
  await test.core.db.read(orgId, async (tx) => {
    const files = [];
    for await (const file of personalData.export(tx, bob.id)) files.push(file);
    expect(files[0]).toMatchObject({ path: 'news.json', content: expect.stringContaining('notes.for-me') });
  });
  const purge = personalData.retention.find(({ what }) => what === 'news')!.purge!;
  const purged = await test.core.db.transaction(orgId, (tx) => purge(tx, new Date(Date.now() - 86_400_000)));
  expect(purged).toBe(0);
  for (let times = 0; times < 2; times++) {
    await test.core.db.transaction(orgId, (tx) => personalData.erase(tx, bob.id));
  }
  expect((await list(bob)).rows).toEqual([]);
  await leave(alice, [bob]);
  const all = await test.core.db.transaction(orgId, (tx) => purge(tx, new Date(Date.now() + 1000)));
  expect(all).toBe(1);
});
