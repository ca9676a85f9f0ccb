import { defineRoute, idSchema, pageOf, pageQuery } from '@liaison/core/contract';
import { z } from 'zod';
import { newsCountSchema, newsGroupSchema, newsKindSchema, newsSchema } from './news.ts';
import {
  kindPreferenceSchema,
  mostPlacePreferences,
  placePreferenceSchema,
  timesSchema,
  whenSchema,
} from './preferences.ts';
import { mostSubscriptions, subscriptionInputSchema, subscriptionSchema } from './push.ts';

export const listNews = defineRoute({
  method: 'GET',
  path: '/notify/groups',
  access: 'session',
  summary: 'My news in groups: those with something unread that needs me first, then the newest.',
  query: pageQuery.extend({
    limit: z.coerce.number().int().min(1).max(100).default(30),
    only: z.enum(['all', 'unread', 'needs-me']).default('all'),
  }),
  response: pageOf(newsGroupSchema),
});

export const listNewsOfGroup = defineRoute({
  method: 'GET',
  path: '/notify/groups/:groupId/news',
  access: 'session',
  summary: 'The news of one group, newest first.',
  params: z.object({ groupId: idSchema }),
  query: pageQuery,
  response: pageOf(newsSchema),
});

export const listDigest = defineRoute({
  method: 'GET',
  path: '/notify/news/:newsId/digest',
  access: 'session',
  summary: 'What a digest gathers, newest first.',
  params: z.object({ newsId: idSchema }),
  query: pageQuery,
  response: pageOf(newsSchema),
});

export const countNews = defineRoute({
  method: 'GET',
  path: '/notify/count',
  access: 'session',
  summary: 'How many news are unread, and how many of them need me.',
  response: newsCountSchema,
});

export const readNews = defineRoute({
  method: 'POST',
  path: '/notify/read',
  access: 'session',
  summary: 'Marks news as read: some, whole groups, or all until a time.',
  body: z.union([
    z.strictObject({ newsIds: z.array(idSchema).min(1).max(200) }),
    z.strictObject({ groupIds: z.array(idSchema).min(1).max(200) }),
    /** When the list was looked at: what came since stays unread. */
    z.strictObject({ allUntil: z.iso.datetime({ offset: true }) }),
  ]),
  response: newsCountSchema,
});

export const readPreferences = defineRoute({
  method: 'GET',
  path: '/notify/preferences',
  access: 'session',
  summary: 'Which news I get when, and when nothing may be pushed.',
  response: z.object({
    kinds: z.array(kindPreferenceSchema).max(200),
    /** With the name of the space, or of the conversation in it. */
    places: z.array(placePreferenceSchema.extend({ name: z.string() })).max(mostPlacePreferences),
    times: timesSchema,
    /** The zone that a null zone of the quiet hours means now. */
    zone: z.string(),
  }),
});

export const setKindPreference = defineRoute({
  method: 'PUT',
  path: '/notify/preferences/kinds/:kind',
  access: 'session',
  summary: 'When news of one kind come; null takes what is usual.',
  params: z.object({ kind: newsKindSchema }),
  body: z.object({ when: whenSchema.nullable() }),
  response: kindPreferenceSchema,
});

export const setPlacePreference = defineRoute({
  method: 'PUT',
  path: '/notify/preferences/places',
  access: 'session',
  summary: 'When news from one space, or one conversation in it, come; null takes what holds around it.',
  body: placePreferenceSchema.extend({
    containerId: idSchema.nullable().default(null),
    kind: newsKindSchema.nullable().default(null),
    when: whenSchema.nullable(),
  }),
  response: z.object({}),
});

export const setTimes = defineRoute({
  method: 'PUT',
  path: '/notify/preferences/times',
  access: 'session',
  summary: 'Quiet hours, what is pushed in calls, and when the digest comes.',
  body: timesSchema,
  response: timesSchema,
});

/** A page that is hidden asks before it says something outside itself; what is pushed is decided in the same way. */
export const mayTell = defineRoute({
  method: 'GET',
  path: '/notify/may-tell',
  access: 'session',
  summary: 'Whether news of this kind, from this place, may be shown to me outside the page now.',
  query: z.object({ kind: newsKindSchema, spaceId: idSchema, containerId: idSchema }),
  response: z.object({ may: z.boolean() }),
});

/** The same for a call that rings: what is decided for closed pages holds for hidden ones. */
export const mayRingHidden = defineRoute({
  method: 'GET',
  path: '/notify/may-ring',
  access: 'session',
  summary: 'Whether a call may ring on my pages that I do not look at now.',
  response: z.object({ may: z.boolean() }),
});

export const readPush = defineRoute({
  method: 'GET',
  path: '/notify/push',
  access: 'session',
  summary: 'The key that browsers subscribe with (RFC 8292), and my browsers that did.',
  response: z.object({
    /** `applicationServerKey`: base64url of an uncompressed point. */
    publicKey: z.string(),
    subscriptions: z.array(subscriptionSchema).max(mostSubscriptions),
  }),
});

/** The same endpoint again takes the place of what it was, also when somebody else was signed in there before. */
export const subscribe = defineRoute({
  method: 'POST',
  path: '/notify/push/subscriptions',
  access: 'session',
  summary: 'Lets this browser be pushed to while its page is closed; it ends with the session.',
  body: subscriptionInputSchema,
  response: subscriptionSchema,
});

export const unsubscribe = defineRoute({
  method: 'DELETE',
  path: '/notify/push/subscriptions/:subscriptionId',
  access: 'session',
  summary: 'Pushes nothing more to one of my browsers.',
  params: z.object({ subscriptionId: idSchema }),
});

export const tryPush = defineRoute({
  method: 'POST',
  path: '/notify/push/subscriptions/:subscriptionId/test',
  access: 'session',
  summary: 'Pushes a message to one of my browsers, to see that it comes.',
  params: z.object({ subscriptionId: idSchema }),
  response: z.object({
    /** `gone`: the push service knows it no more, and it was removed. `failed`: it could not be reached, or refused. */
    outcome: z.enum(['sent', 'gone', 'failed']),
  }),
});
