import type { Browser } from './bench.ts';

/** What a page was told over its live socket. */
export interface Heard {
  readonly t: string;
  readonly name?: string;
  readonly data?: unknown;
}

/** Opens a page's live socket, and keeps what it is told from its welcome on. The caller closes it. */
export async function hear(
  url: string,
  browser: Browser,
): Promise<{
  heard: readonly Heard[];
  until(found: (heard: Heard) => boolean): Promise<void>;
  close(): void;
}> {
  // Node's own WebSocket takes headers, which a browser's does not and its types do not name.
  const options = { headers: browser.headers } as unknown as string[];
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/v1/live`, options);
  const heard: Heard[] = [];
  socket.addEventListener('message', ({ data }) => heard.push(JSON.parse(String(data)) as Heard));
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve());
    socket.addEventListener('error', () => reject(new Error('the live socket was refused')));
  });
  socket.send(JSON.stringify({ t: 'hello', v: 1, positions: {} }));
  const until = async (found: (heard: Heard) => boolean): Promise<void> => {
    const end = Date.now() + 10_000;
    while (!heard.some(found)) {
      if (Date.now() > end) throw new Error(`this was never told; only ${JSON.stringify(heard)}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  await until(({ t }) => t === 'welcome');
  return { heard, until, close: () => socket.close() };
}
