import type { SipResponse } from '../message/message.ts';
import type { NotifyBody } from './types.ts';

/** What one NOTIFY says; `state` is the value of Subscription-State. */
export interface Notice {
  readonly state: string;
  readonly body?: NotifyBody | undefined;
}

/** Sends the NOTIFYs of one subscription, one after another (RFC 6665 §4.2.2). */
export interface Notifier {
  /** Sends what `build` gives, now or once the one before is answered; of several that wait only the last is sent. */
  notify(build: () => Notice): void;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
}

export function createNotifier(
  event: string,
  send: (
    method: string,
    headers: readonly (readonly [string, string])[],
    body: string | Buffer,
  ) => Promise<SipResponse>,
  /** The subscriber is gone, or no longer knows of the subscription. */
  died: () => void,
): Notifier {
  let pending: (() => Notice) | undefined;
  let isBusy = false;
  let isOver = false;
  const waiting: (() => void)[] = [];

  async function run(): Promise<void> {
    if (isBusy) return;
    isBusy = true;
    while (pending && !isOver) {
      const { state, body } = pending();
      pending = undefined;
      if (state.startsWith('terminated')) isOver = true;
      const headers: (readonly [string, string])[] = [
        ['event', event],
        ['subscription-state', state],
      ];
      if (body) headers.push(['content-type', body.contentType]);
      let status = 503;
      try {
        status = (await send('NOTIFY', headers, body?.content ?? '')).status;
      } catch {
        // No way there: as good as no answer.
      }
      // RFC 6665 §4.2.2: any failure that is not for a time ends the subscription.
      if (status >= 300 && !isOver) {
        isOver = true;
        died();
      }
    }
    isBusy = false;
    for (const resume of waiting.splice(0)) resume();
  }

  return {
    notify(build) {
      if (isOver) return;
      pending = build;
      void run();
    },
    settled: () => (isBusy ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve()),
  };
}
