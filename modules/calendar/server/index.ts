import type { MigrationSource } from '@liaison/core/db';
import type { Core } from '@liaison/core/floor';
import type { People } from '@liaison/people';
import type { Reach } from '@liaison/reach';
import type { Calendar } from '../contract/index.ts';
import type { Needs } from './actions/needs.ts';
import { readOwnBusy } from './busy.ts';
import { serveFeeds } from './feeds/feed-routes.ts';
import { serveFileRoutes } from './file-routes.ts';
import { addPresenters } from './presenters.ts';
import { serveRoutes } from './routes.ts';
import { keepTime } from './timekeeping.ts';

export { blobsNamed } from './blobs-named.ts';
export { content } from './content.ts';
export { news } from './news.ts';
export { personalData } from './personal-data.ts';

export const migrations: MigrationSource = {
  schema: 'calendar',
  folder: new URL('./migrations/', import.meta.url),
};

/** Registers routes, presenters and the jobs that follow the clock. Holds nothing open. */
export function createCalendar({
  core,
  people,
  reach,
}: {
  core: Core;
  people: Pick<People, 'find' | 'findMany'>;
  reach: Pick<Reach, 'claim' | 'release'>;
}): Calendar {
  const needs: Needs = {
    emit: core.outbox.emit,
    spaces: core.spaces,
    audit: core.audit,
    site: core.settings.site.number,
    nextId: () => core.ids.next(),
    now: () => new Date(),
  };
  serveRoutes(core, needs, people);
  serveFileRoutes(core, needs, people);
  serveFeeds(core, needs, people);
  addPresenters(core);
  keepTime(core, reach);
  return {
    busyOf: (orgId, personId, from, to) => core.db.read(orgId, (tx) => readOwnBusy(tx, personId, from, to)),
  };
}
