import { setTimeout as sleep } from 'node:timers/promises';
import { agentOf, ask, type Edge, type Member } from './site-client.ts';

/** Signed-in browsers that ask for something all the time, and do not try again. */
export interface Visitors {
  /** Of requests so far. */
  counts(): { asked: number; failed: number };
  /** What was answered instead, and how often. */
  refusals(): string;
  /** Longest time between two good answers since `since` (of performance.now()), in seconds. */
  longestGap(since: number): number;
  stop(): Promise<void>;
}

/**
 * @param edges asked over connections that stay open, as many at each as `perEdge`
 * @param pauseMs between an answer and the next question on a connection
 */
export function openVisitors(options: {
  edges: readonly Edge[];
  member: Member;
  pauseMs: number;
  perEdge?: number;
}): Visitors {
  const { edges, member, pauseMs, perEdge = 1 } = options;
  const good: number[] = [performance.now()];
  const refused = new Map<string, number>();
  let [asked, failed, stopped] = [0, 0, false];
  const visit = async (edge: Edge): Promise<void> => {
    const agent = agentOf(edge);
    while (!stopped) {
      const { status, text } = await ask(edge, {
        path: '/api/v1/chat/conversations',
        cookie: member.cookie,
        agent,
      });
      asked += 1;
      if (status === 200) good.push(performance.now());
      else {
        failed += 1;
        const what = `${status === 0 ? text : status} at ${edge.address}`;
        refused.set(what, (refused.get(what) ?? 0) + 1);
      }
      await sleep(pauseMs);
    }
    agent.destroy();
  };
  const running = edges.flatMap((edge) => Array.from({ length: perEdge }, () => visit(edge)));
  return {
    counts: () => ({ asked, failed }),
    refusals: () => [...refused].map(([what, times]) => `${what}: ${times}`).join(', '),
    longestGap(since) {
      const times = [since, ...good.filter((time) => time > since), performance.now()];
      return Math.max(...times.slice(1).map((time, at) => time - (times[at] ?? time))) / 1000;
    },
    async stop() {
      stopped = true;
      await Promise.all(running);
    },
  };
}
