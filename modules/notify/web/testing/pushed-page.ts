import type { PushReceiver } from '@liaison/tests/push-service';
import type { CDPSession, Page, Worker } from 'playwright-core';

/** What a browser shows outside its pages. */
export interface ShownNotice {
  readonly tag: string;
  readonly title: string;
  readonly body: string;
  readonly stays: boolean;
  readonly actions: readonly string[];
}

/** A page's real service worker, and the browser's own way of handing it what was pushed. */
export interface PushedPage {
  /** As a push service would: the worker is woken with it. */
  deliver(message: object): Promise<void>;
  /** The notice with this tag, once the worker has shown one more; `deliver` and this go by turns. */
  nextShown(tag: string): Promise<ShownNotice | undefined>;
  shown(): Promise<ShownNotice[]>;
  tellPage(message: object): Promise<void>;
  /**
   * Presses the notice with this tag, or one of its buttons, and waits until the worker has done what follows. A script's press lets
   * no worker open a page, so that alone is answered in its place.
   *
   * @returns the addresses that it would have opened.
   */
  press(tag: string, action?: string): Promise<string[]>;
  /** Leaves our pages, until the worker knows of none. */
  leave(): Promise<void>;
}

export async function until<T>(what: string, find: () => Promise<T | undefined | false>): Promise<T> {
  const end = Date.now() + 60_000;
  for (;;) {
    const found = await find();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** What the worker's own scope has and a page's has not. */
interface Scope {
  readonly registration: ServiceWorkerRegistration;
  /** How often it was shown something; ours. */
  shownSoFar?: number;
  readonly NotificationEvent: new (
    type: string,
    init: { notification: Notification; action: string },
  ) => Event;
  readonly clients: {
    matchAll(of?: object): Promise<readonly { postMessage(message: unknown): void }[]>;
  };
}

/** A page of ours, once its worker stands. */
export async function openPushedPage(page: Page): Promise<PushedPage> {
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  const worker = await until('the worker', async () => page.context().serviceWorkers()[0]);
  const origin = new URL(page.url()).origin;
  await countShown(worker);
  let looked = 0;
  let devtools: CDPSession | undefined;
  let registrationId: string | undefined;
  return {
    async deliver(message) {
      if (!devtools) {
        devtools = await page.context().newCDPSession(page);
        devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
          const ours = registrations.find(
            ({ scopeURL, isDeleted }) => !isDeleted && scopeURL === `${origin}/`,
          );
          registrationId = ours?.registrationId ?? registrationId;
        });
        await devtools.send('ServiceWorker.enable');
        await until('its registration', async () => registrationId !== undefined);
      }
      await devtools.send('ServiceWorker.deliverPushMessage', {
        origin,
        registrationId: registrationId!,
        data: JSON.stringify(message),
      });
    },
    async nextShown(tag) {
      looked += 1;
      await until(`${tag} is shown`, () =>
        worker.evaluate((many) => ((globalThis as unknown as Scope).shownSoFar ?? 0) >= many, looked),
      );
      return (await shownBy(worker)).find((each) => each.tag === tag);
    },
    shown: () => shownBy(worker),
    tellPage: (message) =>
      worker.evaluate(async (told) => {
        const { clients } = globalThis as unknown as Scope;
        for (const client of await clients.matchAll()) client.postMessage(told);
      }, message),
    press: (tag, action = '') => pressedIn(worker, tag, action),
    async leave() {
      await page.goto('about:blank');
      await until('no page', () =>
        worker.evaluate(async () => {
          const { clients } = globalThis as unknown as Scope;
          return (await clients.matchAll({ type: 'window', includeUncontrolled: true })).length === 0;
        }),
      );
    },
  };
}

/**
 * Chromium compares what it keeps with what stands when it is asked for notices, and forgets one that it is about to show: so
 * nothing is asked before it is shown.
 */
const countShown = (worker: Worker): Promise<void> =>
  worker.evaluate(() => {
    const scope = globalThis as unknown as Scope;
    if (scope.shownSoFar !== undefined) return;
    scope.shownSoFar = 0;
    const { prototype } = ServiceWorkerRegistration;
    const show = prototype.showNotification;
    prototype.showNotification = async function (title, options) {
      await show.call(this, title, options);
      scope.shownSoFar = (scope.shownSoFar ?? 0) + 1;
    };
  });

const shownBy = (worker: Worker): Promise<ShownNotice[]> =>
  worker.evaluate(async () => {
    const { registration } = globalThis as unknown as Scope;
    const notices = (await registration.getNotifications()) as (Notification & {
      readonly actions: readonly { readonly action: string }[];
    })[];
    return notices.map(({ tag, title, body, requireInteraction, actions }) => ({
      tag,
      title,
      body,
      stays: requireInteraction,
      actions: actions.map(({ action }) => action),
    }));
  });

const pressedIn = (worker: Worker, tag: string, action: string): Promise<string[]> =>
  worker.evaluate(
    async (pressed) => {
      const scope = globalThis as unknown as Scope;
      const [notification] = await scope.registration.getNotifications({ tag: pressed.tag });
      if (!notification) throw new Error(`no notice has the tag ${pressed.tag}`);
      const opened: string[] = [];
      const clients = scope.clients as { openWindow?: (path: string) => Promise<null> };
      clients.openWindow = async (path) => {
        opened.push(path);
        return null;
      };
      const event = new scope.NotificationEvent('notificationclick', {
        notification,
        action: pressed.action,
      });
      let work: Promise<unknown> = Promise.resolve();
      // Only the browser's own events may be kept waiting.
      Object.defineProperty(event, 'waitUntil', {
        value: (done: Promise<unknown>) => {
          work = done;
        },
      });
      globalThis.dispatchEvent(event);
      await work;
      delete clients.openWindow;
      return opened;
    },
    { tag, action },
  );

/** A stranger's push service is not to be had here: the browser subscribes at ours, from the next page on. */
export async function subscribeWith(page: Page, { endpoint, keys }: PushReceiver): Promise<void> {
  await page.context().addInitScript(
    (given) => {
      // There is none on a page that is nobody's.
      if (!('PushManager' in window)) return;
      let held: object | null = null;
      PushManager.prototype.subscribe = async (options) => {
        const key = options?.applicationServerKey;
        if (!(key instanceof Uint8Array)) throw new TypeError('a key of bytes is wanted');
        held = {
          endpoint: given.endpoint,
          options: { applicationServerKey: key.buffer },
          toJSON: () => given,
          unsubscribe: async () => true,
        };
        return held as PushSubscription;
      };
      PushManager.prototype.getSubscription = async () => held as PushSubscription | null;
    },
    { endpoint, keys },
  );
}
