import type { MigrationSource } from '@liaison/core/db';
import type { Core } from '@liaison/core/floor';
import type { SentFiles } from '@liaison/files';
import type { People } from '@liaison/people';
import { serveLettingGo } from './let-go.ts';
import { addPresenters } from './presenters.ts';
import { addReactions } from './reactions.ts';
import { serveRoutes } from './routes.ts';

export { blobsNamed } from './blobs-named.ts';
export { content } from './content.ts';
export { news } from './news.ts';
export { personalData } from './personal-data.ts';

export const migrations: MigrationSource = {
  schema: 'chat',
  folder: new URL('./migrations/', import.meta.url),
};

/** Conversations of spaces: nobody asks chat anything yet, so there is nothing to return. */
export function createChat({ core, people, files }: { core: Core; people: People; files: SentFiles }): void {
  serveRoutes(core, people, files);
  serveLettingGo(core, files);
  addPresenters(core, files);
  addReactions(core, files);
}
