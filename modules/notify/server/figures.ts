import type { Db } from '@liaison/core/db';
import type { Metrics } from '@liaison/core/metrics';
import { countWaiting } from './across-organisations.ts';

/** Of browsers: each has one push service. */
const makers = {
  google: /(^|\.)(fcm|android)\.googleapis\.com$/,
  mozilla: /(^|\.)push\.services\.mozilla\.com$/,
  apple: /(^|\.)push\.apple\.com$/,
  microsoft: /(^|\.)notify\.windows\.com$/,
} as const;
export type Maker = keyof typeof makers | 'other';

/** Few names, and none that a stranger chose: a subscription may name any host. */
export function makerOf(endpoint: string): Maker {
  const host = URL.canParse(endpoint) ? new URL(endpoint).hostname : '';
  return (Object.keys(makers) as (keyof typeof makers)[]).find((name) => makers[name].test(host)) ?? 'other';
}

/** `later` and `refused` are failures; `gone` is a browser that ended its subscription. */
export const outcomes = ['sent', 'gone', 'later', 'refused'] as const;
export type Outcome = (typeof outcomes)[number];

/** What this process has told people since its start, for Prometheus. */
export interface Figures {
  wrote(news: number): void;
  gathered(digests: number): void;
  pushed(endpoint: string, outcome: Outcome): void;
}

export function createFigures(metrics: Pick<Metrics, 'gauge'>, db: Db): Figures {
  let written = 0;
  let digests = 0;
  // All of them from the start: a figure that first appears with its first failure shows no rise.
  const pushes = new Map<string, number>(
    [...Object.keys(makers), 'other'].flatMap((maker) =>
      outcomes.map((outcome): [string, number] => [`${maker} ${outcome}`, 0]),
    ),
  );
  metrics.gauge({
    name: 'liaison_notify_news_total',
    help: 'News written since the start, one for each person who is told',
    read: () => written,
  });
  metrics.gauge({
    name: 'liaison_notify_digests_total',
    help: 'Digests made since the start',
    read: () => digests,
  });
  metrics.gauge({
    name: 'liaison_notify_pushes_total',
    help: 'Messages handed to push services since the start; later: asked to wait or not reached, refused: never taken',
    labels: ['maker', 'outcome'],
    read: () =>
      [...pushes].map(([key, value]) => {
        const [maker = '', outcome = ''] = key.split(' ');
        return { labels: { maker, outcome }, value };
      }),
  });
  metrics.gauge({
    name: 'liaison_notify_news_waiting',
    help: 'News that wait for the next digest of their person, of all processes',
    read: () => countWaiting(db),
  });
  return {
    wrote(news) {
      written += news;
    },
    gathered(many) {
      digests += many;
    },
    pushed(endpoint, outcome) {
      const key = `${makerOf(endpoint)} ${outcome}`;
      pushes.set(key, (pushes.get(key) ?? 0) + 1);
    },
  };
}
