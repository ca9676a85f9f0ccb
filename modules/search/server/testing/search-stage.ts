import { type ContentDocument, type ContentSource, changedBy } from '@liaison/core/content';
import { defineEvent, idSchema, type Role } from '@liaison/core/contract';
import { createTestCore, type TestClient, type TestCore, type TestPerson } from '@liaison/core/testing';
import { foldText, organisationChanged, type People, type PersonSummary } from '@liaison/people';
import { z } from 'zod';
import { type FoundItem, type SearchAnswer, search } from '../../contract/index.ts';
import { createSearch, migrations, type Search } from '../index.ts';

const noted = defineEvent({
  name: 'test.things-noted',
  version: 1,
  stream: 'spaceId',
  payload: z.object({ spaceId: idSchema, kind: z.string(), ids: z.array(z.string()) }),
});

type Thing = Partial<Omit<ContentDocument, 'id' | 'place'>> & {
  id?: string;
  place?: Partial<ContentDocument['place']>;
};

/** Search on the floor, over things that are written into it here; people have the names that they are given. */
export interface SearchStage {
  readonly test: TestCore;
  readonly url: string;
  readonly search: Search;
  readonly orgId: string;
  readonly people: readonly TestPerson[];
  readonly clients: readonly TestClient[];
  /** Of kinds `test.note`, `test.file` and `test.person` (its ids are people's). */
  readonly kept: ReadonlyMap<string, Map<string, ContentDocument>>;
  team(name: string, members: readonly TestPerson[], roles?: readonly Role[]): Promise<string>;
  /** Answers its id, once it was followed. */
  write(kind: string, spaceId: string, thing: Thing): Promise<string>;
  forget(kind: string, spaceId: string, id: string): Promise<void>;
  /** The organisation moves, and what depends on where it is is read anew. */
  move(timeZone: string): Promise<void>;
  find(who: TestClient, q: string, more?: { cursor?: string; limit?: number }): Promise<SearchAnswer>;
  /** Titles, or the beginnings of texts, of what is found. */
  titles(who: TestClient, q: string): Promise<string[]>;
  close(): Promise<void>;
}

export const written = (pieces: FoundItem['title']): string => pieces.map(({ text }) => text).join('');
const names = ['Inès Carvalhal', 'Bruno Mendes', 'Amina Diarrakessel', 'Gaël Visiteur'];

/** Whoever opens it closes it. */
export async function openSearchStage(): Promise<SearchStage> {
  const test = await createTestCore({ sources: [migrations] });
  const summaries = new Map<string, PersonSummary>();
  let homeZone = 'Europe/Lisbon';
  const people = {
    find: async (_tx: unknown, id: string) => summaries.get(id) ?? null,
    findMany: async (_tx: unknown, ids: readonly string[]) =>
      new Map(ids.flatMap((id) => (summaries.has(id) ? [[id, summaries.get(id)!] as const] : []))),
    organisation: async () => ({ timeZone: homeZone }),
    search: async (_tx: unknown, text: string) =>
      [...summaries.values()].filter(({ name }) => foldText(name).includes(foldText(text))),
  } as unknown as People;
  const kept = new Map<string, Map<string, ContentDocument>>();
  const sources = ['test.note', 'test.file', 'test.person'].map((kind): ContentSource => {
    const things = new Map<string, ContentDocument>();
    kept.set(kind, things);
    return {
      kind: kind as ContentSource['kind'],
      version: 1,
      ...(kind === 'test.person' ? { isPeople: true as const } : {}),
      changes: [changedBy(noted, (_tx, payload) => (payload.kind === kind ? payload.ids : []))],
      list: async (tx, { after, limit }) =>
        [...(tx.orgId === orgId ? things : new Map<string, ContentDocument>()).keys()]
          .sort()
          .filter((id) => after === null || id > after)
          .slice(0, limit),
      read: async (_tx, ids) => ids.flatMap((id) => things.get(id) ?? []),
    };
  });
  const made = createSearch({ core: test.core, people, sources });
  const url = await test.listen();
  const { orgId, people: persons } = await test.organisation(['owner', 'member', 'member', 'guest']);
  for (const [at, { id }] of persons.entries()) {
    summaries.set(id, { id, name: names[at], timeZone: 'Europe/Paris', status: 'active' } as PersonSummary);
  }
  const { core } = test;
  const tell = async (kind: string, spaceId: string, ids: string[]): Promise<void> => {
    await core.db.transaction(orgId, async (tx) => core.outbox.emit(tx, noted, { spaceId, kind, ids }));
    await core.outbox.drain();
  };
  return {
    test,
    url,
    search: made,
    orgId,
    people: persons,
    clients: persons.map((person) => test.client(person)),
    kept,
    team: (name, members, roles = []) =>
      core.db.transaction(orgId, async (tx) => {
        const list = members.map(({ id }, at) => ({ personId: id, role: roles[at] ?? ('member' as const) }));
        return (await core.spaces.create(tx, { kind: 'team', name, members: list })).id;
      }),
    async write(kind, spaceId, { id = core.ids.next(), place, ...thing }) {
      kept.get(kind)?.set(id, {
        title: '',
        text: '',
        personIds: [],
        container: '',
        at: new Date(),
        path: `/test/${id}`,
        ...thing,
        id,
        place: { spaceId, ...place },
      });
      await tell(kind, spaceId, [id]);
      return id;
    },
    async forget(kind, spaceId, id) {
      kept.get(kind)?.delete(id);
      await tell(kind, spaceId, [id]);
    },
    async move(timeZone) {
      homeZone = timeZone;
      await core.db.transaction(orgId, async (tx) => core.outbox.emit(tx, organisationChanged, { orgId }));
      await core.outbox.drain();
      await core.jobs.drain();
    },
    async find(who, q, more = {}) {
      const { status, body } = await who.call(search, { query: { q, ...more } });
      if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
      return body;
    },
    async titles(who, q) {
      const { status, body } = await who.call(search, { query: { q } });
      if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
      return body.rows.map(({ title, passage }) => written(title) || written(passage));
    },
    close: () => test.close(),
  };
}
