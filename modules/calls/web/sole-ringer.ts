/**
 * Of all tabs of this browser one rings aloud: the one that holds the lock. Tabs that are seen ask at once, hidden ones
 * a moment later.
 *
 * @param start called when this tab is the one; returns how to stop.
 * @returns how to end it: stops, and lets another tab ring.
 */
export function ringAlone(start: () => () => void): () => void {
  const locks = navigator.locks as LockManager | undefined;
  const giveUp = new AbortController();
  let finish: () => void = () => {};
  const ring = (): Promise<void> =>
    new Promise((resolve) => {
      if (giveUp.signal.aborted) return resolve();
      const stop = start();
      finish = () => {
        stop();
        resolve();
      };
    });
  const timer = setTimeout(
    () => {
      // Taken back before it was this page's turn.
      if (locks) locks.request('liaison.ring', { signal: giveUp.signal }, ring).catch(() => {});
      else void ring();
    },
    document.visibilityState === 'visible' ? 0 : 200,
  );
  return () => {
    clearTimeout(timer);
    giveUp.abort();
    finish();
  };
}
