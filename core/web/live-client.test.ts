import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type WebSocket as ServerSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { defineCommand, type FromPage, type FromServer, liveClose } from '../contract/index.ts';
import { freePort } from '../testing/free-port.ts';
import { createLiveClient, type LiveClient, type LiveClientOptions } from './live-client.ts';
import { codeOf } from './request-problem.ts';

/** A server that keeps a log per space and replays it, as the protocol says. */
async function createServer(port = 0) {
  const wss = new WebSocketServer({ port, host: '127.0.0.1' });
  await once(wss, 'listening');
  const logs = new Map<string, number>();
  const hellos: Extract<FromPage, { t: 'hello' }>[] = [];
  let build = 'one';
  let oldestReplayable = 0;
  let mute = false;
  const send = (socket: ServerSocket, message: FromServer): void => socket.send(JSON.stringify(message));
  const event = (space: string, seq: number): FromServer => ({
    t: 'event',
    space,
    seq,
    name: 'test.happened',
    at: '2026-01-01T00:00:00Z',
    data: { seq },
  });
  wss.on('connection', (socket) => {
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as FromPage;
      if (mute) return;
      if (message.t === 'ping') send(socket, { t: 'pong' });
      if (message.t === 'command' && message.name === 'test.echo') {
        send(socket, { t: 'reply', id: message.id, result: message.params });
      }
      if (message.t === 'command' && message.name === 'test.refuse') {
        send(socket, { t: 'reply', id: message.id, error: { code: 'busy', title: 'Busy.', status: 409 } });
      }
      if (message.t !== 'hello') return;
      hellos.push(message);
      send(socket, {
        t: 'welcome',
        v: 1,
        build,
        connectionId: `c${hellos.length}`,
        personId: 'p',
        positions: Object.fromEntries(logs),
      });
      for (const [space, head] of logs) {
        const from = message.positions[space] ?? head;
        if (from < oldestReplayable) send(socket, { t: 'resync', space, seq: head });
        else for (let seq = from + 1; seq <= head; seq++) send(socket, event(space, seq));
      }
    });
  });
  const everywhere = (message: FromServer): void => {
    for (const socket of wss.clients) send(socket, message);
  };
  return {
    port: (wss.address() as AddressInfo).port,
    url: `ws://127.0.0.1:${(wss.address() as AddressInfo).port}`,
    hellos,
    logs,
    everywhere,
    sockets: () => wss.clients.size,
    commit(space: string): void {
      const seq = (logs.get(space) ?? 0) + 1;
      logs.set(space, seq);
      everywhere(event(space, seq));
    },
    happened: event,
    setBuild: (next: string) => {
      build = next;
    },
    forgetBelow: (seq: number) => {
      oldestReplayable = seq;
    },
    /** Takes everything and says nothing: a network that swallows packets. */
    setMute: (on: boolean) => {
      mute = on;
    },
    closeAll: (code: number) => {
      for (const socket of wss.clients) socket.close(code);
    },
    drop: () => {
      for (const socket of wss.clients) socket.terminate();
    },
    async close() {
      for (const socket of wss.clients) socket.terminate();
      await new Promise((resolve) => wss.close(resolve));
    },
  };
}

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

async function server(port?: number) {
  const made = await createServer(port);
  opened.push(made);
  return made;
}

function client(url: string, options: Partial<LiveClientOptions> = {}): LiveClient {
  const made = createLiveClient({ url, firstRetryMs: 10, longestRetryMs: 40, ...options });
  opened.push({ close: () => made.stop() });
  return made;
}

async function until(what: () => boolean, message: string): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!what()) {
    if (Date.now() > deadline) throw new Error(`waited in vain: ${message}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const isLive = (live: LiveClient) => (): boolean => live.connection.status === 'live';
const collect = (live: LiveClient, space: string): number[] => {
  const seen: number[] = [];
  live.on('event', (event) => {
    if (event.space === space) seen.push(event.seq);
  });
  return seen;
};

test('events arrive in order; a resume after each drop gives none twice and leaves none out', async () => {
  const there = await server();
  there.logs.set('a', 3);
  const live = client(there.url);
  const seen = collect(live, 'a');
  const resyncs: unknown[] = [];
  live.on('resync', (told) => resyncs.push(told));
  live.start();
  await until(isLive(live), 'the first welcome');
  const wanted: number[] = [];
  for (let round = 0; round < 20; round++) {
    for (let i = 0; i < 5; i++) {
      there.commit('a');
      wanted.push(wanted.length + 4);
      // In the middle of what is on its way.
      if (i === round % 5) there.drop();
    }
    await until(() => seen.length === wanted.length, `round ${round}: ${seen.length} of ${wanted.length}`);
  }
  expect(seen).toEqual(wanted);
  expect(resyncs).toEqual([]);
  expect(there.hellos[0]?.positions).toEqual({});
  expect(there.hellos.at(-1)?.positions.a).toBeGreaterThan(3);
});

test('what the server sends twice is told once', async () => {
  const there = await server();
  there.logs.set('a', 1);
  const live = client(there.url);
  const seen = collect(live, 'a');
  live.start();
  await until(isLive(live), 'the welcome');
  for (const seq of [2, 2, 1, 3, 2, 3, 4]) there.everywhere(there.happened('a', seq));
  await until(() => seen.length >= 3, 'the events');
  expect(seen).toEqual([2, 3, 4]);
});

test('a gap is told as a resync, and the event after it still comes', async () => {
  const there = await server();
  there.logs.set('a', 1);
  const live = client(there.url);
  const told: unknown[] = [];
  live.on('resync', ({ space }) => told.push(`resync ${space}`));
  live.on('event', ({ seq }) => told.push(seq));
  live.start();
  await until(isLive(live), 'the welcome');
  there.everywhere(there.happened('a', 2));
  there.everywhere(there.happened('a', 5));
  there.everywhere(there.happened('a', 6));
  await until(() => told.length === 4, 'what was told');
  expect(told).toEqual([2, 'resync a', 5, 6]);
});

test('what the server no longer keeps is a resync, and goes on from its head', async () => {
  const there = await server();
  there.logs.set('a', 1);
  const live = client(there.url);
  const seen = collect(live, 'a');
  const resyncs: (string | null)[] = [];
  live.on('resync', ({ space }) => resyncs.push(space));
  live.start();
  await until(isLive(live), 'the welcome');
  there.logs.set('a', 900);
  there.forgetBelow(800);
  there.drop();
  await until(() => resyncs.length === 1, 'the resync');
  there.commit('a');
  await until(() => seen.length === 1, 'the event after it');
  expect(resyncs).toEqual(['a']);
  expect(seen).toEqual([901]);
});

test('a server that went back, joined and left spaces are told after a reconnect', async () => {
  const there = await server();
  there.logs.set('back', 10).set('left', 2);
  const live = client(there.url);
  const told: string[] = [];
  live.on('resync', ({ space }) => told.push(`resync ${space}`));
  live.on('joined', ({ space }) => told.push(`joined ${space}`));
  live.on('left', ({ space }) => told.push(`left ${space}`));
  live.start();
  await until(isLive(live), 'the welcome');
  expect(told).toEqual([]);
  there.logs.set('back', 4).set('new', 7);
  there.logs.delete('left');
  there.drop();
  await until(() => told.length === 3, 'what was told');
  expect(told.sort()).toEqual(['joined new', 'left left', 'resync back']);
  expect(Object.fromEntries(live.positions)).toEqual({ back: 4, new: 7 });
});

test('while the server is away the client says since when, and comes back by itself', async () => {
  // Nobody is given its port while it is away.
  const there = await server(await freePort());
  const live = client(there.url);
  const states: string[] = [];
  live.onConnection(() => states.push(live.connection.status));
  live.start();
  await until(isLive(live), 'the welcome');
  const before = Date.now();
  await there.close();
  await until(() => live.connection.status === 'lost', 'the loss');
  const { connection } = live;
  if (connection.status !== 'lost') throw new Error('not lost');
  expect(connection.since.getTime()).toBeLessThanOrEqual(Date.now());
  expect(connection.since.getTime()).toBeGreaterThan(before - 5000);
  await server(there.port);
  await until(isLive(live), 'the second welcome');
  expect(states).toEqual(['connecting', 'live', 'lost', 'live']);
});

test('a connection that swallows everything is given up after a ping without an answer', async () => {
  const there = await server();
  const live = client(there.url, { pingMs: 30, answerMs: 60 });
  live.start();
  await until(isLive(live), 'the welcome');
  there.setMute(true);
  await until(() => live.connection.status === 'lost', 'the loss');
  there.setMute(false);
  await until(isLive(live), 'the second welcome');
});

test('a nudge does not wait for the next try', async () => {
  const there = await server();
  const live = client(there.url, { firstRetryMs: 60_000, longestRetryMs: 60_000 });
  live.start();
  await until(isLive(live), 'the welcome');
  there.drop();
  await until(() => live.connection.status === 'lost', 'the loss');
  live.nudge();
  await until(isLive(live), 'the second welcome');
});

const echo = defineCommand({
  name: 'test.echo',
  params: z.object({ n: z.number() }),
  result: z.object({ n: z.number() }),
});
const refuse = defineCommand({ name: 'test.refuse', params: z.object({}), result: z.object({}) });
const silence = defineCommand({ name: 'test.silence', params: z.object({}), result: z.object({}) });
const failed = (work: Promise<unknown>): Promise<string> => work.then(() => 'done', codeOf);

test('commands answer, refuse, time out, and say when their outcome is not known', async () => {
  const there = await server();
  const live = client(there.url);
  expect(await failed(live.command(echo, { n: 1 }))).toBe('offline');
  live.start();
  // Sent before the welcome: it waits for it.
  expect(await live.command(echo, { n: 7 })).toEqual({ n: 7 });
  expect(await Promise.all([1, 2, 3].map((n) => live.command(echo, { n })))).toEqual([
    { n: 1 },
    { n: 2 },
    { n: 3 },
  ]);
  expect(await failed(live.command(refuse, {}))).toBe('busy');
  expect(await failed(live.command(silence, {}, { timeoutMs: 20 }))).toBe('timeout');
  const given = new AbortController();
  const abandoned = live.command(silence, {}, { signal: given.signal });
  given.abort(new Error('changed my mind'));
  await expect(abandoned).rejects.toThrow('changed my mind');
  const unknown = failed(live.command(silence, {}));
  there.drop();
  expect(await unknown).toBe('outcome-unknown');
  await there.close();
  await until(() => live.connection.status === 'lost', 'the loss');
  expect(await failed(live.command(echo, { n: 1 }))).toBe('offline');
});

test('a revoked session ends it for good; so does a page that is too old', async () => {
  for (const [code, why] of [
    [liveClose.signedOut, 'signed-out'],
    [liveClose.reload, 'reload'],
  ] as const) {
    const there = await server();
    const live = client(there.url);
    live.start();
    await until(isLive(live), 'the welcome');
    there.closeAll(code);
    await until(() => live.connection.status === 'ended', 'the end');
    expect(live.connection).toEqual({ status: 'ended', why });
    expect(there.hellos.length).toBe(1);
  }
});

test('refused before the welcome, it asks over HTTP whether the session is gone', async () => {
  const there = await server();
  const { url } = there;
  await there.close();
  const live = client(url, { stillSignedIn: async () => false });
  live.start();
  await until(() => live.connection.status === 'ended', 'the end');
  expect(live.connection).toEqual({ status: 'ended', why: 'signed-out' });
});

test('a newer build is told once the server is back with it', async () => {
  const there = await server();
  const live = client(there.url);
  const builds: string[] = [];
  live.on('new-build', ({ build }) => builds.push(build));
  live.start();
  await until(isLive(live), 'the welcome');
  there.drop();
  await until(() => there.hellos.length === 2, 'the second hello');
  await until(isLive(live), 'the second welcome');
  expect(builds).toEqual([]);
  there.setBuild('two');
  there.drop();
  await until(() => builds.length === 1, 'the newer build');
  expect(builds).toEqual(['two']);
});

test('what is not understood is passed over, and one handler that fails does not stop the others', async () => {
  const there = await server();
  there.logs.set('a', 1);
  const live = client(there.url);
  const reported: unknown[] = [];
  const before = console.error;
  console.error = (error: unknown) => void reported.push(error);
  opened.push({
    close: () => {
      console.error = before;
    },
  });
  live.on('event', () => {
    throw new Error('a careless module');
  });
  const seen = collect(live, 'a');
  live.start();
  await until(isLive(live), 'the welcome');
  there.everywhere({ t: 'of-tomorrow' } as unknown as FromServer);
  there.everywhere(null as unknown as FromServer);
  there.commit('a');
  await until(() => seen.length === 1, 'the event');
  expect(String(reported[0])).toContain('a careless module');
});
