import { once } from 'node:events';
import type { CallView } from '@liaison/calls';
import type { CommandDefinition, FromServer } from '@liaison/core/contract';
import { signIn } from '@liaison/people';
import { goodPassword } from '@liaison/people/testing';
import { WebSocket } from 'ws';
import type { z } from 'zod';

/** One page of a member: its live socket, spoken to by hand. */
export interface Page {
  readonly connectionId: string;
  readonly got: readonly FromServer[];
  command<P extends z.ZodType, R extends z.ZodType>(
    definition: CommandDefinition<P, R>,
    params: z.input<P>,
  ): Promise<z.output<R>>;
  /** The newest view of a call that this page was told. */
  call(callId?: string): CallView | undefined;
  signals(name: string): unknown[];
  until<T>(find: () => T | undefined | null | false, what: string, deadlineMs?: number): Promise<T>;
  /** The close code of its socket, once it is closed. */
  readonly closed: number | null;
  close(): void;
}

/** Signs in at a server and answers the `cookie` header of that browser. */
export async function cookieOf(url: string, address: string, password = goodPassword): Promise<string> {
  const answer = await fetch(`${url}/api/v1${signIn.path}`, {
    method: signIn.method,
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ address, password }),
  });
  if (answer.status !== 200)
    throw new Error(`sign-in of ${address}: ${answer.status} ${await answer.text()}`);
  return answer.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0])
    .join('; ');
}

/** Opens the live socket of a signed-in browser; whoever asks closes it. */
export async function openPage(url: string, cookie: string): Promise<Page> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/v1/live`, {
    headers: { cookie, origin: url },
  });
  const got: FromServer[] = [];
  let closed: number | null = null;
  socket.on('close', (code) => {
    closed = code;
  });
  socket.on('message', (data) => got.push(JSON.parse(String(data))));
  await once(socket, 'open');
  let lastId = 0;
  const until = async <T>(
    find: () => T | undefined | null | false,
    what: string,
    deadlineMs = 10_000,
  ): Promise<T> => {
    const end = Date.now() + deadlineMs;
    for (;;) {
      const found = find();
      if (found !== undefined && found !== null && found !== false) return found;
      if (Date.now() > end) throw new Error(`never came: ${what}; last: ${JSON.stringify(got.slice(-5))}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  socket.send(JSON.stringify({ t: 'hello', v: 1, positions: {} }));
  const welcome = await until(() => got.find((each) => each.t === 'welcome'), 'welcome');
  return {
    connectionId: welcome.t === 'welcome' ? welcome.connectionId : '',
    got,
    until,
    async command(definition, params) {
      lastId += 1;
      const id = lastId;
      socket.send(JSON.stringify({ t: 'command', id, name: definition.name, params }));
      const reply = await until(
        () => got.find((each) => each.t === 'reply' && each.id === id),
        `the reply to ${definition.name}`,
      );
      if (reply.t !== 'reply' || reply.error) {
        throw Object.assign(
          new Error(`${definition.name}: ${reply.t === 'reply' ? reply.error?.code : ''}`),
          {
            code: reply.t === 'reply' ? reply.error?.code : undefined,
          },
        );
      }
      return definition.result.parse(reply.result) as never;
    },
    call: (callId) =>
      got
        .flatMap((each) =>
          each.t === 'signal' && each.name === 'calls.changed' ? [each.data as CallView] : [],
        )
        .filter((view) => callId === undefined || view.id === callId)
        .at(-1),
    signals: (name) => got.flatMap((each) => (each.t === 'signal' && each.name === name ? [each.data] : [])),
    get closed() {
      return closed;
    },
    close: () => socket.terminate(),
  };
}
