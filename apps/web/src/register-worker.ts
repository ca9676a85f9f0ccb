import { tryPatiently } from '@liaison/core/web';

/** So long after its start a page has what it needs, in milliseconds. */
const settledMs = 15_000;

/** The worker that starts the page without a network. Browsers allow it on HTTPS and localhost only. */
export function registerWorker(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  const register = (): void => {
    tryPatiently(() => navigator.serviceWorker.register('/sw.js')).catch((error: unknown) =>
      console.warn('No offline start:', error),
    );
  };
  // The other pages' files come when nobody waits for anything, and not where each byte is paid for.
  const { connection } = navigator as { connection?: { readonly saveData?: boolean } };
  if (!connection?.saveData) {
    setTimeout(
      () =>
        void navigator.serviceWorker.ready.then(({ active }) => active?.postMessage({ t: 'liaison.idle' })),
      settledMs,
    );
  }
  // After the page's own files, so that the worker does not fetch beside them.
  if (document.readyState === 'complete') register();
  else window.addEventListener('load', register, { once: true });
}
