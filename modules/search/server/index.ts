import { type ContentRead, type ContentSource, indexContent } from '@liaison/core/content';
import type { MigrationSource, Tx } from '@liaison/core/db';
import type { Core } from '@liaison/core/floor';
import type { PersonalData } from '@liaison/core/personal-data';
import { countryOfZone, organisationChanged, type People } from '@liaison/people';
import { loadNumberFinder } from '@liaison/reach';
import { formVersion, indexDocuments } from './index-documents.ts';
import { createPersonalData } from './personal-data.ts';
import { serveRoutes } from './routes.ts';

export const migrations: MigrationSource = {
  schema: 'search',
  folder: new URL('./migrations/', import.meta.url),
};

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
  const { readAnew } = indexContent(core, {
    follower: 'search.index',
    job: 'search.read-anew',
    sources,
    form: formVersion,
    // In another country numbers without one are others.
    circumstances: {
      reaction: 'search.read-anew-elsewhere',
      changedBy: organisationChanged,
      read: async (tx) => countryOfZone((await people.organisation(tx)).timeZone) ?? '',
    },
    keep,
  });
  serveRoutes(core, { people, sources });
  return { personalData: createPersonalData(sources, keep), readAnew };
}
