import type { ContentRead, ContentSource } from '@liaison/core/content';
import { contentPage } from '@liaison/core/content';
import type { Tx } from '@liaison/core/db';
import type { PersonalData } from '@liaison/core/personal-data';

/** How long calls are kept by whoever keeps them: they go by age, and nothing tells of it. */
const callDays = 365;

/**
 * What is found is a copy of what others keep and export. When somebody is erased the others have forgotten her before this module
 * does: whatever had to do with her is read again, and what is not there any more goes.
 */
export function createPersonalData(
  sources: readonly ContentSource[],
  keep: (tx: Tx, read: ContentRead) => Promise<void>,
): PersonalData {
  return {
    module: 'search',
    async *export(tx, personId) {
      const rows = await tx.query<{ kind: string; documents: number }>(
        `select kind, count(*)::int as documents from search.document where person_ids @> array[$1::uuid] group by kind order by kind`,
        [personId],
      );
      yield { path: 'found-by-name.json', content: JSON.stringify(rows, null, 2) };
    },
    async erase(tx, personId) {
      const concerned = await tx.query<{ kind: string; id: string }>(
        `select d.kind, d.id from search.document d
         where d.person_ids @> array[$1::uuid] or d.is_person and d.id = $1::uuid::text
           or not exists (select from core.member m where m.space_id = d.space_id)`,
        [personId],
      );
      for (const source of sources) {
        const ids = concerned.filter(({ kind }) => kind === source.kind).map(({ id }) => id);
        for (let at = 0; at < ids.length; at += contentPage) {
          const page = ids.slice(at, at + contentPage);
          await keep(tx, { source, ids: page, documents: await source.read(tx, page) });
        }
      }
    },
    retention: [
      {
        what: 'what is found: copies of messages, files, cards, appointments and people',
        days: null,
        why: 'A copy goes with what it was made of, and is made again when that changes.',
      },
      {
        what: 'calls that are found',
        days: callDays,
        why: 'They are found for as long as they are kept.',
        async purge(tx, olderThan) {
          const rows = await tx.query(
            `delete from search.document where kind = 'calls.call' and id in (
               select id from search.document where kind = 'calls.call' and at < $1 limit 1000) returning id`,
            [olderThan],
          );
          return rows.length;
        },
      },
    ],
  };
}
