import type { WorkerMessage } from '@liaison/core/web';
import {
  mustShow,
  pageInFront,
  pressed,
  readPush,
  shownFor,
  subscriptionBody,
  subscriptionsPath,
} from './worker-push.ts';

/**
 * The service worker: lets the page start and its pages open without a network, and speaks for it while it is closed. It
 * keeps what the newest build is made of, and nothing of anybody; what it is pushed it shows and forgets.
 *
 * Built as one file (`/sw.js`); `build/offline-shell.ts` puts the list of the shell's files in.
 */

interface ExtendableEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface FetchEvent extends ExtendableEvent {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface PushEvent extends ExtendableEvent {
  readonly data: { text(): string } | null;
}
interface NotificationEvent extends ExtendableEvent {
  readonly notification: Notification;
  readonly action: string;
}
interface SubscriptionEvent extends ExtendableEvent {
  readonly oldSubscription?: PushSubscription | null;
  readonly newSubscription?: PushSubscription | null;
}
interface PageMessageEvent extends ExtendableEvent {
  readonly data: unknown;
  readonly source: Page | null;
}
interface Page {
  readonly focused: boolean;
  readonly visibilityState: string;
  focus(): Promise<unknown>;
  postMessage(message: WorkerMessage): void;
}
interface WorkerScope {
  addEventListener(type: 'install' | 'activate', listener: (event: ExtendableEvent) => void): void;
  addEventListener(type: 'online', listener: () => void, options: { once: true }): void;
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
  addEventListener(type: 'push', listener: (event: PushEvent) => void): void;
  addEventListener(type: 'notificationclick', listener: (event: NotificationEvent) => void): void;
  addEventListener(type: 'pushsubscriptionchange', listener: (event: SubscriptionEvent) => void): void;
  addEventListener(type: 'message', listener: (event: PageMessageEvent) => void): void;
  skipWaiting(): Promise<void>;
  readonly registration: ServiceWorkerRegistration;
  readonly clients: {
    claim(): Promise<void>;
    matchAll(options: { type: 'window'; includeUncontrolled: true }): Promise<readonly Page[]>;
    openWindow(path: string): Promise<Page | null>;
  };
}

/** Replaced by the build. */
declare const __SHELL__: {
  readonly version: string;
  readonly files: readonly string[];
  readonly later: readonly string[];
};

const worker = globalThis as unknown as WorkerScope;
const prefix = 'liaison-';
const current = `${prefix}${__SHELL__.version}`;
/** How long a part of a page waits for the network, in milliseconds: a browser ends a worker that takes five minutes. */
const assetPatienceMs = 4 * 60_000;
/** How long a navigation waits for the network before the kept page is shown, in milliseconds. */
const patienceMs = 4_000;

worker.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(current)
      .then((cache) => cache.addAll([...__SHELL__.files]))
      .then(() => worker.skipWaiting()),
  );
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => names.filter((name) => name.startsWith(prefix) && name !== current))
      // Pages of the build before may still be open and want their assets: one generation stays.
      .then((old) => Promise.all(old.slice(0, -1).map((name) => caches.delete(name))))
      .then(() => worker.clients.claim()),
  );
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin || url.pathname.startsWith('/api/')) return;
  if (request.mode === 'navigate') event.respondWith(page(request));
  else if (url.pathname.startsWith('/assets/')) event.respondWith(asset(request));
});

/** The page from the network; the kept one when the network is not there or takes too long. */
async function page(request: Request): Promise<Response> {
  const kept = await caches.match('/');
  if (!kept) return fetch(request);
  const late = new Promise<Response>((resolve) => setTimeout(() => resolve(kept), patienceMs));
  return Promise.race([fetch(request).catch(() => kept), late]);
}

/** Assets are named by their content: what is kept is right. */
async function asset(request: Request): Promise<Response> {
  const kept = await caches.match(request);
  if (kept) return kept;
  const answer = await fetchPatiently(request);
  if (answer.ok) {
    const cache = await caches.open(current);
    await cache.put(request, answer.clone());
  }
  return answer;
}

/** A part of a page that is asked for while there is no network comes when there is one: to the page it only takes long. */
async function fetchPatiently(request: Request | string, options?: RequestInit): Promise<Response> {
  const until = Date.now() + assetPatienceMs;
  for (;;) {
    try {
      return await fetch(request, options);
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 3_000);
        const again = (): void => {
          clearTimeout(timer);
          resolve();
        };
        worker.addEventListener('online', again, { once: true });
      });
    }
  }
}

let fetchingLater: Promise<void> | null = null;

/** What the pages are made of that nobody has opened yet, one after the other; what fails is fetched another time. */
async function fetchLater(): Promise<void> {
  const cache = await caches.open(current);
  for (const file of __SHELL__.later) {
    if (await cache.match(file)) continue;
    // Much of a build is as it was in the one before.
    const answer = (await caches.match(file)) ?? (await fetchPatiently(file, { priority: 'low' }));
    if (answer.ok) await cache.put(file, answer);
  }
}

worker.addEventListener('push', (event) => event.waitUntil(told(event.data?.text())));

const pages = (): Promise<readonly Page[]> =>
  worker.clients.matchAll({ type: 'window', includeUncontrolled: true });

/** Shows what came, but where a page of ours is seen and the browser takes that for an answer: that one says it itself. */
async function told(json: string | undefined): Promise<void> {
  const message = readPush(json);
  if (!message) return;
  await count(message.needsMe);
  if (message.type === 'withdraw') {
    for (const tag of message.tags) {
      for (const notice of await worker.registration.getNotifications({ tag })) notice.close();
    }
    return;
  }
  // A test is asked for by somebody who looks at the page, and wants to see it.
  const isSeen =
    message.type !== 'test' && (await pages()).some((page) => page.visibilityState === 'visible');
  const isSaid = isSeen && !mustShow((await worker.registration.pushManager.getSubscription())?.endpoint);
  const shown = isSaid ? null : shownFor(message, Date.now());
  if (shown) await worker.registration.showNotification(shown.title, shown.options);
}

/** On the icon of the installed app. */
async function count(needsMe: unknown): Promise<void> {
  if (typeof needsMe !== 'number' || !('setAppBadge' in navigator)) return;
  await (needsMe > 0 ? navigator.setAppBadge(needsMe) : navigator.clearAppBadge()).catch(() => {
    // Not installed, or the machine shows no counts.
  });
}

/** For the page that is being opened, which asks for it once it can hear: an address could be given by anybody. */
let kept: { readonly tell: WorkerMessage; readonly until: number } | null = null;
/** How long a page may take to open, in milliseconds. */
const openingMs = 30_000;

worker.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const press = pressed(event.action, event.notification.data, Date.now());
  event.waitUntil('refuse' in press ? refuse(press.refuse) : open(press.open, press.tell));
});

worker.addEventListener('message', (event) => {
  const { data, source } = event;
  const asked = data as { t?: string; waitsFor?: string } | null;
  if (asked?.t === 'liaison.idle') {
    fetchingLater ??= fetchLater()
      .catch(() => {})
      .finally(() => {
        fetchingLater = null;
      });
    event.waitUntil(fetchingLater);
    return;
  }
  if (asked?.t !== 'liaison.opened' || !kept || asked.waitsFor !== kept.tell.t) return;
  if (Date.now() < kept.until) source?.postMessage(kept.tell);
  kept = null;
});

async function open(path: string, tell: WorkerMessage): Promise<void> {
  const page = pageInFront(await pages());
  if (!page) {
    // The address says where to go; only what it may not say is kept.
    kept = tell.t === 'liaison.answer' ? { tell, until: Date.now() + openingMs } : null;
    await worker.clients.openWindow(path);
    return;
  }
  // A page that may not come to the front hears it all the same.
  await page.focus().catch(() => {});
  page.postMessage(tell);
}

async function refuse(callId: string): Promise<void> {
  await fetch(`/api/v1/calls/${encodeURIComponent(callId)}/decline`, { method: 'POST' });
}

worker.addEventListener('pushsubscriptionchange', (event) => event.waitUntil(renew(event)));

/** The browser's push service gave the subscription another address: the server learns of it, or it is given up. */
async function renew({ oldSubscription, newSubscription }: SubscriptionEvent): Promise<void> {
  const next =
    newSubscription ??
    (oldSubscription ? await worker.registration.pushManager.subscribe(oldSubscription.options) : null);
  if (!next) return;
  const answer = await fetch(subscriptionsPath, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: subscriptionBody(next),
  });
  // Nobody is signed in here any more.
  if (answer.status === 401) await next.unsubscribe();
}
