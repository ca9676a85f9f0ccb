import type { Readable } from 'node:stream';

/** How often a download or an upload on its way is asked for its right again. */
export const askEveryMs = 2000;

/**
 * Cuts a stream once its person may not have it any more: a right that was taken away, an ended session, a file that went.
 * It asks from time to time instead of listening, so that it holds whatever process took the right away.
 *
 * @param isAllowed failing counts as a no only when it says so: a database that does not answer cuts nobody.
 * @returns the stream. The asking ends with it.
 */
export function whileAllowed<Stream extends Readable>(
  stream: Stream,
  isAllowed: () => Promise<boolean>,
  everyMs = askEveryMs,
): Stream {
  let isAsking = false;
  const timer = setInterval(() => {
    if (isAsking) return;
    isAsking = true;
    isAllowed()
      .then((is) => {
        if (!is) stream.destroy(new Error('the right to it was taken away'));
      })
      .catch(() => {})
      .finally(() => {
        isAsking = false;
      });
  }, everyMs);
  timer.unref();
  stream.once('close', () => clearInterval(timer));
  return stream;
}
