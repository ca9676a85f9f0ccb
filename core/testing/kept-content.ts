import { type ContentDocument, type ContentSource, followContent, readAllContent } from '../content/index.ts';
import { rights } from '../contract/index.ts';
import type { TestCore, TestPerson } from './test-core.ts';

/** What somebody keeps who follows content, as an index does, and what of it people may know of. */
export interface KeptContent {
  /**
   * What this person may read of all that is kept, ordered by kind and title. Fails where what was followed is not what reading
   * everything anew gives: an event that is missing is seen by that.
   */
  readableBy(person: Pick<TestPerson, 'id' | 'orgId'>): Promise<(ContentDocument & { kind: string })[]>;
}

/** Before the first event: begins to follow `sources`. */
export function keepContent(
  { core }: Pick<TestCore, 'core'>,
  sources: readonly ContentSource[],
): KeptContent {
  const kept = new Map<string, ContentDocument & { kind: string }>();
  followContent(core, 'test.kept-content', sources, async (_tx, { source, ids, documents }) => {
    for (const id of ids) kept.delete(`${source.kind} ${id}`);
    for (const each of documents) kept.set(`${source.kind} ${each.id}`, { ...each, kind: source.kind });
  });

  async function requireWhole(orgId: string): Promise<Set<string>> {
    const whole = new Map<string, ContentDocument & { kind: string }>();
    for (const source of sources) {
      await readAllContent(core.db, 'test.read-content', orgId, source, async (_tx, { documents }) => {
        for (const each of documents) whole.set(`${source.kind} ${each.id}`, { ...each, kind: source.kind });
      });
    }
    // Others' organisations are kept as well.
    for (const [key, document] of whole) {
      const followed = JSON.stringify(kept.get(key));
      const read = JSON.stringify(document);
      if (followed !== read) throw new Error(`${key} is kept as ${followed} and is ${read}`);
    }
    return new Set(whole.keys());
  }

  return {
    async readableBy({ id, orgId }) {
      await core.outbox.drain();
      const whole = await requireWhole(orgId);
      const readable = await core.db.read(orgId, async (tx) => {
        const found: (ContentDocument & { kind: string })[] = [];
        for (const [key, document] of kept) {
          const { spaceId, containerId = null, around = [], itemId } = document.place;
          const [row] = await tx.query<{ level: number }>(
            `select core.right_within($1::uuid, s.id, $3::uuid, $4::uuid[]) as level from core.space s where s.id = $2::uuid`,
            [id, spaceId, containerId, itemId ? [...around, itemId] : around],
          );
          // A space of another organisation is not there.
          if (row && !whole.has(key)) throw new Error(`${key} is kept and is gone`);
          if ((row?.level ?? 0) >= rights.indexOf('read')) found.push(document);
        }
        return found;
      });
      const order = (each: (typeof readable)[number]) => `${each.kind} ${each.title} ${each.id}`;
      return readable.sort((a, b) => (order(a) < order(b) ? -1 : 1));
    },
  };
}
