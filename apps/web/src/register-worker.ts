/** The worker that starts the page without a network. Browsers allow it on HTTPS and localhost only. */
export function registerWorker(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  const register = (): void => {
    navigator.serviceWorker
      .register('/sw.js')
      .catch((error: unknown) => console.warn('No offline start:', error));
  };
  // After the page's own files, so that the worker does not fetch beside them.
  if (document.readyState === 'complete') register();
  else window.addEventListener('load', register, { once: true });
}
