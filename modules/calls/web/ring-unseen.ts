import { api } from '@liaison/core/web';
import { mayRingHidden } from '@liaison/notify';

/** An answer that takes longer is not waited for: the call rings. */
const patienceMs = 1500;

/** A call that nobody hears is worse than one too many: where nobody can be asked, it rings. */
const ask = (): Promise<boolean> =>
  api(mayRingHidden, {}, { timeoutMs: patienceMs }).then(
    ({ may }) => may,
    () => true,
  );

/**
 * Begins at once on a page that is seen; on a hidden one only where closed pages would be rung too, and otherwise when
 * somebody looks at it.
 *
 * @param start called at most once; returns how to stop.
 * @returns how to end it, begun or not.
 */
export function ringUnlessQuiet(
  start: () => () => void,
  mayRing: () => Promise<boolean> = ask,
  page: Pick<Document, 'visibilityState' | 'addEventListener' | 'removeEventListener'> = document,
): () => void {
  let stop: (() => void) | null = null;
  let isOver = false;
  const begin = (): void => {
    page.removeEventListener('visibilitychange', look);
    if (!isOver) stop ??= start();
  };
  const look = (): void => {
    if (page.visibilityState === 'visible') begin();
  };
  page.addEventListener('visibilitychange', look);
  look();
  if (!stop) void mayRing().then((may) => (may ? begin() : undefined));
  return () => {
    isOver = true;
    page.removeEventListener('visibilitychange', look);
    stop?.();
  };
}
