import { notFound } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import type { Outgoing } from '@liaison/core/outgoing';
import { browserName, type People } from '@liaison/people';
import { readPush, subscribe, tryPush, unsubscribe } from '../../contract/index.ts';
import * as actions from '../actions/subscribe.ts';
import { countOf } from '../queries.ts';
import { type Deliver, topicOf } from './deliver.ts';
import { wordsFor } from './words.ts';

/** Browsers that may be pushed to: each person's own. */
export function servePush(
  core: Core,
  { people, deliver, outgoing }: { people: Pick<People, 'find'>; deliver: Deliver; outgoing: Outgoing },
): void {
  const { db, http, ids, secrets } = core;

  http.route(readPush, async ({ actor }) => ({
    publicKey: (await deliver.keys()).publicKey,
    subscriptions: await db.read(actor.orgId, (tx) => actions.listSubscriptions(tx, actor)),
  }));
  http.route(subscribe, async ({ actor, body, request }) => {
    const { browser, system } = browserName(request.headers['user-agent'] ?? null);
    const name = [browser, system].filter((part) => part !== null).join(', ');
    const needs = { nextId: () => ids.next(), secrets, outgoing };
    const made = await db.transaction(actor.orgId, (tx) => actions.subscribe(tx, needs, actor, body, name));
    await actions.forgetOthers(db, body.endpoint, actor.personId);
    return made;
  });
  http.route(unsubscribe, async ({ actor, params }) => {
    const isGone = await db.transaction(actor.orgId, (tx) =>
      actions.unsubscribe(tx, actor.personId, params.subscriptionId),
    );
    if (!isGone) throw notFound('This browser');
    return undefined;
  });
  http.route(tryPush, async ({ actor, params }) => {
    const found = await db.read(actor.orgId, async (tx) => {
      const [subscription] = await actions.openSubscriptions(
        tx,
        secrets,
        actor.personId,
        params.subscriptionId,
      );
      const person = await people.find(tx, actor.personId);
      return subscription && person
        ? { subscription, person, needsMe: (await countOf(tx, actor.personId)).needsMe }
        : null;
    });
    if (!found) throw notFound('This browser');
    const { subscription, person, needsMe } = found;
    const outcome = await deliver.to(actor.orgId, subscription, {
      message: {
        type: 'test',
        tag: 'liaison.test',
        ...wordsFor(person.language).test,
        path: '/settings/notifications',
        needsMe,
      },
      ttlSeconds: 60,
      urgency: 'high',
      topic: topicOf(subscription.id),
    });
    return {
      outcome: outcome.kind === 'sent' || outcome.kind === 'gone' ? outcome.kind : ('failed' as const),
    };
  });
}
