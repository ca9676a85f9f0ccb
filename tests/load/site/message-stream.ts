import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LivePages } from './live-pages.ts';
import { agentOf, type Edge, type Member, readAll, say } from './site-client.ts';

/** Somebody who writes all the time, as a page does: until a message is acknowledged it is sent again with its key. */
export interface MessageStream {
  readonly conversationId: string;
  /** Of those acknowledged so far, or before a moment (of Date.now()). */
  texts(before?: number): string[];
  /** When one was acknowledged, of Date.now(). */
  momentOf(text: string): number | undefined;
  /** A database that was taken over did not have these: they are counted there, and looked for no more. */
  forget(texts: readonly string[]): void;
  /** Acknowledged so far. */
  acknowledged(): number;
  /** Whether every page was told of what is acknowledged so far. */
  isKnown(pages: LivePages): boolean;
  stop(): Promise<void>;
  /** Longest time between two acknowledgements since `since` (of performance.now()), in seconds. */
  longestGap(since: number): number;
  /**
   * Ends it and looks for what was acknowledged: in the conversation, where each is once, and with every page, which was told
   * of each once.
   */
  check(edge: Edge, pages: LivePages): Promise<Kept>;
}

export interface Kept {
  readonly acknowledged: number;
  /** Of those acknowledged, how many are nowhere. */
  readonly lost: number;
  readonly doubled: number;
  /** Over all pages: messages that one was not told of, or told of again. */
  readonly untold: number;
  readonly toldAgain: number;
}

const pauseMs = 100;

/** @param edges the next one is asked when one does not answer */
export function openMessageStream(options: {
  edges: readonly Edge[];
  conversationId: string;
  member: Member;
}): MessageStream {
  const { edges, conversationId, member } = options;
  const acknowledged: string[] = [];
  /** Of Date.now(), for each of them. */
  const moments = new Map<string, number>();
  const times: number[] = [];
  let stopped = false;
  const running = (async () => {
    const agents = edges.map(agentOf);
    let at = 0;
    for (let number = 1; !stopped; number++) {
      const key = randomUUID();
      const text = `message ${number}`;
      for (;;) {
        const edge = edges[at % edges.length];
        const agent = agents[at % edges.length];
        if (edge === undefined || agent === undefined) return;
        if (await say(edge, { conversationId, member, key, text, agent, withinMs: 5000 })) {
          acknowledged.push(text);
          moments.set(text, Date.now());
          times.push(performance.now());
          break;
        }
        if (stopped) break;
        at += 1;
        await sleep(pauseMs);
      }
      await sleep(pauseMs);
    }
    for (const agent of agents) agent.destroy();
  })();
  const isKnown = (pages: LivePages) =>
    pages.told.every((told) => {
      const texts = new Set(told);
      return acknowledged.every((text) => texts.has(text));
    });
  const stop = async () => {
    stopped = true;
    await running;
  };
  return {
    conversationId,
    texts: (before = Number.POSITIVE_INFINITY) =>
      acknowledged.filter((text) => (moments.get(text) ?? 0) < before),
    momentOf: (text) => moments.get(text),
    forget(texts) {
      for (const text of texts) acknowledged.splice(acknowledged.indexOf(text), 1);
    },
    acknowledged: () => acknowledged.length,
    longestGap(since) {
      const all = [since, ...times.filter((time) => time > since), performance.now()];
      return Math.max(...all.slice(1).map((time, at) => time - (all[at] ?? time))) / 1000;
    },
    isKnown,
    stop,
    async check(edge, pages) {
      await stop();
      const kept = countsOf(await readAll(edge, conversationId, member));
      // Pages are told a moment after.
      for (const deadline = Date.now() + 30_000; Date.now() < deadline && !isKnown(pages); ) await sleep(500);
      let [untold, toldAgain] = [0, 0];
      for (const texts of pages.told.map(countsOf)) {
        untold += acknowledged.filter((text) => !texts.has(text)).length;
        toldAgain += acknowledged.filter((text) => (texts.get(text) ?? 0) > 1).length;
      }
      return {
        acknowledged: acknowledged.length,
        lost: acknowledged.filter((text) => !kept.has(text)).length,
        doubled: acknowledged.filter((text) => (kept.get(text) ?? 0) > 1).length,
        untold,
        toldAgain,
      };
    },
  };
}

function countsOf(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}
