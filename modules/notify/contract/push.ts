import { idSchema } from '@liaison/core/contract';
import { z } from 'zod';

/** Of one person; the oldest gives way. */
export const mostSubscriptions = 20;

/** A push subscription as the browser gives it (`PushSubscription.toJSON()`). */
export const subscriptionInputSchema = z.object({
  /** Where the browser's push service takes messages (RFC 8030 §3). */
  endpoint: z.url({ protocol: /^https?$/ }).max(2000),
  /** RFC 8291 §2: base64url without padding, a point of 65 bytes and a secret of 16. */
  keys: z.object({
    p256dh: z.string().regex(/^[A-Za-z0-9_-]{87}$/),
    auth: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
  }),
});
export type SubscriptionInput = z.output<typeof subscriptionInputSchema>;

/**
 * Whether each message to this endpoint must show something. All browsers ask for it (`userVisibleOnly`); WebKit ends the
 * subscriptions of an origin after the third push, ever, that showed nothing, and what is closed at once counts as nothing.
 */
export const mustShow = (endpoint: string): boolean => /^https:\/\/[^/]*\.push\.apple\.com\//.test(endpoint);

export const subscriptionSchema = z.object({
  id: idSchema,
  /** Which browser, as its session calls it ("Firefox on Linux"). */
  name: z.string(),
  /** It was made in the session that asks. */
  isMine: z.boolean(),
  createdAt: z.iso.datetime(),
  lastPushedAt: z.iso.datetime().nullable(),
});
export type Subscription = z.output<typeof subscriptionSchema>;

/** Texts are ready to show, in the language of the person. */
const shown = {
  /** What a notification with the same tag replaces; the page's own notices have the same. */
  tag: z.string().max(200),
  title: z.string().max(200),
  body: z.string().max(300),
  /** From `/` on. */
  path: z.string().max(500),
  /** For the app badge. */
  needsMe: z.number().int(),
};

/**
 * What the service worker is sent, as JSON inside the encrypted message (RFC 8291). The tags: a message in a conversation
 * `liaison.chat.<conversation id>`, a call its id, everything else `liaison.news.<group id>`.
 */
export const pushMessageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('news'),
    ...shown,
    kind: z.string(),
    newsId: idSchema,
    at: z.iso.datetime(),
  }),
  /** It rings: `path` opens the page that shows the call, and with `&answer=1` takes it. Not shown after `until`. */
  z.object({
    type: z.literal('call'),
    ...shown,
    callId: idSchema,
    until: z.iso.datetime(),
    /** Words of the two buttons. */
    answer: z.string().max(40),
    refuse: z.string().max(40),
  }),
  /** Read, answered or refused elsewhere, or no longer to be seen: closes what has one of these tags. */
  z.object({
    type: z.literal('withdraw'),
    tags: z.array(z.string().max(200)).max(50),
    needsMe: z.number().int(),
  }),
  /** To try it: asked for on the page of settings. */
  z.object({ type: z.literal('test'), ...shown }),
]);
export type PushMessage = z.output<typeof pushMessageSchema>;
