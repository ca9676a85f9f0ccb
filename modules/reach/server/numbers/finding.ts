import type { ContentDocument } from '@liaison/core/content';
import type { Tx } from '@liaison/core/db';
import { countryOfZone, type People } from '@liaison/people';
import { type FindNumbers, type FoundNumber, loadNumberFinder } from '../../contract/find-numbers.ts';
import { mayHoldNumber } from '../../contract/scan-digits.ts';

/** What is looked through of a document: its line, and what is written in it. */
export const textOf = ({ title, text }: Pick<ContentDocument, 'title' | 'text'>): string =>
  title === '' ? text : `${title}\n${text}`;

/** The numbers of documents, by their ids; those without any are missing. */
export type Finding = (
  tx: Tx,
  documents: readonly ContentDocument[],
) => Promise<Map<string, readonly FoundNumber[]>>;

/** Numbers without a country are of the writer's, or else of the organisation's. */
export function createFinding(people: Pick<People, 'findMany' | 'organisation'>): Finding {
  let loading: Promise<FindNumbers> | undefined;
  return async (tx, documents) => {
    const some = documents.filter((document) => mayHoldNumber(textOf(document)));
    if (some.length === 0) return new Map();
    loading ??= loadNumberFinder();
    const find = await loading;
    const writerIds = [...new Set(some.flatMap(({ personIds }) => personIds.slice(0, 1)))];
    const writers = await people.findMany(tx, writerIds);
    const organisation = countryOfZone((await people.organisation(tx)).timeZone);
    const found = new Map<string, readonly FoundNumber[]>();
    for (const document of some) {
      const writer = writers.get(document.personIds[0] ?? '');
      const numbers = find(textOf(document), [writer ? countryOfZone(writer.timeZone) : null, organisation]);
      if (numbers.length > 0) found.set(document.id, numbers);
      // Texts may be long, and whoever shares this process has calls to carry.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return found;
  };
}
