import type { Core } from '@liaison/core/floor';
import * as api from '../contract/index.ts';
import { answer, type Needs } from './answer.ts';
import { loadNumbers } from './numbers.ts';

/** Rights are asked in the statement that finds: there is no row to load for somebody before that. */
export function serveRoutes(
  { http, db }: Pick<Core, 'http' | 'db'>,
  needs: Omit<Needs, 'readNumbers'>,
): void {
  http.route(api.search, async ({ actor, query }) => {
    const readNumbers = await loadNumbers();
    return db.read(actor.orgId, (tx) => answer(tx, { ...needs, readNumbers }, actor, query));
  });
  http.route(api.listKinds, async () => ({ rows: needs.sources.map(({ kind }) => ({ kind })) }));
}
