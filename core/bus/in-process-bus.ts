import { type Bus, type BusLog, BusRefused, BusTimeout } from './bus.ts';
import { checkSubject, encodePayload } from './payload.ts';

/** The bus of a single process: hand-over on the next microtask, nothing lost. */
export function createInProcessBus(log: Pick<BusLog, 'error'>): Bus {
  const subscribers = new Map<string, Set<(data: unknown) => void>>();
  const responders = new Map<string, (data: unknown) => Promise<unknown>>();
  return {
    shared: false,
    publish(subject, data) {
      checkSubject(subject);
      // A copy, as another process would get it: nobody may come to rely on shared objects.
      let text: string;
      try {
        text = encodePayload(data);
      } catch (error) {
        log.error({ subject, err: error }, 'a bus message was dropped');
        return;
      }
      queueMicrotask(() => {
        for (const handler of [...(subscribers.get(subject) ?? [])]) {
          try {
            handler(JSON.parse(text));
          } catch (error) {
            log.error({ subject, err: error }, 'a bus handler failed');
          }
        }
      });
    },
    subscribe(subject, handler) {
      checkSubject(subject);
      const set = subscribers.get(subject) ?? new Set();
      subscribers.set(subject, set);
      set.add(handler);
      return () => {
        set.delete(handler);
        // Subjects name processes and things: empty sets would pile up.
        if (set.size === 0 && subscribers.get(subject) === set) subscribers.delete(subject);
      };
    },
    respond(subject, handler) {
      checkSubject(subject);
      responders.set(subject, handler);
      return () => {
        if (responders.get(subject) === handler) responders.delete(subject);
      };
    },
    async request(subject, data, { timeoutMs }) {
      checkSubject(subject);
      const text = encodePayload(data);
      const handler = responders.get(subject);
      if (!handler) throw new BusTimeout(`nobody answers on ${subject}`);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(
          () => reject(new BusTimeout(`no answer on ${subject} in ${timeoutMs} ms`)),
          timeoutMs,
        );
      });
      const answered = async () => {
        try {
          return JSON.parse(encodePayload(await handler(JSON.parse(text))));
        } catch (error) {
          throw new BusRefused((error as { code?: string }).code ?? 'failed', (error as Error).message);
        }
      };
      try {
        return await Promise.race([answered(), late]);
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
