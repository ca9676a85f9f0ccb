/**
 * The service worker: lets the page start without a network. It keeps the shell of the newest build and the assets that
 * were used; it never touches `/api` and keeps nothing of anybody.
 *
 * Built as one file without imports (`/sw.js`); `build/offline-shell.ts` puts the list of the shell's files in.
 */

interface ExtendableEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface FetchEvent extends ExtendableEvent {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface WorkerScope {
  addEventListener(type: 'install' | 'activate', listener: (event: ExtendableEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
}

/** Replaced by the build. */
declare const __SHELL__: { readonly version: string; readonly files: readonly string[] };

const worker = globalThis as unknown as WorkerScope;
const prefix = 'liaison-';
const current = `${prefix}${__SHELL__.version}`;
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
  const answer = await fetch(request);
  if (answer.ok) {
    const cache = await caches.open(current);
    await cache.put(request, answer.clone());
  }
  return answer;
}
