import { idSchema } from '@liaison/core/contract';
import { z } from 'zod';

/** What a link shows: all that its owner may read, or when the time is taken and nothing of why. */
export const feedDetails = ['all', 'busy'] as const;
export type FeedDetail = (typeof feedDetails)[number];

export const maxFeedsOfPerson = 50;
export const maxFeedName = 60;

/** A secret link by which programs follow a calendar. */
export const feedSchema = z.object({
  id: idSchema,
  calendarId: idSchema,
  /** Whom or what it is for, in its owner's words. */
  name: z.string(),
  detail: z.enum(feedDetails),
  /** Below the suite's own address: the secret is in it. */
  path: z.string(),
  createdAt: z.string(),
  /** Null: nobody asked yet. */
  readAt: z.string().nullable(),
});
export type Feed = z.infer<typeof feedSchema>;
