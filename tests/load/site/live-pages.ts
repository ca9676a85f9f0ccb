import type { FromPage, FromServer } from '@liaison/core/contract';
import { WebSocket } from 'ws';
import { host } from './lab-description.ts';
import type { Edge, Member } from './site-client.ts';

/** Open pages of people, over the edges: they come back and resume as a browser's client does. */
export interface LivePages {
  /** Whether every page at those edges, or at all, is connected now. */
  areLive(at?: readonly Edge[]): boolean;
  /** Which are away, for how long, and how their last attempts ended. */
  whoIsAway(): string;
  /**
   * Longest time that one of these was without its connection since `since` (of performance.now()), in seconds: from when it
   * heard something last.
   */
  longestAway(since: number, at?: readonly Edge[]): number;
  /** What each page was told of, in its order: the texts of messages. */
  readonly told: readonly (readonly string[])[];
  close(): void;
}

// As the client of the pages has them.
const pingMs = 20_000;
const answerMs = 8_000;
const firstRetryMs = 500;
const longestRetryMs = 20_000;

const mostEnds = 6;

/** All that was written, for a page that is told to load anew. */
type Load = (edge: Edge, member: Member) => Promise<readonly string[]>;

/** One page for each edge and member. */
export function openLivePages(edges: readonly Edge[], members: readonly Member[], load: Load): LivePages {
  const pages = edges.flatMap((edge) => members.map((member) => openPage({ edge, member, load })));
  const those = (at: readonly Edge[]) => pages.filter(({ edge }) => at.includes(edge));
  return {
    areLive: (at = edges) => those(at).every(({ away }) => away() === undefined),
    whoIsAway: () =>
      pages
        .flatMap(({ edge, away, ends }) => {
          const since = away();
          if (since === undefined) return [];
          return [
            `at ${edge.address} for ${((performance.now() - since) / 1000).toFixed(0)} s: ${ends.join(', ')}`,
          ];
        })
        .join('; '),
    longestAway(from, at = edges) {
      const now = performance.now();
      const all = those(at).flatMap(({ absences, away }) => {
        const since = away();
        return since === undefined ? absences : [...absences, { from: since, to: now }];
      });
      const lengths = all.filter(({ to }) => to > from).map((one) => one.to - Math.max(one.from, from));
      return Math.max(0, ...lengths) / 1000;
    },
    told: pages.map(({ texts }) => texts),
    close() {
      for (const page of pages) page.close();
    },
  };
}

interface OpenPage {
  readonly edge: Edge;
  readonly texts: readonly string[];
  readonly absences: readonly { from: number; to: number }[];
  /** How its last connections ended, oldest first. */
  readonly ends: readonly string[];
  /** Since when it is without a connection. */
  away(): number | undefined;
  close(): void;
}

function openPage({ edge, member, load }: { edge: Edge; member: Member; load: Load }): OpenPage {
  const texts: string[] = [];
  const loaded = new Set<string>();
  const absences: { from: number; to: number }[] = [];
  const ends: string[] = [];
  const positions = new Map<string, number>();
  let away: number | undefined = performance.now();
  let lastHeard = performance.now();
  let [failures, closed] = [0, false];
  let socket: WebSocket | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let reload: ReturnType<typeof setTimeout> | undefined;

  const say = (message: FromPage) => socket?.send(JSON.stringify(message));
  function expectAnswer(): void {
    clearTimeout(timer);
    timer = setTimeout(() => socket?.terminate(), answerMs);
  }
  function heard(): void {
    lastHeard = performance.now();
    clearTimeout(timer);
    timer = setTimeout(() => {
      say({ t: 'ping' });
      expectAnswer();
    }, pingMs);
  }
  function lost(how: string): void {
    clearTimeout(timer);
    ends.push(how);
    if (ends.length > mostEnds) ends.shift();
    if (closed) return;
    away ??= lastHeard;
    failures += 1;
    const longest = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(failures - 1, 10));
    const waitMs = failures === 1 ? Math.random() * firstRetryMs : longest * (0.3 + 0.7 * Math.random());
    timer = setTimeout(open, waitMs);
  }
  function receive(message: FromServer): void {
    if (message.t === 'welcome') {
      failures = 0;
      for (const [space, head] of Object.entries(message.positions))
        if (!positions.has(space)) positions.set(space, head);
      if (away !== undefined) absences.push({ from: away, to: performance.now() });
      away = undefined;
    } else if (message.t === 'resync') {
      positions.set(message.space, message.seq);
      void loadAnew();
    } else if (message.t === 'event' && message.seq > (positions.get(message.space) ?? 0)) {
      positions.set(message.space, message.seq);
      const body = message.name === 'chat.message-sent' ? (message.data as { body: string }).body : undefined;
      // What was loaded anew may be told of after.
      if (body !== undefined && !loaded.has(body)) texts.push(body);
    }
  }
  /** It was away for longer than is told again. */
  async function loadAnew(): Promise<void> {
    const all = await load(edge, member).catch(() => undefined);
    if (closed) return;
    if (all === undefined) {
      reload = setTimeout(loadAnew, longestRetryMs / 10);
      return;
    }
    const known = new Set(texts);
    for (const text of all) {
      if (known.has(text)) continue;
      texts.push(text);
      loaded.add(text);
    }
  }
  function open(): void {
    const mine = new WebSocket(`wss://${host}/api/v1/live`, {
      headers: { cookie: member.cookie, origin: `https://${host}` },
      ca: edge.authority,
      // The site's name leads to this edge.
      lookup: (_name, options, found) =>
        options.all ? found(null, [{ address: edge.address, family: 4 }]) : found(null, edge.address, 4),
    });
    socket = mine;
    mine.on('open', () => say({ t: 'hello', v: 1, positions: Object.fromEntries(positions) }));
    mine.on('message', (data) => {
      heard();
      receive(JSON.parse(String(data)) as FromServer);
    });
    const begun = performance.now();
    // A page hears only that it is closed; why is for whoever reads of the run.
    let why = '';
    mine.on('error', ({ message }) => {
      why = ` ${message}`;
    });
    mine.on('close', (code) =>
      lost(`${code}${why} after ${((performance.now() - begun) / 1000).toFixed(1)} s`),
    );
    expectAnswer();
  }
  open();
  return {
    edge,
    texts,
    absences,
    ends,
    away: () => away,
    close() {
      closed = true;
      clearTimeout(timer);
      clearTimeout(reload);
      socket?.terminate();
    },
  };
}
