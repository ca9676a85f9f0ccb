import { type Bus, BusRefused, BusTimeout } from './bus.ts';

type Log = { error(fields: Record<string, unknown>, message: string): void };

/** The bus of a single process: synchronous hand-over on the next microtask, nothing lost. */
export function createInProcessBus(log: Log): Bus {
  const subscribers = new Map<string, Set<(data: unknown) => void>>();
  const responders = new Map<string, (data: unknown) => Promise<unknown>>();
  return {
    shared: false,
    publish(subject, data) {
      // A copy, as another process would get it: nobody may come to rely on shared objects.
      const text = JSON.stringify(data);
      queueMicrotask(() => {
        for (const handler of subscribers.get(subject) ?? []) {
          try {
            handler(JSON.parse(text));
          } catch (error) {
            log.error({ subject, err: error }, 'a bus handler failed');
          }
        }
      });
    },
    subscribe(subject, handler) {
      const set = subscribers.get(subject) ?? new Set();
      subscribers.set(subject, set);
      set.add(handler);
      return () => void set.delete(handler);
    },
    respond(subject, handler) {
      responders.set(subject, handler);
      return () => void responders.delete(subject);
    },
    async request(subject, data, { timeoutMs }) {
      const handler = responders.get(subject);
      if (!handler) throw new BusTimeout(`nobody answers on ${subject}`);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new BusTimeout(`no answer on ${subject} in ${timeoutMs} ms`)), timeoutMs);
      });
      try {
        const answer = await Promise.race([handler(JSON.parse(JSON.stringify(data))), late]);
        return answer === undefined ? undefined : JSON.parse(JSON.stringify(answer));
      } catch (error) {
        if (error instanceof BusTimeout) throw error;
        throw new BusRefused((error as { code?: string }).code ?? 'failed', (error as Error).message);
      } finally {
        clearTimeout(timer);
      }
    },
    close: async () => {
      subscribers.clear();
      responders.clear();
    },
  };
}
