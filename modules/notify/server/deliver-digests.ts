import { idSchema } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import { defineJob } from '@liaison/core/jobs';
import type { NewsDeliverer, NewsDigest } from '@liaison/core/news';
import type { People } from '@liaison/people';
import { z } from 'zod';
import type { Written } from './actions/write-news.ts';
import type { Kinds } from './kinds.ts';
import { wordsOf } from './push/words.ts';
import { listNewsOf, readableNews } from './queries.ts';

const deliverDigest = defineJob({
  name: 'notify.deliver-digest',
  payload: z.object({
    orgId: idSchema,
    personId: idSchema,
    newsId: idSchema,
    deliverer: z.string().max(100),
  }),
});
const mostLines = 50;

/**
 * Hands digests to those who carry them elsewhere, each in a job of its own: what one of them cannot do holds nobody else up. Words and
 * rights are looked up then; what was read meanwhile is not carried.
 */
export function createDigestDelivery(
  { db, jobs }: Pick<Core, 'db' | 'jobs'>,
  {
    people,
    kinds,
    deliverers,
  }: {
    people: Pick<People, 'find' | 'findMany'>;
    kinds: Kinds;
    deliverers: readonly NewsDeliverer[];
  },
): (orgId: string, made: Written['toPush']) => Promise<void> {
  const byName = new Map(deliverers.map((deliverer) => [deliverer.name as string, deliverer]));
  if (byName.size !== deliverers.length) throw new Error('two deliverers of digests have one name');

  if (deliverers.length === 0) return async () => {};

  jobs.handle(deliverDigest, async ({ orgId, personId, newsId, deliverer }) => {
    const carrier = byName.get(deliverer);
    // Of a program that had another way.
    if (!carrier) return;
    const digest = await db.read(orgId, async (tx): Promise<NewsDigest | null> => {
      const person = await people.find(tx, personId);
      const row = await readableNews(tx, personId, newsId);
      if (person?.status !== 'active' || !row || row.read_at !== null) return null;
      const { rows, next } = await listNewsOf(
        tx,
        kinds,
        personId,
        { digestId: newsId },
        { limit: mostLines },
      );
      const unread = rows.filter(({ readAt }) => readAt === null);
      if (unread.length === 0) return null;
      const named = await people.findMany(tx, [...new Set(unread.flatMap((each) => each.personId ?? []))]);
      const reader = { language: person.language, zone: person.timeZone };
      return {
        orgId,
        personId,
        newsId,
        language: person.language,
        timeZone: person.timeZone,
        path: `/news/${newsId}`,
        lines: unread.map((news) => ({
          ...wordsOf(news, news.personId === null ? null : (named.get(news.personId)?.name ?? null), reader),
          path: news.path,
          at: new Date(news.at),
          personId: news.personId,
        })),
        hasMore: next !== null,
      };
    });
    if (digest) await carrier.deliver(digest);
  });

  return async (orgId, made) => {
    for (const { personId, newsId } of made) {
      for (const deliverer of byName.keys()) {
        await jobs.add(
          deliverDigest,
          { orgId, personId, newsId, deliverer },
          { key: `${newsId} ${deliverer}` },
        );
      }
    }
  };
}
