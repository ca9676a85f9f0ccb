import type { WorkerMessage } from '@liaison/core/web';
import type { PushMessage } from '@liaison/notify';

/** What the worker makes of what it is pushed and of what is pressed: decided here, done in `worker.ts`. */

/** A notification to show. */
export interface Shown {
  readonly title: string;
  readonly options: NotificationOptions & {
    readonly actions?: readonly { readonly action: string; readonly title: string }[];
    readonly renotify?: boolean;
    readonly vibrate?: readonly number[];
    readonly data: NoticeData;
  };
}

/** What a notification carries for the press on it; the page's own notices carry the same. */
export interface NoticeData {
  readonly path: string;
  readonly callId?: string;
  /** When it ceases to ring, in milliseconds since 1970. */
  readonly until?: number;
}

const text = (value: unknown, most: number): string =>
  typeof value === 'string' ? value.slice(0, most) : '';

/** An address of ours; the first page where it is none. */
export const ownPath = (path: unknown): string =>
  typeof path === 'string' && path.length <= 500 && /^\/(?![/\\])/.test(path) ? path : '/';

const isMessage = (value: unknown): value is PushMessage =>
  typeof value === 'object' &&
  value !== null &&
  ['news', 'call', 'withdraw', 'test'].includes((value as { type?: string }).type ?? '');

/** The message of a push; null where it is none that this build knows. */
export function readPush(json: string | undefined): PushMessage | null {
  try {
    const value: unknown = JSON.parse(json ?? '');
    return isMessage(value) ? value : null;
  } catch {
    return null;
  }
}

/** The notification that a message asks for; null where it asks for none, or comes too late. */
export function shownFor(message: PushMessage, now: number): Shown | null {
  if (message.type === 'withdraw') return null;
  const base = {
    body: text(message.body, 300),
    tag: text(message.tag, 200),
    icon: '/icons/192.png',
    badge: '/icons/badge-96.png',
  };
  const path = ownPath(message.path);
  if (message.type !== 'call')
    return { title: text(message.title, 200), options: { ...base, renotify: true, data: { path } } };
  const until = Date.parse(message.until);
  if (Number.isNaN(until) || until <= now) return null;
  return {
    title: text(message.title, 200),
    options: {
      ...base,
      requireInteraction: true,
      renotify: true,
      vibrate: ringing,
      actions: [
        { action: 'answer', title: text(message.answer, 40) },
        { action: 'refuse', title: text(message.refuse, 40) },
      ],
      data: { path, callId: message.callId, until },
    },
  };
}

/** notify's `mustShow`, without what else its contract would bring along. */
export const mustShow = (endpoint: string | undefined): boolean =>
  /^https:\/\/[^/]*\.push\.apple\.com\//.test(endpoint ?? '');

/** The ring of a telephone in a pocket, in milliseconds: on, off, on … */
const ringing = [800, 400, 800, 1200, 800, 400, 800, 1200, 800, 400, 800, 1200];

/** What a press on a notification is to do: refuse a call, or bring a page to the front and tell it something. */
export function pressed(
  action: string,
  data: Partial<NoticeData> | undefined,
  now: number,
): { readonly refuse: string } | { readonly open: string; readonly tell: WorkerMessage } {
  const path = ownPath(data?.path);
  const callId = data?.callId;
  if (callId !== undefined && action === 'refuse') return { refuse: callId };
  if (callId !== undefined && action === 'answer' && (data?.until ?? 0) > now)
    return { open: path, tell: { t: 'liaison.answer', callId } };
  return { open: path, tell: { t: 'liaison.go', path } };
}

interface PageOfOurs {
  readonly focused: boolean;
  readonly visibilityState: string;
}

/** The page to bring to the front: the one in use, else one that is seen, else the one that was last. */
export const pageInFront = <Page extends PageOfOurs>(pages: readonly Page[]): Page | undefined =>
  pages.find((page) => page.focused) ?? pages.find((page) => page.visibilityState === 'visible') ?? pages[0];

/** Where subscriptions go: the path of notify's route, without what else its contract would bring along. */
export const subscriptionsPath = '/api/v1/notify/push/subscriptions';

/** What the server takes of a subscription. */
export function subscriptionBody(subscription: PushSubscription): string {
  const { endpoint, keys } = subscription.toJSON();
  return JSON.stringify({ endpoint, keys: { p256dh: keys?.p256dh, auth: keys?.auth } });
}
