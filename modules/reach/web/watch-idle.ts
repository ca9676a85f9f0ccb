/** How long a page is left alone before its person counts as away. */
export const idleAfterMs = 5 * 60_000;

const inputs = ['pointerdown', 'pointermove', 'wheel', 'keydown', 'touchstart', 'focus'] as const;

/**
 * Says `tell(true)` after five minutes without input, `tell(false)` with the next, and repeats what holds at each welcome,
 * because a new connection starts in use. A page that comes into view is in use.
 *
 * @returns how to stop.
 */
export function watchIdle(options: {
  target: Pick<Window, 'addEventListener' | 'removeEventListener'>;
  page: Pick<Document, 'addEventListener' | 'removeEventListener' | 'visibilityState'>;
  onWelcome: (listener: () => void) => () => void;
  tell: (idle: boolean) => void;
  afterMs?: number;
}): () => void {
  const { target, page, onWelcome, tell, afterMs = idleAfterMs } = options;
  let idle = false;
  let lastAt = Date.now();
  let timer: ReturnType<typeof setTimeout>;

  const look = (): void => {
    const restMs = lastAt + afterMs - Date.now();
    if (restMs > 0) {
      timer = setTimeout(look, restMs);
      return;
    }
    idle = true;
    tell(true);
  };
  const used = (): void => {
    lastAt = Date.now();
    // The timer looks at `lastAt` itself: moving a mouse must not set a timer a hundred times a second.
    if (!idle) return;
    idle = false;
    tell(false);
    timer = setTimeout(look, afterMs);
  };
  const seen = (): void => {
    if (page.visibilityState === 'visible') used();
  };
  timer = setTimeout(look, afterMs);
  for (const input of inputs) target.addEventListener(input, used, { passive: true, capture: true });
  page.addEventListener('visibilitychange', seen);
  const unsubscribe = onWelcome(() => {
    if (idle) tell(true);
  });
  return () => {
    clearTimeout(timer);
    for (const input of inputs) target.removeEventListener(input, used, { capture: true });
    page.removeEventListener('visibilitychange', seen);
    unsubscribe();
  };
}
