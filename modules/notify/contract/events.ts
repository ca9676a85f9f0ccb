import { defineEvent, idSchema } from '@liaison/core/contract';
import { z } from 'zod';
import type { NewsCount } from './news.ts';

/** News came, were read or are gone; told in the person's own space. Pages get `NewsChanged`, and ask anew for what they show. */
export const newsChanged = defineEvent({
  name: 'notify.news-changed',
  version: 1,
  stream: 'spaceId',
  payload: z.object({ spaceId: idSchema, personId: idSchema }),
});

/** What pages get with `newsChanged`: the counts as they are by then. */
export interface NewsChanged {
  readonly count: NewsCount;
}

/** Preferences, times or subscriptions are not as they were; told in the person's own space. */
export const preferencesChanged = defineEvent({
  name: 'notify.preferences-changed',
  version: 1,
  stream: 'spaceId',
  payload: z.object({ spaceId: idSchema, personId: idSchema }),
});
