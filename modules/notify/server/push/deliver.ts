import type { Core } from '@liaison/core/floor';
import type { Outgoing } from '@liaison/core/outgoing';
import { mustShow, type PushMessage } from '../../contract/index.ts';
import type { OpenSubscription } from '../actions/subscribe.ts';
import type { Figures } from '../figures.ts';
import { type Sending, type SendOutcome, send } from './send.ts';
import { subjectOf, unknownSubject } from './subject.ts';
import { openVapidKeys, type VapidKeys } from './vapid.ts';

/** Sends to browsers, and forgets those that their push service knows no more. */
export interface Deliver {
  keys(): Promise<VapidKeys>;
  to(orgId: string, subscription: OpenSubscription, sending: Sending): Promise<SendOutcome>;
}

/** RFC 8030 §5.4: ids of ours as topics, which may have 32 characters. */
export const topicOf = (id: string): string => id.replaceAll('-', '').slice(0, 32);

/** How long a push service keeps what is no call for a browser that is switched off. */
export const keptSeconds = 4 * 3600;

export const withdrawal = (tag: string, topic: string, needsMe: number, ttlSeconds: number): Sending => ({
  message: { type: 'withdraw', tags: [tag], needsMe } satisfies PushMessage,
  ttlSeconds,
  urgency: 'normal',
  // The same topic: what was not delivered yet is replaced, and never shown.
  topic,
});

export function createDeliver(
  { db, secrets, settings, log }: Pick<Core, 'db' | 'secrets' | 'settings' | 'log'>,
  outgoing: Outgoing,
  figures: Pick<Figures, 'pushed'>,
): Deliver {
  let opened: Promise<VapidKeys> | undefined;
  const keys = (): Promise<VapidKeys> => {
    opened ??= import('web-push')
      .then(({ default: webPush }) => openVapidKeys(db, secrets, () => webPush.generateVAPIDKeys()))
      .catch((error: unknown) => {
        opened = undefined;
        throw error;
      });
    return opened;
  };
  const subject = subjectOf(settings) ?? unknownSubject;

  return {
    keys,
    async to(orgId, subscription, sending) {
      if (sending.message.type === 'withdraw' && mustShow(subscription.input.endpoint))
        return { kind: 'refused', why: 'its browser must show something for each message' };
      const outcome = await send({ outgoing, keys: await keys(), subject }, subscription.input, sending);
      figures.pushed(subscription.input.endpoint, outcome.kind);
      if (outcome.kind === 'gone' || outcome.kind === 'sent') {
        await db.transaction(orgId, (tx) =>
          tx.query(
            outcome.kind === 'gone'
              ? 'delete from notify.subscription where id = $1'
              : 'update notify.subscription set last_pushed_at = now() where id = $1',
            [subscription.id],
          ),
        );
      } else {
        // Never the endpoint: whoever has it can reach the browser.
        log.debug({ subscriptionId: subscription.id, why: outcome.why }, 'a push was not taken');
      }
      return outcome;
    },
  };
}
