import { defineEvent, type EventDefinition, idSchema } from '@liaison/core/contract';
import { hears, type NewsItem, type NewsRead, type NewsSource } from '@liaison/core/news';
import type { TestCore, TestPerson } from '@liaison/core/testing';
import type { People, PersonSummary } from '@liaison/people';
import type { Reach, ReachState } from '@liaison/reach';
import { z } from 'zod';

/** A module of the test's: notes that somebody leaves for somebody, which can be read and torn up. */
export const noteLeft = defineEvent({
  name: 'notes.note-left',
  version: 1,
  stream: 'spaceId',
  payload: z.object({ spaceId: idSchema, noteId: idSchema }),
});
export const noteRead = defineEvent({
  name: 'notes.note-read',
  version: 1,
  stream: 'spaceId',
  payload: z.object({ spaceId: idSchema, board: idSchema, personId: idSchema, upTo: z.number() }),
});
export const noteTorn = defineEvent({
  name: 'notes.note-torn',
  version: 1,
  stream: 'spaceId',
  payload: z.object({ spaceId: idSchema, noteId: idSchema }),
});
export interface Note {
  readonly id: string;
  readonly board: string;
  readonly spaceId: string;
  readonly by: string;
  readonly to: readonly string[];
  readonly nth: number;
  text: string;
}
export const notes = new Map<string, Note>();
export const readAlready = new Set<string>();
export const itemOf = (id: string) => `notes.note:${id}`;
const newsOf = (note: Note): NewsItem[] => {
  const common = {
    item: itemOf(note.id),
    group: `notes.board:${note.board}`,
    actorId: note.by,
    place: { spaceId: note.spaceId, containerId: note.board },
    at: new Date(),
    order: note.nth,
  };
  return [
    { ...common, kind: 'notes.for-me', for: note.to },
    { ...common, kind: 'notes.for-all', for: { membersOf: note.spaceId, except: [note.by] } },
  ];
};
export const source: NewsSource = {
  kinds: [
    { kind: 'notes.for-me', needsMe: true, usual: 'now' },
    { kind: 'notes.for-all', needsMe: false, usual: 'never' },
  ],
  hears: [
    hears(noteLeft, (_tx, events) => ({
      news: events.flatMap(({ payload }) => newsOf(notes.get(payload.noteId) as Note)),
    })),
    hears(noteRead, (_tx, events) => ({
      read: events.map(
        ({ payload }): NewsRead => ({
          personId: payload.personId,
          group: `notes.board:${payload.board}`,
          upTo: payload.upTo,
        }),
      ),
    })),
    hears(noteTorn, (_tx, events) => ({ gone: events.map(({ payload }) => itemOf(payload.noteId)) })),
  ],
  settled: async (_tx, asked) =>
    new Set(asked.map(({ personId, item }) => `${personId} ${item}`).filter((key) => readAlready.has(key))),
  describe: async (_tx, _personId, items) =>
    new Map(
      items.flatMap(({ item }) => {
        const note = notes.get(item.slice('notes.note:'.length));
        return note ? [[item, { title: 'Board', text: note.text, path: `/notes/${note.board}` }]] : [];
      }),
    ),
};

export interface Stage {
  readonly orgId: string;
  readonly spaceId: string;
  readonly board: string;
  readonly alice: TestPerson;
  readonly bob: TestPerson;
  readonly carol: TestPerson;
  leave(by: TestPerson, to: readonly TestPerson[], text?: string): Promise<Note>;
}

/** Three people with a space of their own each, and a team of all three with a board. */
export async function createStage(test: TestCore): Promise<Stage> {
  const { orgId, people } = await test.organisation(['owner', 'member', 'member']);
  const [alice, bob, carol] = people as [TestPerson, TestPerson, TestPerson];
  const { spaces, ids, db } = test.core;
  const spaceId = await db.transaction(orgId, async (tx) => {
    for (const { id } of people) {
      await spaces.create(tx, { kind: 'personal', name: '', members: [{ personId: id, role: 'manager' }] });
    }
    const members = people.map(({ id }) => ({ personId: id, role: 'member' as const }));
    return (await spaces.create(tx, { kind: 'team', name: 'Team', members })).id;
  });
  const board = ids.next();
  let nth = 0;
  return {
    orgId,
    spaceId,
    board,
    alice,
    bob,
    carol,
    async leave(by, to, text = 'Come and see') {
      nth += 1;
      const note = {
        id: ids.next(),
        board,
        spaceId,
        by: by.id,
        to: to.map((each) => each.id),
        nth,
        text,
      };
      notes.set(note.id, note);
      await tell(test, orgId, noteLeft, { spaceId, noteId: note.id });
      return note;
    },
  };
}

export async function tell<Payload extends Record<string, unknown>>(
  test: TestCore,
  orgId: string,
  event: EventDefinition<Payload>,
  payload: NoInfer<Payload>,
): Promise<void> {
  await test.core.db.transaction(orgId, async (tx) => {
    test.core.outbox.emit(tx, event, payload);
  });
  await test.core.outbox.drain();
}

/** What notify asks of people: everybody of the tests is there, and speaks this language in this zone. */
export function peopleOfTest(who: { language: PersonSummary['language']; timeZone: string }): People {
  const summary = (id: string) =>
    ({ id, name: `Person ${id.slice(-4)}`, status: 'active', ...who }) as PersonSummary;
  return {
    find: async (_tx: unknown, id: string) => summary(id),
    findMany: async (_tx: unknown, ids: readonly string[]) => new Map(ids.map((id) => [id, summary(id)])),
  } as unknown as People;
}

/** What notify asks of reach; somebody is offline unless a test says otherwise. */
export function reachOfTest(): Pick<Reach, 'statesOf' | 'usesPage'> & {
  readonly states: Map<string, ReachState>;
  readonly lookers: Set<string>;
} {
  const states = new Map<string, ReachState>();
  const lookers = new Set<string>();
  return {
    states,
    lookers,
    statesOf: async (_orgId, personIds) =>
      new Map(
        personIds.map((personId) => [
          personId,
          {
            personId,
            state: states.get(personId) ?? 'offline',
            until: null,
            since: null,
            telephone: false,
            page: false,
          },
        ]),
      ),
    usesPage: async (_orgId, personId) => lookers.has(personId),
  };
}
