import { idSchema } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { Core } from '@liaison/core/floor';
import { defineJob } from '@liaison/core/jobs';
import { reactTo } from '@liaison/core/outbox';
import { type People, sessionRevoked } from '@liaison/people';
import type { Reach } from '@liaison/reach';
import { z } from 'zod';
import { type NewsCount, newsChanged } from '../../contract/index.ts';
import { timesOf } from '../actions/choose.ts';
import { endOfSession, openSubscriptions } from '../actions/subscribe.ts';
import type { Written } from '../actions/write-news.ts';
import type { Kinds } from '../kinds.ts';
import { countOf, describe, readableNews } from '../queries.ts';
import { isBusy, mayPushNews } from '../quiet.ts';
import { type Deliver, keptSeconds, topicOf, withdrawal } from './deliver.ts';
import type { Sending } from './send.ts';
import { type Reader, wordsOf } from './words.ts';

const pushNews = defineJob({
  name: 'notify.push-news',
  payload: z.object({ orgId: idSchema, personId: idSchema, newsId: idSchema }),
  maxAttempts: 5,
});
/** To one browser whose push service asked us to wait. */
const pushAgain = defineJob({
  name: 'notify.push-again',
  payload: z.object({
    orgId: idSchema,
    personId: idSchema,
    newsId: idSchema,
    subscriptionId: idSchema,
    tries: z.number().int(),
    until: z.iso.datetime(),
  }),
  maxAttempts: 5,
});
const withdrawShown = defineJob({
  name: 'notify.withdraw-shown',
  payload: z.object({ orgId: idSchema, personId: idSchema }),
  maxAttempts: 5,
});

/** Pause before the next try, in milliseconds: 10 s doubling to half an hour. */
const pauseMs = (tries: number): number => Math.min(10_000 * 2 ** Math.max(0, tries - 1), 1_800_000);

export interface PushNews {
  /** Hands on what was written; again for what was handed on before is once. */
  add(orgId: string, toPush: Written['toPush']): Promise<void>;
}

/**
 * Pushes what is told to browsers whose page is closed, and takes it back from them when it is read. What is pushed is decided when
 * it is: by then it may be read, a right be gone, or the hour be quiet.
 */
export function createPushNews(options: {
  core: Core;
  kinds: Kinds;
  people: Pick<People, 'find'>;
  reach: Pick<Reach, 'statesOf' | 'usesPage'>;
  deliver: Deliver;
}): PushNews {
  const { core, kinds, people, reach, deliver } = options;
  const { db, jobs, outbox, secrets } = core;

  /** What is to be shown of one news, as it is now; null where it is read, gone, or not hers to see any more. */
  async function sendingOf(
    tx: Tx,
    personId: string,
    newsId: string,
  ): Promise<{ sending: Sending; groupId: string; reader: Reader } | null> {
    const person = await people.find(tx, personId);
    const row = await readableNews(tx, personId, newsId);
    if (person?.status !== 'active' || !row || row.read_at !== null) return null;
    const news = (await describe(tx, kinds, personId, [row])).get(row.id);
    if (!news) return null;
    const who = news.personId === null ? null : await people.find(tx, news.personId);
    const reader = { language: person.language, zone: person.timeZone };
    const count: NewsCount = await countOf(tx, personId);
    return {
      groupId: news.groupId,
      reader,
      sending: {
        message: {
          type: 'news',
          tag: news.tag ?? `liaison.news.${news.groupId}`,
          ...wordsOf(news, who?.name ?? null, reader),
          path: news.path.slice(0, 500),
          needsMe: count.needsMe,
          kind: news.kind,
          newsId: news.id,
          at: news.at,
        },
        ttlSeconds: keptSeconds,
        urgency: news.needsMe ? 'high' : 'normal',
        topic: topicOf(news.groupId),
      },
    };
  }

  jobs.handle(pushNews, async ({ orgId, personId, newsId }) => {
    const done = () =>
      db.transaction(orgId, (tx) =>
        tx.query(
          `update notify.news n set push_due = false from notify.news pushed
           where pushed.id = $1 and n.person_id = pushed.person_id and n.group_id = pushed.group_id
             and n.push_due and n.at <= pushed.at`,
          [newsId],
        ),
      );
    const [states, looks] = await Promise.all([
      reach.statesOf(orgId, [personId]),
      reach.usesPage(orgId, personId),
    ]);
    const situation = { isBusy: isBusy(states.get(personId)?.state), looks };
    const ready = await db.transaction(orgId, async (tx) => {
      const made = await sendingOf(tx, personId, newsId);
      if (!made) return null;
      const times = await timesOf(tx, personId);
      if (!mayPushNews({ ...situation, times, zone: made.reader.zone, now: new Date() })) return null;
      const subscriptions = await openSubscriptions(tx, secrets, personId);
      const { message } = made.sending;
      if (subscriptions.length > 0 && message.type === 'news') {
        // Before it is sent: what was shown must be known, what was not is withdrawn without harm.
        await tx.query(
          `insert into notify.shown (org_id, person_id, group_id, tag) values ($1, $2, $3, $4)
           on conflict (person_id, group_id) do update set tag = excluded.tag, at = now()`,
          [orgId, personId, made.groupId, message.tag],
        );
      }
      return { ...made, subscriptions };
    });
    const until = new Date(Date.now() + keptSeconds * 1000).toISOString();
    await Promise.all(
      (ready?.subscriptions ?? []).map(async (subscription) => {
        const outcome = await deliver.to(orgId, subscription, ready!.sending);
        if (outcome.kind !== 'later') return;
        await jobs.add(
          pushAgain,
          { orgId, personId, newsId, subscriptionId: subscription.id, tries: 1, until },
          {
            runAt: new Date(Date.now() + (outcome.afterMs ?? pauseMs(1))),
            key: `${newsId} ${subscription.id}`,
          },
        );
      }),
    );
    await done();
  });

  jobs.handle(pushAgain, async ({ tries, ...again }) => {
    const { orgId, personId, newsId, subscriptionId, until } = again;
    const leftMs = Date.parse(until) - Date.now();
    if (leftMs <= 0) return;
    const ready = await db.read(orgId, async (tx) => {
      const made = await sendingOf(tx, personId, newsId);
      const [subscription] = await openSubscriptions(tx, secrets, personId, subscriptionId);
      return made && subscription ? { ...made, subscription } : null;
    });
    if (!ready) return;
    const sending = { ...ready.sending, ttlSeconds: Math.ceil(leftMs / 1000) };
    const outcome = await deliver.to(orgId, ready.subscription, sending);
    if (outcome.kind !== 'later') return;
    const afterMs = Math.max(outcome.afterMs ?? 0, pauseMs(tries + 1));
    await jobs.add(
      pushAgain,
      { ...again, tries: tries + 1 },
      { runAt: new Date(Date.now() + afterMs), key: `${newsId} ${subscriptionId}` },
    );
  });

  jobs.handle(withdrawShown, async ({ orgId, personId }) => {
    const { stale, needsMe, subscriptions } = await db.read(orgId, async (tx) => ({
      stale: await tx.query<{ group_id: string; tag: string }>(
        `select s.group_id, s.tag from notify.shown s where s.person_id = $1 and not exists (
           select from notify.news n where n.person_id = $1 and n.group_id = s.group_id and n.read_at is null) limit 50`,
        [personId],
      ),
      needsMe: (await countOf(tx, personId)).needsMe,
      subscriptions: await openSubscriptions(tx, secrets, personId),
    }));
    for (const { group_id: groupId, tag } of stale) {
      await Promise.all(
        subscriptions.map((each) =>
          deliver.to(orgId, each, withdrawal(tag, topicOf(groupId), needsMe, keptSeconds)),
        ),
      );
      await db.transaction(orgId, (tx) =>
        tx.query('delete from notify.shown where person_id = $1 and group_id = $2', [personId, groupId]),
      );
    }
  });
  outbox.react(
    reactTo('notify.withdraw-what-is-read', newsChanged, async ({ orgId, payload: { personId } }) => {
      const shown = await db.read(orgId, (tx) =>
        tx.query('select from notify.shown where person_id = $1 limit 1', [personId]),
      );
      if (shown.length > 0) await jobs.add(withdrawShown, { orgId, personId }, { key: personId });
    }),
  );
  outbox.react(
    reactTo('notify.end-with-session', sessionRevoked, async ({ orgId, payload: { sessionId } }) =>
      db.transaction(orgId, (tx) => endOfSession(tx, sessionId)),
    ),
  );

  return {
    async add(orgId, toPush) {
      const subscribed = await db.transaction(orgId, async (tx) => {
        const rows = await tx.query<{ person_id: string }>(
          'select distinct person_id from notify.subscription where person_id = any($1::uuid[])',
          [toPush.map(({ personId }) => personId)],
        );
        const there = new Set(rows.map((row) => row.person_id));
        await tx.query('update notify.news set push_due = false where id = any($1::uuid[])', [
          toPush.filter(({ personId }) => !there.has(personId)).map(({ newsId }) => newsId),
        ]);
        return there;
      });
      // Of a group the newest: what waits is replaced, as the browser would replace it.
      const newest = new Map(toPush.map((each) => [each.groupId, each]));
      for (const [groupId, { personId, newsId }] of newest) {
        if (subscribed.has(personId))
          await jobs.add(pushNews, { orgId, personId, newsId }, { key: `push ${groupId}` });
      }
    },
  };
}
