import type { MigrationSource } from '@liaison/core/db';
import type { Core } from '@liaison/core/floor';
import type { NewsSource } from '@liaison/core/news';
import { followEvents } from './follow-events.ts';
import { gatherKinds } from './kinds.ts';
import { addPresenters } from './presenters.ts';
import { serveRoutes } from './routes.ts';

export { personalData } from './personal-data.ts';

export const migrations: MigrationSource = {
  schema: 'notify',
  folder: new URL('./migrations/', import.meta.url),
};

/** Registers routes, presenters and reactions. Holds nothing open. */
export function createNotify({ core, sources }: { core: Core; sources: readonly NewsSource[] }): void {
  const kinds = gatherKinds(sources);
  serveRoutes(core, kinds);
  addPresenters(core);
  followEvents(core, sources, kinds, async () => {});
}
