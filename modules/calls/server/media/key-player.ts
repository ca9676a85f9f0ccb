import { buildTelephoneEvent, eventOfKey } from '@liaison/rtp';

/** RFC 4733 §2.5.1.2: the state of an event is told again this often. */
const UPDATE_MS = 50;
/** Between two keys: receivers that count tones need a pause (ITU-T Q.24). */
const PAUSE_MS = 60;
/** RFC 4733 §2.5.1.4: the end is said three times. */
const ENDS = 3;
/** -10 dBm0, as telephones do. */
const VOLUME = 10;
/** Pressed and not played yet; more are not typed by anybody. */
const MOST_WAITING = 32;

/** Plays keys as telephone events, one after another, into a stream that may carry sound meanwhile. */
export interface KeyPlayer {
  /** False when it is no key, or too many wait. */
  press(key: string, durationMs: number): boolean;
  close(): void;
}

/** @param send one packet; `isFirst` is the marker, and the first packet of an event fixes its timestamp. */
export function createKeyPlayer(
  send: (payload: (clockRate: number) => Buffer, isFirst: boolean) => void,
): KeyPlayer {
  const waiting: { event: number; durationMs: number }[] = [];
  let timer: NodeJS.Timeout | undefined;

  function next(): void {
    timer = undefined;
    const press = waiting[0];
    if (!press) return;
    const { event, durationMs } = press;
    let elapsedMs = 0;
    const turn = (): void => {
      const isFirst = elapsedMs === 0;
      elapsedMs = Math.min(durationMs, elapsedMs + UPDATE_MS);
      const end = elapsedMs === durationMs && !isFirst;
      const payload = (clockRate: number) =>
        buildTelephoneEvent({ event, end, volume: VOLUME, duration: (elapsedMs * clockRate) / 1000 });
      for (let i = 0; i < (end ? ENDS : 1); i++) send(payload, isFirst);
      timer = setTimeout(end ? done : turn, end ? PAUSE_MS : UPDATE_MS).unref();
    };
    const done = (): void => {
      waiting.shift();
      next();
    };
    turn();
  }

  return {
    press(key, durationMs) {
      const event = eventOfKey(key);
      if (event === undefined || waiting.length >= MOST_WAITING) return false;
      waiting.push({ event, durationMs });
      if (timer === undefined) next();
      return true;
    },
    close() {
      clearTimeout(timer);
      waiting.length = 0;
    },
  };
}
