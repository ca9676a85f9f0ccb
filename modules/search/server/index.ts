import { type ContentRead, type ContentSource, followContent } from '@liaison/core/content';
import type { MigrationSource, Tx } from '@liaison/core/db';
import type { Core } from '@liaison/core/floor';
import type { PersonalData } from '@liaison/core/personal-data';
import type { People } from '@liaison/people';
import { loadNumberFinder } from '@liaison/reach';
import { indexDocuments } from './index-documents.ts';
import { createPersonalData } from './personal-data.ts';
import { readAnew } from './read-anew.ts';
import { serveRoutes } from './routes.ts';

export const migrations: MigrationSource = {
  schema: 'search',
  folder: new URL('./migrations/', import.meta.url),
};

/** A cursor for each event, and locks of documents: it never changes. */
const follower = 'search.index';

export interface Search {
  readonly personalData: PersonalData;
  /** Reads what was never read, or in another form; a job does it each minute. */
  readAnew(signal?: AbortSignal): Promise<void>;
}

/**
 * One box over everything that the sources hold. Holds nothing open: the core that is given is closed by whoever made it.
 */
export function createSearch({
  core,
  people,
  sources,
}: {
  core: Core;
  people: Pick<People, 'find' | 'findMany' | 'organisation' | 'search'>;
  sources: readonly ContentSource[];
}): Search {
  const keep = async (tx: Tx, read: ContentRead): Promise<void> =>
    indexDocuments(tx, { people, findNumbers: await loadNumberFinder() }, read);
  followContent(core, follower, sources, keep);
  const anew = readAnew(core, follower, sources, keep);
  serveRoutes(core, { people, sources });
  return { personalData: createPersonalData(sources, keep), readAnew: anew.run };
}
