import type { Tx } from '@liaison/core/db';
import { seenBy } from '@liaison/core/spaces';
import type { PersonStatus } from '../contract/index.ts';
import { type SummaryRow, summaryColumns, summaryFrom } from './queries.ts';
import { endOf, type Wanted } from './wanted-words.ts';

/** Whom a search is narrowed to: all that are given hold together, and one is. */
export interface Few {
  /** The asking guest, who finds only whom she may see. */
  readonly visibleTo: string | null;
  readonly statuses: readonly PersonStatus[];
  readonly role: string | null;
  readonly teamId: string | null;
}

/**
 * Searches among few of an organisation's people. Who they are is read first, and only their words are compared: what
 * somebody types may begin the names of thousands of others.
 */
export function createSearchAmong(tx: Tx, { visibleTo, statuses, role, teamId }: Few) {
  /** A statement with its parameters, which `bind` numbers. */
  async function run(write: (bind: (value: unknown) => `$${number}`) => string): Promise<SummaryRow[]> {
    const parameters: unknown[] = [];
    return tx.query<SummaryRow>(
      write((value) => `$${parameters.push(value)}`),
      parameters,
    );
  }
  const few = (bind: (value: unknown) => `$${number}`): string =>
    [
      ...(visibleTo === null ? [] : [seenBy(bind(visibleTo))]),
      ...(teamId === null
        ? []
        : [`select person_id from core.member where space_id = ${bind(teamId)}::uuid`]),
      ...(role === null
        ? []
        : [`select person_id from core.member where space_id = core.current_org() and role = ${bind(role)}`]),
    ]
      .map((list) => `(${list})`)
      .join(' intersect ');

  return {
    exact: (extension: string, address: string) =>
      run(
        // Whom a search is narrowed to is asked only where there is somebody to ask it of.
        (bind) => `with exact as materialized (
            select p.id from people.person p
            where p.org_id = core.current_org() and p.status = any(${bind(statuses)}::text[])
              and (p.extension = ${bind(extension)} or p.address = ${bind(address)})
          )
          select ${summaryColumns} from exact join ${summaryFrom} on p.id = exact.id
          where exact.id = any(array(${few(bind)}))`,
      ),
    /** Everybody who has a word of each kind; first those whose name begins as typed, then as one of the words. */
    byWords: (typed: string, words: readonly string[], wanted: readonly Wanted[], atMost: number) =>
      run((bind) => {
        const begins = (beginning: string): string =>
          `p.sort_name >= ${bind(beginning)} and p.sort_name < ${bind(endOf(beginning))}`;
        const has = (each: Wanted): string =>
          'oneOf' in each
            ? `w.word = any(${bind(each.oneOf)}::text[])`
            : `w.word >= ${bind(each.from)} and w.word < ${bind(each.to)}`;
        const ranks = [typed, ...words].map((beginning, i) => `when ${begins(beginning)} then ${i}`);
        return `with few as materialized (${few(bind)})
          select ${summaryColumns} from (
            select p.id, case ${ranks.join(' ')} else ${ranks.length} end as rank, p.sort_name
            from few cross join lateral (
              select p.id, p.sort_name from people.person p
              where p.id = few.person_id and p.org_id = core.current_org() and p.status = any(${bind(statuses)}::text[])
                and ${wanted
                  .map(
                    (each) => `exists (select from people.word w
                  where w.person_id = p.id and w.org_id = core.current_org() and ${has(each)})`,
                  )
                  .join(' and ')}
              -- One after the other, however many the database takes them for: never everybody's names and words.
              limit 1
            ) p
            order by rank, p.sort_name, p.id limit ${bind(atMost)}
          ) best join people.person p on p.id = best.id
          join core.member m on m.space_id = p.org_id and m.person_id = p.id
          order by best.rank, p.sort_name, p.id`;
      }),
  };
}
