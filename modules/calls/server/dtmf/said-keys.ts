import { type KeyPress, relayType, writeInfoKey } from './info-keys.ts';

/** Pressed and not said yet; more are not typed by anybody. */
const mostWaiting = 32;

/** Says keys to one telephone by INFO, one after another, as long as it takes them. */
export interface SaidKeys {
  say(press: KeyPress): void;
}

/**
 * @param isAllowed false where its messages said that it takes no INFO (RFC 3261 §20.5); where nothing is known the first
 * refusal tells.
 */
export function createSaidKeys(
  info: (contentType: string, body: string) => Promise<void>,
  isAllowed: boolean,
): SaidKeys {
  let isRefused = !isAllowed;
  let waiting = 0;
  let queue = Promise.resolve();
  return {
    say(press) {
      if (isRefused || waiting >= mostWaiting) return;
      waiting += 1;
      queue = queue
        .then(() => (isRefused ? undefined : info(relayType, writeInfoKey(press))))
        .catch(() => {
          // It knows no INFO, or is gone: there is no third way to tell it a key.
          isRefused = true;
        })
        .finally(() => {
          waiting -= 1;
        });
    },
  };
}
