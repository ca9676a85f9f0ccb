import type { Core } from '@liaison/core/floor';
import { loadNumberFinder } from '@liaison/reach';
import * as api from '../contract/index.ts';
import { answer, type Needs } from './answer.ts';

/** Rights are asked in the statement that finds: there is no row to load for somebody before that. */
export function serveRoutes(
  { http, db }: Pick<Core, 'http' | 'db'>,
  needs: Omit<Needs, 'findNumbers'>,
): void {
  http.route(api.search, async ({ actor, query }) => {
    const findNumbers = await loadNumberFinder();
    return db.read(actor.orgId, (tx) => answer(tx, { ...needs, findNumbers }, actor, query));
  });
  http.route(api.listKinds, async () => ({ rows: needs.sources.map(({ kind }) => ({ kind })) }));
}
