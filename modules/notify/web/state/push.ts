import { api } from '@liaison/core/web';
import { readPush, type Subscription, subscribe } from '../../contract/index.ts';
import { keepWantsPush } from './this-browser.ts';

/** Why this browser cannot be pushed to, or what it says of being pushed to. */
export type PushState = 'insecure' | 'install-first' | 'unsupported' | 'blocked' | 'not-asked' | 'allowed';

interface Surroundings {
  readonly isSecure: boolean;
  readonly hasPush: boolean;
  readonly permission: NotificationPermission | undefined;
  /** Of Apple's telephones and tablets, which push to installed pages only. */
  readonly isApplePocket: boolean;
}

export function pushStateOf({ isSecure, hasPush, permission, isApplePocket }: Surroundings): PushState {
  if (!isSecure) return 'insecure';
  if (!hasPush || permission === undefined) return isApplePocket ? 'install-first' : 'unsupported';
  if (permission === 'denied') return 'blocked';
  return permission === 'granted' ? 'allowed' : 'not-asked';
}

export const pushState = (): PushState =>
  pushStateOf({
    isSecure: window.isSecureContext,
    hasPush: 'serviceWorker' in navigator && 'PushManager' in window,
    permission: 'Notification' in window ? Notification.permission : undefined,
    isApplePocket: /iPhone|iPad/.test(navigator.userAgent) || isTouchMac(),
  });

/** Tablets that call themselves desktops. */
const isTouchMac = (): boolean => /Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1;

/** How long the worker may take to be ready, in milliseconds; without one it never is. */
const workerMs = 10_000;

async function registration(): Promise<ServiceWorkerRegistration> {
  const late = new Promise<never>((_, reject) =>
    setTimeout(() => reject(new Error('no service worker')), workerMs),
  );
  return Promise.race([navigator.serviceWorker.ready, late]);
}

/** `Uint8Array.fromBase64` is too young. */
function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const binary = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}

const sameKey = (held: ArrayBuffer | null, wanted: Uint8Array): boolean =>
  held !== null &&
  held.byteLength === wanted.length &&
  new Uint8Array(held).every((byte, at) => byte === wanted[at]);

/** The browser's subscription for the server's key, made where there is none. */
async function subscriptionFor(publicKey: string): Promise<PushSubscription> {
  const { pushManager } = await registration();
  const applicationServerKey = bytesOf(publicKey);
  const held = await pushManager.getSubscription();
  if (held && sameKey(held.options.applicationServerKey, applicationServerKey)) return held;
  // Made for another key: nothing that is sent with ours would pass.
  await held?.unsubscribe();
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
}

async function tellServer(subscription: PushSubscription): Promise<Subscription> {
  const { endpoint, keys } = subscription.toJSON();
  return api(subscribe, {
    body: { endpoint: endpoint ?? '', keys: { p256dh: keys?.p256dh ?? '', auth: keys?.auth ?? '' } },
  });
}

/** Asks the person, subscribes, and tells the server; only ever in answer to a press. Null where she said no. */
export async function switchPushOn(personId: string, publicKey: string): Promise<Subscription | null> {
  if ((await Notification.requestPermission()) !== 'granted') return null;
  const subscription = await tellServer(await subscriptionFor(publicKey));
  keepWantsPush(personId);
  return subscription;
}

/** Ends the browser's own part; the server's is ended by its route. */
export async function switchPushOff(): Promise<void> {
  keepWantsPush(null);
  const held = await (await registration()).pushManager.getSubscription();
  await held?.unsubscribe();
}

/** After signing in anew: the server forgot this browser with the session before. Says nothing where it fails. */
export async function renewSubscription(personId: string): Promise<void> {
  try {
    if (pushState() !== 'allowed') return keepWantsPush(null);
    const { publicKey, subscriptions } = await api(readPush);
    if (subscriptions.some(({ isMine }) => isMine)) return;
    await tellServer(await subscriptionFor(publicKey));
    keepWantsPush(personId);
  } catch {
    // Tried again with the next page.
  }
}
