import { setTimeout as sleep } from 'node:timers/promises';
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { type Bus, type BusLog, BusRefused, BusTimeout } from './bus.ts';
import { createInProcessBus } from './in-process-bus.ts';
import { checkSubject, encodePayload, maxPayloadBytes } from './payload.ts';

export interface NatsBusOptions {
  /** `nats://[user[:password]@]host:port`, several joined by commas; `tls:` for an encrypted connection. */
  url: string;
  log: BusLog;
  /** First word of every subject, so that installations can share a server. */
  prefix?: string;
  /** How long a lost server may stay unnoticed: a ping this often, two unanswered ones end the connection. */
  pingIntervalMs?: number;
  /** Pause between attempts to connect. */
  reconnectMs?: number;
}

export interface NatsBus extends Bus {
  /** Settles with the first connection; messages before it reach this process alone. */
  readonly connected: Promise<void>;
  readonly isConnected: boolean;
}

/** Room for `{"result":…}` around what is bounded. */
const envelopeBytes = 64;

type Answer = { result: unknown } | { refused: { code: string; message: string } };

/**
 * The bus of several processes, over core NATS (nothing is stored there).
 *
 * What this process says to itself never goes over the wire; NATS carries the rest and does not echo. It connects in
 * the background and reconnects for ever. While there is no connection, messages to others are dropped and requests to
 * others fail with `BusTimeout` at once: nothing is queued, so nothing grows and nothing old arrives late.
 *
 * States: *connecting* → *connected* ⇄ *disconnected*; any → *closed*.
 */
export function createNatsBus(options: NatsBusOptions): NatsBus {
  const { log, prefix = 'liaison', pingIntervalMs = 5000, reconnectMs = 1000 } = options;
  const local = createInProcessBus(log);
  const localResponders = new Map<string, number>();
  /** What to ask the server for: once now where there is a connection, and again with the first one. */
  const wanted = new Set<{ subject: string; onMessage: (message: Msg) => void; at?: Subscription }>();
  let nats: NatsConnection | undefined;
  let isConnected = false;
  let closed = false;

  const attach = (want: { subject: string; onMessage: (message: Msg) => void; at?: Subscription }) => {
    if (!nats || nats.isClosed()) return;
    want.at = nats.subscribe(`${prefix}.${want.subject}`, {
      callback: (error, message) => {
        if (error) log.warn({ subject: want.subject, err: error }, 'a bus subscription failed');
        else want.onMessage(message);
      },
    });
  };
  const want = (subject: string, onMessage: (message: Msg) => void) => {
    const entry: { subject: string; onMessage: (message: Msg) => void; at?: Subscription } = {
      subject,
      onMessage,
    };
    wanted.add(entry);
    attach(entry);
    return () => {
      wanted.delete(entry);
      if (nats && !nats.isClosed()) entry.at?.unsubscribe();
    };
  };

  const giveUp = new AbortController();
  /** The library waits for a first connection without a way to stop it; so the first one is tried for here. */
  const firstConnection = async (): Promise<NatsConnection | undefined> => {
    const library = await import('@nats-io/transport-node');
    const { websocket, ...address } = connectionOptions(options.url);
    const connect = websocket ? library.wsconnect : library.connect;
    for (let attempt = 1; !closed; attempt++) {
      try {
        return await connect({
          ...address,
          name: 'liaison',
          noEcho: true,
          maxReconnectAttempts: -1,
          reconnectTimeWait: reconnectMs,
          reconnectJitter: Math.ceil(reconnectMs / 4),
          timeout: 5000,
          pingInterval: pingIntervalMs,
          maxPingOut: 2,
          // A server that is being set up anew may refuse us for a while.
          ignoreAuthErrorAbort: true,
        });
      } catch (error) {
        if (attempt === 1)
          log.warn({ err: error }, 'the bus does not answer; this process goes on alone and tries again');
        await sleep(reconnectMs, undefined, { signal: giveUp.signal }).catch(() => {});
      }
    }
    return undefined;
  };

  const open = async () => {
    const connection = await firstConnection();
    if (!connection) return;
    if (closed) {
      await connection.close();
      return;
    }
    nats = connection;
    isConnected = true;
    void watch(connection);
    for (const entry of wanted) attach(entry);
    // Others may publish to us once the server knows what we want.
    await connection.flush();
    log.info({}, 'connected to the bus');
  };

  const watch = async (connection: NatsConnection) => {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect' || status.type === 'staleConnection') {
        if (isConnected) log.warn({}, 'the bus is disconnected; this process goes on alone');
        isConnected = false;
      } else if (status.type === 'reconnect') {
        isConnected = true;
        log.info({}, 'the bus is connected again');
      } else if (status.type === 'error') {
        log.warn({ err: status.error }, 'the bus reports an error');
      } else if (status.type === 'slowConsumer') {
        log.warn({ pending: status.pending }, 'this process reads the bus too slowly');
      }
    }
  };

  const connected = open();
  connected.catch((error) => {
    if (!closed) log.error({ err: error }, 'the bus cannot be used');
  });

  const parse = (subject: string, message: Msg, limit = maxPayloadBytes): { data: unknown } | undefined => {
    if (message.data.length > limit) {
      log.warn({ subject, bytes: message.data.length }, 'a bus message is too large');
      return undefined;
    }
    try {
      return { data: JSON.parse(message.string()) };
    } catch {
      log.warn({ subject }, 'a bus message is not JSON');
      return undefined;
    }
  };

  return {
    shared: true,
    connected,
    get isConnected() {
      return isConnected;
    },
    publish(subject, data) {
      local.publish(subject, data);
      if (!isConnected || !nats) return;
      try {
        nats.publish(`${prefix}.${subject}`, encodePayload(data));
      } catch (error) {
        // The local bus has told of one that is too large.
        if (!(error instanceof BusRefused)) log.warn({ subject, err: error }, 'a bus message was not sent');
      }
    },
    subscribe(subject, handler) {
      const endLocal = local.subscribe(subject, handler);
      const endRemote = want(subject, (message) => {
        const parsed = parse(subject, message);
        if (!parsed) return;
        try {
          handler(parsed.data);
        } catch (error) {
          log.error({ subject, err: error }, 'a bus handler failed');
        }
      });
      return () => {
        endLocal();
        endRemote();
      };
    },
    respond(subject, handler) {
      const endLocal = local.respond(subject, handler);
      localResponders.set(subject, (localResponders.get(subject) ?? 0) + 1);
      const answer = async (message: Msg) => {
        const parsed = parse(subject, message);
        if (!parsed) return { refused: { code: 'invalid', message: 'the request could not be read' } };
        try {
          return { result: await handler(parsed.data) };
        } catch (error) {
          const { code = 'failed', message: text } = error as Error & { code?: string };
          return { refused: { code: String(code), message: String(text).slice(0, 1000) } };
        }
      };
      const endRemote = want(subject, (message) => {
        void answer(message).then((given: Answer) => {
          try {
            message.respond(encodeAnswer(given));
          } catch (error) {
            log.warn({ subject, err: error }, 'a bus answer was not sent');
          }
        });
      });
      let ended = false;
      return () => {
        if (ended) return;
        ended = true;
        endLocal();
        endRemote();
        const left = (localResponders.get(subject) ?? 1) - 1;
        if (left > 0) localResponders.set(subject, left);
        else localResponders.delete(subject);
      };
    },
    async request(subject, data, { timeoutMs }) {
      checkSubject(subject);
      if (localResponders.has(subject)) return local.request(subject, data, { timeoutMs });
      const text = encodePayload(data);
      if (!isConnected || !nats)
        throw new BusTimeout(`the bus is not connected; nobody was asked on ${subject}`);
      let message: Msg;
      try {
        message = await nats.request(`${prefix}.${subject}`, text, { timeout: timeoutMs });
      } catch (error) {
        // No responder, no answer in time, or a connection that went away: in each case the outcome is unknown.
        throw new BusTimeout(`no answer on ${subject} in ${timeoutMs} ms`, { cause: error });
      }
      const parsed = parse(subject, message, maxPayloadBytes + envelopeBytes)?.data as Answer | undefined;
      if (parsed && 'refused' in parsed) throw new BusRefused(parsed.refused.code, parsed.refused.message);
      if (!parsed || !('result' in parsed))
        throw new BusTimeout(`the answer on ${subject} could not be read`);
      return parsed.result;
    },
    async close() {
      if (closed) return;
      closed = true;
      isConnected = false;
      giveUp.abort();
      await nats?.close();
      await connected.catch(() => {});
      await local.close();
      wanted.clear();
      localResponders.clear();
    },
  };
}

function encodeAnswer(answer: Answer): string {
  try {
    if (!('result' in answer)) return JSON.stringify(answer);
    // The envelope around the result is small; the result itself is what is bounded.
    return `{"result":${encodePayload(answer.result)}}`;
  } catch (error) {
    const { code, message } =
      error instanceof BusRefused ? error : { code: 'invalid', message: 'the answer is no JSON' };
    return JSON.stringify({ refused: { code, message } });
  }
}

/** The client library reads neither user names nor `tls:` from an address. */
function connectionOptions(urls: string) {
  const parsed = urls.split(',').map((text) => new URL(text.trim()));
  const [first] = parsed;
  if (!first) throw new Error('NATS_URL names no server');
  const websocket = first.protocol === 'ws:' || first.protocol === 'wss:';
  const user = decodeURIComponent(first.username);
  const pass = decodeURIComponent(first.password);
  return {
    websocket,
    servers: parsed.map((url) =>
      websocket ? `${url.protocol}//${url.host}${url.pathname}` : `${url.hostname}:${url.port || '4222'}`,
    ),
    ...(first.protocol === 'tls:' ? { tls: {} } : {}),
    ...(user && pass ? { user, pass } : user ? { token: user } : {}),
  };
}
