import type { z } from 'zod';
import type { CommandDefinition } from '../contract/command.ts';
import { type FromPage, type FromServer, liveClose, liveVersion } from '../contract/live-protocol.ts';
import { RequestProblem } from './request-problem.ts';

/**
 * The connection as the page may show it. Moves: connecting → live → lost → live …; any → ended.
 * `since` of `lost` is when the server was last heard of. `ended` comes back only by a new `start`.
 */
export type Connection =
  | { readonly status: 'connecting' }
  | { readonly status: 'live'; readonly connectionId: string; readonly personId: string }
  | { readonly status: 'lost'; readonly since: Date }
  | { readonly status: 'ended'; readonly why: 'signed-out' | 'reload' | 'stopped' };

/** One committed event, once and in the order of its space. */
export interface LiveEvent<Data = unknown> {
  readonly name: string;
  readonly space: string;
  readonly seq: number;
  readonly at: string;
  readonly data: Data;
}

/** What the client tells. `space` in `resync` is null when everything may be stale. */
export interface LiveTells {
  event: LiveEvent;
  signal: { readonly name: string; readonly data: unknown };
  resync: { readonly space: string | null };
  joined: { readonly space: string };
  left: { readonly space: string };
  /** Each time the server has welcomed us: what is never replayed (signals) should be asked for anew. */
  welcome: { readonly again: boolean; readonly connectionId: string };
  /** The server runs another build than the one this page came from. */
  'new-build': { readonly build: string };
}

export interface CommandOptions {
  /** How long an answer may take, in milliseconds; 10 s unless told. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface LiveClient {
  readonly connection: Connection;
  /** The highest `seq` held of each space. */
  readonly positions: ReadonlyMap<string, number>;
  /** Told after each change of `connection`. Returns how to stop listening, as `on` does. */
  onConnection(listener: () => void): () => void;
  on<Kind extends keyof LiveTells>(kind: Kind, handler: (tell: LiveTells[Kind]) => void): () => void;
  /**
   * Asks the server over the socket.
   *
   * @throws RequestProblem with the server's code; `offline` when there is no connection; `timeout` when no answer came
   *   in time; `outcome-unknown` when the connection was lost before the answer.
   */
  command<P extends z.ZodType, R extends z.ZodType>(
    definition: CommandDefinition<P, R>,
    params: z.input<P>,
    options?: CommandOptions,
  ): Promise<z.output<R>>;
  start(): void;
  /** Closes the socket for good, or until `start`. Forgets positions. */
  stop(): void;
  /** Tries at once, or looks whether the connection still lives: the network came back, the page is shown again. */
  nudge(): void;
}

export interface LiveClientOptions {
  /** `wss://…/api/v1/live`. */
  readonly url: string;
  /** After a connection that was never welcomed: asks over HTTP whether anybody is still signed in. */
  readonly stillSignedIn?: () => Promise<boolean>;
  /** For tests: shorter times, in milliseconds. */
  readonly pingMs?: number;
  readonly answerMs?: number;
  readonly firstRetryMs?: number;
  readonly longestRetryMs?: number;
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** As many positions as fit in a message that the server accepts (256 KiB); the others are compared at the welcome. */
const maxPositions = 4_000;

/** One live socket for the page: resumes where it was, and never gives an event twice or leaves one out unsaid. */
export function createLiveClient(options: LiveClientOptions): LiveClient {
  const { pingMs = 20_000, answerMs = 8_000, firstRetryMs = 500, longestRetryMs = 20_000 } = options;
  const positions = new Map<string, number>();
  const handlers = new Map<keyof LiveTells, Set<(tell: never) => void>>();
  const listeners = new Set<() => void>();
  const waiting = new Map<number, Waiting>();
  let connection: Connection = { status: 'ended', why: 'stopped' };
  let socket: WebSocket | undefined;
  let build: string | undefined;
  let welcomed = false;
  let everWelcomed = false;
  let failures = 0;
  let nextCommand = 1;
  let lastHeardAt = Date.now();
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let pingTimer: ReturnType<typeof setTimeout> | undefined;
  let answerTimer: ReturnType<typeof setTimeout> | undefined;

  function become(next: Connection): void {
    connection = next;
    for (const listener of [...listeners]) listener();
  }

  function tell<Kind extends keyof LiveTells>(kind: Kind, value: LiveTells[Kind]): void {
    for (const handler of [...(handlers.get(kind) ?? [])]) {
      try {
        (handler as (tell: LiveTells[Kind]) => void)(value);
      } catch (error) {
        // One module's mistake must not keep the event from the others.
        reportError(error);
      }
    }
  }

  const say = (message: FromPage): void => {
    if (socket?.readyState === 1) socket.send(JSON.stringify(message));
  };

  function open(): void {
    clearTimeout(retryTimer);
    retryTimer = undefined;
    welcomed = false;
    const mine = new WebSocket(options.url);
    socket = mine;
    mine.onopen = () => {
      const known = [...positions].slice(-maxPositions);
      say({
        t: 'hello',
        v: liveVersion,
        ...(build === undefined ? {} : { build }),
        positions: Object.fromEntries(known),
        focused: typeof document !== 'undefined' && document.hasFocus(),
      });
    };
    mine.onmessage = (message) => {
      if (socket !== mine) return;
      heard();
      const parsed = parse(message.data);
      if (parsed) receive(parsed);
    };
    mine.onclose = (event) => {
      if (socket === mine) closed(event.code);
    };
    // Until the welcome, silence is judged as after a ping.
    expectAnswer();
  }

  function heard(): void {
    lastHeardAt = Date.now();
    clearTimeout(answerTimer);
    clearTimeout(pingTimer);
    pingTimer = setTimeout(ping, pingMs);
  }

  function ping(): void {
    if (!welcomed) return;
    say({ t: 'ping' });
    expectAnswer();
  }

  function expectAnswer(): void {
    clearTimeout(answerTimer);
    const asked = socket;
    answerTimer = setTimeout(() => {
      if (socket !== asked || !asked) return;
      // The close handshake needs a living peer too, so the loss is acted on without it.
      asked.onclose = null;
      asked.onmessage = null;
      asked.close();
      closed(1006);
    }, answerMs);
  }

  function closed(code: number): void {
    clearTimeout(answerTimer);
    clearTimeout(pingTimer);
    socket = undefined;
    const neverWelcomed = !welcomed;
    welcomed = false;
    for (const [, each] of waiting) {
      each.reject(new RequestProblem(0, 'outcome-unknown', 'The connection was lost before the answer.'));
    }
    waiting.clear();
    if (connection.status === 'ended') return;
    if (code === liveClose.signedOut || code === liveClose.reload) {
      end(code === liveClose.reload ? 'reload' : 'signed-out');
      return;
    }
    if (connection.status !== 'lost') become({ status: 'lost', since: new Date(lastHeardAt) });
    failures += 1;
    if (neverWelcomed && options.stillSignedIn) void askSession();
    scheduleRetry(code === liveClose.tooMany ? longestRetryMs : 0);
  }

  /** A refused upgrade looks like a lost connection to a page; HTTP tells the two apart. */
  async function askSession(): Promise<void> {
    const answer = await options.stillSignedIn?.().catch(() => true);
    if (answer === false && connection.status !== 'ended' && !welcomed) end('signed-out');
  }

  function scheduleRetry(atLeastMs: number): void {
    const longest = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(failures - 1, 10));
    // Full jitter: after a restart thousands of pages must not come back in the same second.
    const waitMs = Math.max(
      atLeastMs,
      failures === 1 ? Math.random() * firstRetryMs : longest * (0.3 + 0.7 * Math.random()),
    );
    clearTimeout(retryTimer);
    retryTimer = setTimeout(open, waitMs);
  }

  function end(why: Extract<Connection, { status: 'ended' }>['why']): void {
    clearTimeout(retryTimer);
    clearTimeout(answerTimer);
    clearTimeout(pingTimer);
    const mine = socket;
    socket = undefined;
    mine?.close();
    for (const [, each] of waiting) {
      each.reject(
        new RequestProblem(0, why === 'signed-out' ? 'signed-out' : 'offline', 'The connection has ended.'),
      );
    }
    waiting.clear();
    positions.clear();
    everWelcomed = false;
    become({ status: 'ended', why });
  }

  function receive(message: FromServer): void {
    switch (message.t) {
      case 'welcome':
        welcome(message);
        break;
      case 'event':
        take(message);
        break;
      case 'resync':
        moveTo(message.space, message.seq);
        tell('resync', { space: message.space });
        break;
      case 'joined':
        moveTo(message.space, message.seq);
        tell('joined', { space: message.space });
        break;
      case 'left':
        positions.delete(message.space);
        tell('left', { space: message.space });
        break;
      case 'signal':
        tell('signal', { name: message.name, data: message.data });
        break;
      case 'reply':
        answered(message);
        break;
      case 'pong':
        break;
    }
  }

  function welcome(message: Extract<FromServer, { t: 'welcome' }>): void {
    const again = everWelcomed;
    welcomed = true;
    everWelcomed = true;
    failures = 0;
    const sent = new Set([...positions.keys()].slice(-maxPositions));
    const stale: string[] = [];
    const joined: string[] = [];
    for (const space of [...positions.keys()]) {
      if (space in message.positions) continue;
      positions.delete(space);
      tell('left', { space });
    }
    for (const [space, head] of Object.entries(message.positions)) {
      const held = positions.get(space);
      if (held === undefined) {
        positions.set(space, head);
        if (again) joined.push(space);
      } else if (held > head || (held < head && !sent.has(space))) {
        // Either the server went back (restored from a backup), or this position did not fit into the hello.
        positions.set(space, head);
        stale.push(space);
      }
    }
    become({ status: 'live', connectionId: message.connectionId, personId: message.personId });
    const newer = build !== undefined && build !== message.build;
    build ??= message.build;
    tell('welcome', { again, connectionId: message.connectionId });
    for (const space of joined) tell('joined', { space });
    for (const space of stale) tell('resync', { space });
    if (newer) tell('new-build', { build: message.build });
  }

  function take(message: Extract<FromServer, { t: 'event' }>): void {
    const held = positions.get(message.space) ?? message.seq - 1;
    if (message.seq <= held) return;
    moveTo(message.space, message.seq);
    if (message.seq > held + 1) tell('resync', { space: message.space });
    const { space, seq, name, at, data } = message;
    tell('event', { space, seq, name, at, data });
  }

  /** Last moved stands last, so that the most lively spaces are in the next hello. */
  function moveTo(space: string, seq: number): void {
    positions.delete(space);
    positions.set(space, seq);
  }

  function answered(message: Extract<FromServer, { t: 'reply' }>): void {
    const each = waiting.get(message.id);
    if (!each) return;
    waiting.delete(message.id);
    const { error } = message;
    if (error) each.reject(new RequestProblem(error.status, error.code, error.title));
    else each.resolve(message.result);
  }

  return {
    get connection() {
      return connection;
    },
    positions,
    onConnection(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    on(kind, handler) {
      const set = handlers.get(kind) ?? new Set();
      handlers.set(kind, set);
      set.add(handler as (tell: never) => void);
      return () => void set.delete(handler as (tell: never) => void);
    },
    async command(definition, params, { timeoutMs = 10_000, signal } = {}) {
      signal?.throwIfAborted();
      if (connection.status === 'connecting') await firstWelcome(timeoutMs);
      if (connection.status !== 'live') {
        throw new RequestProblem(0, 'offline', 'There is no connection to the server.');
      }
      const id = nextCommand++;
      return new Promise<z.output<typeof definition.result>>((resolve, reject) => {
        const settle = (): void => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', giveUp);
          waiting.delete(id);
        };
        const giveUp = (): void => {
          settle();
          reject(signal?.reason);
        };
        const timer = setTimeout(() => {
          settle();
          reject(new RequestProblem(0, 'timeout', 'The server did not answer in time.'));
        }, timeoutMs);
        signal?.addEventListener('abort', giveUp, { once: true });
        waiting.set(id, {
          resolve: (result) => {
            settle();
            resolve(result as z.output<typeof definition.result>);
          },
          reject: (error) => {
            settle();
            reject(error);
          },
        });
        say({ t: 'command', id, name: definition.name, params });
      });
    },
    start() {
      if (connection.status !== 'ended') return;
      failures = 0;
      lastHeardAt = Date.now();
      become({ status: 'connecting' });
      open();
    },
    stop: () => end('stopped'),
    nudge() {
      if (connection.status === 'live') ping();
      else if (retryTimer !== undefined) {
        failures = 0;
        open();
      }
    },
  };

  function firstWelcome(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        if (connection.status === 'connecting') return;
        clearTimeout(timer);
        listeners.delete(done);
        resolve();
      };
      const timer = setTimeout(() => {
        listeners.delete(done);
        resolve();
      }, timeoutMs);
      listeners.add(done);
    });
  }
}

/** One message of the server, or null when it is of a kind that this page does not know yet. */
function parse(data: unknown): FromServer | null {
  if (typeof data !== 'string') return null;
  try {
    const value = JSON.parse(data) as FromServer | null;
    return typeof value === 'object' && value !== null && typeof value.t === 'string' ? value : null;
  } catch {
    return null;
  }
}

function reportError(error: unknown): void {
  if (typeof globalThis.reportError === 'function') globalThis.reportError(error);
  else console.error(error);
}
