import type { MigrationSource } from '@liaison/core/db';
import type { Core } from '@liaison/core/floor';
import type { NewsDeliverer, NewsSource } from '@liaison/core/news';
import { createOutgoing, type Outgoing } from '@liaison/core/outgoing';
import type { People } from '@liaison/people';
import type { Reach } from '@liaison/reach';
import type { ClosedPages } from '../contract/index.ts';
import { createDigestDelivery } from './deliver-digests.ts';
import { makeDigests } from './digest.ts';
import { createFigures } from './figures.ts';
import { followEvents } from './follow-events.ts';
import { gatherKinds } from './kinds.ts';
import { servePreferences } from './preference-routes.ts';
import { addPresenters } from './presenters.ts';
import { createDeliver } from './push/deliver.ts';
import { createPushNews } from './push/push-news.ts';
import { createClosedPages } from './push/ring.ts';
import { servePush } from './push/routes.ts';
import { serveRoutes } from './routes.ts';

export { personalData } from './personal-data.ts';

export const migrations: MigrationSource = {
  schema: 'notify',
  folder: new URL('./migrations/', import.meta.url),
};

/**
 * Registers routes, presenters, reactions and jobs. Holds nothing open.
 *
 * @param deliverers who carries digests elsewhere than to pages and browsers.
 * @param outgoing how push services are reached; a test's own are on this machine.
 */
export function createNotify({
  core,
  people,
  reach,
  sources,
  deliverers = [],
  outgoing = createOutgoing(),
}: {
  core: Core;
  people: Pick<People, 'find' | 'findMany'>;
  reach: Pick<Reach, 'statesOf' | 'usesPage'>;
  sources: readonly NewsSource[];
  deliverers?: readonly NewsDeliverer[];
  outgoing?: Outgoing;
}): ClosedPages {
  const kinds = gatherKinds(sources);
  const figures = createFigures(core.metrics, core.db);
  const deliver = createDeliver(core, outgoing, figures);
  const push = createPushNews({ core, kinds, people, reach, deliver });
  serveRoutes(core, kinds);
  servePreferences(core, { people, reach, kinds });
  servePush(core, { people, deliver, outgoing });
  addPresenters(core);
  followEvents(core, { sources, kinds, figures }, push.add);
  const carry = createDigestDelivery(core, { people, kinds, deliverers });
  makeDigests(core, people, async (orgId, made) => {
    figures.gathered(made.length);
    await push.add(orgId, made);
    await carry(orgId, made);
  });
  return createClosedPages({ core, people, deliver });
}
