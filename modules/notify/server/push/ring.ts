import type { Core } from '@liaison/core/floor';
import type { People } from '@liaison/people';
import type { ClosedPages } from '../../contract/index.ts';
import { timesOf } from '../actions/choose.ts';
import { openSubscriptions } from '../actions/subscribe.ts';
import { countOf } from '../queries.ts';
import { mayRing } from '../quiet.ts';
import { type Deliver, topicOf, withdrawal } from './deliver.ts';
import type { Sending } from './send.ts';
import { ringingWords } from './words.ts';

/** How long a browser that comes back is still told that a call rings no more. */
const withdrawnSeconds = 120;

/** Rings at once, in the process that owns the call: a job would come too late, and a call that is over rings nowhere. */
export function createClosedPages({
  core,
  people,
  deliver,
}: {
  core: Core;
  people: Pick<People, 'find'>;
  deliver: Deliver;
}): ClosedPages {
  const { db, secrets, log } = core;
  /** Of each call that rings, what was last asked of it: its end is sent after its ringing. */
  const underWay = new Map<string, Promise<void>>();
  const inOrder = (key: string, work: () => Promise<void>): void => {
    const next = (underWay.get(key) ?? Promise.resolve())
      .then(work)
      .catch((error: unknown) => log.warn({ err: error }, 'closed pages could not be told of a call'))
      .finally(() => {
        if (underWay.get(key) === next) underWay.delete(key);
      });
    underWay.set(key, next);
  };
  /** Calls of which somebody was told here. */
  const told = new Set<string>();

  return {
    mayRing: (orgId, personId) =>
      db.read(orgId, async (tx) => {
        const [there] = await tx.query('select from notify.subscription where person_id = $1 limit 1', [
          personId,
        ]);
        if (!there) return false;
        const person = await people.find(tx, personId);
        if (person?.status !== 'active') return false;
        return mayRing({ times: await timesOf(tx, personId), zone: person.timeZone, now: new Date() });
      }),
    ring({ orgId, personId, callId, from, until }) {
      const key = `${callId} ${personId}`;
      inOrder(key, async () => {
        const ready = await db.read(orgId, async (tx) => {
          const subscriptions = await openSubscriptions(tx, secrets, personId);
          const person = subscriptions.length > 0 ? await people.find(tx, personId) : null;
          if (!person) return null;
          const reader = { language: person.language, zone: person.timeZone };
          if (!mayRing({ times: await timesOf(tx, personId), zone: reader.zone, now: new Date() }))
            return null;
          const words = ringingWords(from, reader);
          const sending: Sending = {
            message: {
              type: 'call',
              tag: callId,
              ...words,
              body: '',
              path: `/phone?call=${callId}`,
              needsMe: (await countOf(tx, personId)).needsMe,
              callId,
              until: until.toISOString(),
            },
            ttlSeconds: Math.max(1, Math.ceil((until.getTime() - Date.now()) / 1000)),
            urgency: 'high',
            topic: topicOf(callId),
          };
          return { subscriptions, sending };
        });
        if (!ready) return;
        told.add(key);
        await Promise.all(ready.subscriptions.map((each) => deliver.to(orgId, each, ready.sending)));
      });
    },
    stopRinging({ orgId, personId, callId }) {
      const key = `${callId} ${personId}`;
      if (!told.has(key) && !underWay.has(key)) return;
      inOrder(key, async () => {
        if (!told.delete(key)) return;
        const { subscriptions, needsMe } = await db.read(orgId, async (tx) => ({
          subscriptions: await openSubscriptions(tx, secrets, personId),
          needsMe: (await countOf(tx, personId)).needsMe,
        }));
        const sending = withdrawal(callId, topicOf(callId), needsMe, withdrawnSeconds);
        await Promise.all(
          subscriptions.map((each) => deliver.to(orgId, each, { ...sending, urgency: 'high' })),
        );
      });
    },
  };
}
