import type { Readable } from 'node:stream';

/** How often a download or an upload on its way is asked for its right again. */
export const askEveryMs = 2000;
/** A look that nobody answered is tried again so many times; then nobody knows whether the right is still there, and that is a no. */
const mostUnanswered = 5;

/**
 * Cuts a stream once its person may not have it any more: a right that was taken away, an ended session, a file that went.
 * It asks from time to time instead of listening, so that it holds whatever process took the right away.
 *
 * @param isAllowed one that fails or hangs is asked again: a database that is away for a moment cuts nobody, one that stays away does.
 * @returns the stream. The asking ends with it.
 */
export function whileAllowed<Stream extends Readable>(
  stream: Stream,
  isAllowed: () => Promise<boolean>,
  everyMs = askEveryMs,
): Stream {
  let isAsking = false;
  let unanswered = 0;
  const timer = setInterval(() => {
    unanswered += 1;
    if (unanswered > mostUnanswered)
      stream.destroy(new Error('whether it is still allowed could not be asked'));
    if (isAsking) return;
    isAsking = true;
    isAllowed()
      .then(
        (is) => {
          unanswered = 0;
          if (!is) stream.destroy(new Error('the right to it was taken away'));
        },
        // Counted above.
        () => {},
      )
      .finally(() => {
        isAsking = false;
      });
  }, everyMs);
  timer.unref();
  stream.once('close', () => clearInterval(timer));
  return stream;
}
