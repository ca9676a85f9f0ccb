import { once } from 'node:events';
import { WebSocket } from 'ws';

/** As much of WebDriver BiDi as the tests need: commands with answers, and events by name. `close` ends the socket. */
export interface Bidi {
  send(method: string, params: Record<string, unknown>): Promise<Record<string, unknown>>;
  on(method: string, heard: (params: Record<string, unknown>) => void): void;
  close(): void;
}

const answerWithinMs = 60_000;

/** Connects to the address that the browser prints when it listens. */
export async function connectBidi(address: string): Promise<Bidi> {
  const socket = new WebSocket(`${address}/session`);
  await once(socket, 'open');
  const waiting = new Map<
    number,
    { resolve: (result: Record<string, unknown>) => void; reject: (e: Error) => void }
  >();
  const listeners = new Map<string, ((params: Record<string, unknown>) => void)[]>();
  let lastId = 0;
  socket.on('error', () => {});
  socket.on('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('the browser closed its session'));
    waiting.clear();
  });
  socket.on('message', (data) => {
    const message = JSON.parse(String(data));
    if (message.type === 'event') {
      for (const heard of listeners.get(message.method) ?? []) heard(message.params);
      return;
    }
    const asked = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.type === 'success') asked?.resolve(message.result);
    else asked?.reject(new Error(`${message.error}: ${message.message}`));
  });
  return {
    send(method, params) {
      lastId += 1;
      const id = lastId;
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(id);
          reject(new Error(`${method} was not answered in time`));
        }, answerWithinMs);
        const settled =
          <T>(then: (value: T) => void) =>
          (value: T) => {
            clearTimeout(timer);
            then(value);
          };
        waiting.set(id, { resolve: settled(resolve), reject: settled(reject) });
        socket.send(JSON.stringify({ id, method, params }));
      });
    },
    on(method, heard) {
      listeners.set(method, [...(listeners.get(method) ?? []), heard]);
    },
    close: () => socket.terminate(),
  };
}
