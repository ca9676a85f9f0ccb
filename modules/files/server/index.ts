import type { MigrationSource } from '@liaison/core/db';
import type { Core } from '@liaison/core/floor';
import type { Needs } from './actions/needs.ts';
import { addPresenters } from './presenters.ts';
import { serveRoutes } from './routes.ts';
import { serveUploads } from './upload-routes.ts';

export { personalData } from './personal-data.ts';

export const migrations: MigrationSource = {
  schema: 'files',
  folder: new URL('./migrations/', import.meta.url),
};

/** Files of spaces: nobody asks it anything yet, so there is nothing to return. */
export function createFiles({ core }: { core: Core }): void {
  const needs: Needs = { emit: core.outbox.emit, spaces: core.spaces, nextId: () => core.ids.next() };
  serveRoutes(core, needs);
  serveUploads(core, needs);
  addPresenters(core);
}
