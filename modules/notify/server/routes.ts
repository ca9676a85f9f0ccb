import type { Core } from '@liaison/core/floor';
import { countNews, listDigest, listNews, listNewsOfGroup, readNews } from '../contract/index.ts';
import { markRead } from './actions/mark-read.ts';
import { tellChanged } from './actions/tell-changed.ts';
import type { Kinds } from './kinds.ts';
import { countOf, listGroups, listNewsOf } from './queries.ts';

/** Everybody has her own news and no others': each statement asks for the actor's. */
export function serveRoutes({ db, http, outbox }: Core, kinds: Kinds): void {
  http.route(listNews, ({ actor, query }) =>
    db.read(actor.orgId, (tx) => listGroups(tx, kinds, actor.personId, query)),
  );
  http.route(listNewsOfGroup, ({ actor, params, query }) =>
    db.read(actor.orgId, (tx) => listNewsOf(tx, kinds, actor.personId, { groupId: params.groupId }, query)),
  );
  http.route(listDigest, ({ actor, params, query }) =>
    db.read(actor.orgId, (tx) => listNewsOf(tx, kinds, actor.personId, { digestId: params.newsId }, query)),
  );
  http.route(countNews, ({ actor }) => db.read(actor.orgId, (tx) => countOf(tx, actor.personId)));
  http.route(readNews, ({ actor, body }) =>
    db.transaction(actor.orgId, async (tx) => {
      const marked = 'allUntil' in body ? { until: new Date(body.allUntil) } : body;
      if (await markRead(tx, actor.personId, marked)) await tellChanged(tx, outbox.emit, [actor.personId]);
      return countOf(tx, actor.personId);
    }),
  );
}
