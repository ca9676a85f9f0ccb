import { notFound } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import type { People } from '@liaison/people';
import type { Reach } from '@liaison/reach';
import {
  mayRingHidden,
  mayTell,
  readPreferences,
  setKindPreference,
  setPlacePreference,
  setTimes,
} from '../contract/index.ts';
import * as actions from './actions/choose.ts';
import { choicesOf } from './actions/write-news.ts';
import { type Kinds, whenOf } from './kinds.ts';
import { isBusy, mayPushNews, mayRing } from './quiet.ts';

/** What each person chose for herself. */
export function servePreferences(
  { db, http, outbox }: Core,
  { people, reach, kinds }: { people: Pick<People, 'find'>; reach: Pick<Reach, 'statesOf'>; kinds: Kinds },
): void {
  http.route(mayTell, async ({ actor: { orgId, personId }, query }) => {
    const kind = kinds.find(query.kind);
    if (!kind) throw notFound('This kind of news');
    const states = await reach.statesOf(orgId, [personId]);
    return db.read(orgId, async (tx) => {
      const chosen = (await choicesOf(tx, [personId], [query.spaceId])).get(personId) ?? [];
      if (whenOf(kind.usual, query, chosen) !== 'now') return { may: false };
      const person = await people.find(tx, personId);
      const may = mayPushNews({
        times: await actions.timesOf(tx, personId),
        zone: person?.timeZone ?? 'UTC',
        now: new Date(),
        isBusy: isBusy(states.get(personId)?.state),
        // Who asks is a page that is not looked at.
        looks: false,
      });
      return { may };
    });
  });
  http.route(mayRingHidden, ({ actor: { orgId, personId } }) =>
    db.read(orgId, async (tx) => {
      const person = await people.find(tx, personId);
      const times = await actions.timesOf(tx, personId);
      return { may: mayRing({ times, zone: person?.timeZone ?? 'UTC', now: new Date() }) };
    }),
  );
  http.route(readPreferences, ({ actor }) =>
    db.read(actor.orgId, async (tx) => {
      const chosen = await actions.readChoices(tx, actor.personId);
      const person = await people.find(tx, actor.personId);
      return {
        kinds: kinds.all.map(({ kind, usual, needsMe }) => ({
          kind,
          usual,
          needsMe,
          when: chosen.kinds.get(kind) ?? usual,
        })),
        places: chosen.places,
        times: await actions.timesOf(tx, actor.personId),
        zone: person?.timeZone ?? 'UTC',
      };
    }),
  );
  http.route(setKindPreference, ({ actor, params, body }) => {
    const kind = kinds.find(params.kind);
    if (!kind) throw notFound('This kind of news');
    return db.transaction(actor.orgId, async (tx) => {
      await actions.choose(tx, outbox.emit, actor.personId, {
        spaceId: null,
        containerId: null,
        kind: kind.kind,
        when: body.when,
      });
      return { kind: kind.kind, usual: kind.usual, needsMe: kind.needsMe, when: body.when ?? kind.usual };
    });
  });
  http.route(setPlacePreference, ({ actor, body }) => {
    if (body.kind !== null && !kinds.find(body.kind)) throw notFound('This kind of news');
    return db.transaction(actor.orgId, async (tx) => {
      await actions.choose(tx, outbox.emit, actor.personId, body);
      return {};
    });
  });
  http.route(setTimes, ({ actor, body }) =>
    db.transaction(actor.orgId, (tx) => actions.setTimes(tx, outbox.emit, actor.personId, body)),
  );
}
