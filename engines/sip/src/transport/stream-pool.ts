import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { createStreamFramer, type StreamFramer } from './framing.ts';
import type { ConnectionLimits } from './limits.ts';
import { createLiveness, type Liveness } from './liveness.ts';
import { createPinger, type Pinger } from './pinger.ts';
import type { Endpoint, Flow, TransportEvents } from './types.ts';

/** A peer that does not read is cut when this much waits for it. */
export const maxUnsentBytes = 1024 * 1024;
const connectTimeoutMs = 10_000;
const pong = Buffer.from('\r\n');

interface Connection {
  readonly flow: Flow;
  readonly socket: Socket;
  readonly framer: StreamFramer;
  readonly liveness: Liveness;
  /** Of those that we opened. */
  readonly pinger?: Pinger;
}

/** The connections of one TCP or TLS transport, theirs and ours. */
export interface StreamPool {
  /** Takes a connection of theirs, ready to carry SIP. */
  adopt(socket: Socket, remote: Endpoint, provenDomains?: readonly string[]): Flow;
  /** The connection of ours that has this key, or the one that `connect` makes. */
  open(key: string, remote: Endpoint, connect: () => Socket, readyEvent: string): Flow;
  isOpen(flow: Flow): boolean;
  send(flow: Flow, bytes: Buffer, failed: (error: Error) => void): void;
  vouch(flow: Flow): void;
  /** Lets what has been written go out, then cuts whoever does not close in turn; resolves once `closed` has. */
  drain(closed: Promise<void>): Promise<void>;
}

export function createStreamPool(
  protocol: 'tcp' | 'tls',
  limits: ConnectionLimits,
  events: TransportEvents,
  local: () => Endpoint,
): StreamPool {
  /** Keeps a stored flow from meaning another connection after a restart. */
  const run = randomBytes(6).toString('base64url');
  const connections = new Map<string, Connection>();
  const ours = new Map<string, Connection>();
  let sequence = 0;

  function receive(connection: Connection, bytes: Buffer): void {
    const { framer, flow, socket, liveness } = connection;
    const { messages, pings, fault } = framer.push(bytes);
    connection.pinger?.heard(bytes);
    if (pings > 0) {
      write(connection, pong, () => {}); // RFC 5626 §4.4.1
      liveness.pinged();
    }
    if (messages.length > 0) liveness.messageWhole();
    for (const message of messages) events.received(message, flow);
    if (fault) {
      events.noted('Stream closed: framing lost', { peer: flow.remote.address, error: fault.message });
      socket.destroySoon();
    } else if (framer.pendingBytes > 0) liveness.messageBegun();
  }

  function add(
    socket: Socket,
    remote: Endpoint,
    isOurs: boolean,
    provenDomains: readonly string[] = [],
  ): Connection {
    const flow: Flow = {
      id: `${protocol}:${run}:${++sequence}`,
      protocol,
      local: local(),
      remote,
      ...(provenDomains.length > 0 && { provenDomains }),
    };
    const liveness = createLiveness(limits, isOurs, (why) => {
      events.noted(`Stream closed: ${why}`, { peer: remote.address });
      socket.destroy();
    });
    const pinger = isOurs
      ? createPinger(limits, {
          ping: (bytes) => write(connection, bytes, () => {}),
          failed() {
            events.noted('Stream closed: no answer to a ping', { peer: remote.address });
            socket.destroy();
          },
        })
      : undefined;
    const connection: Connection = {
      flow,
      socket,
      framer: createStreamFramer(),
      liveness,
      ...(pinger && { pinger }),
    };
    connections.set(flow.id, connection);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    socket.on('data', (bytes) => receive(connection, bytes));
    socket.on('error', (error) => {
      events.noted('Stream error', { peer: remote.address, error: error.message });
    });
    socket.on('close', () => {
      liveness.close();
      pinger?.close();
      connections.delete(flow.id);
      events.closed(flow);
    });
    return connection;
  }

  function write(connection: Connection, bytes: Buffer, failed: (error: Error) => void): void {
    if (connection.socket.writableLength > maxUnsentBytes) {
      connection.socket.destroy(new Error('The peer does not read'));
    }
    connection.socket.write(bytes, (error) => {
      if (error) failed(error);
    });
  }

  return {
    adopt: (socket, remote, provenDomains) => add(socket, remote, false, provenDomains).flow,
    open(key, remote, connect, readyEvent) {
      const known = ours.get(key);
      if (known && !known.socket.destroyed) return known.flow;
      const socket = connect();
      const connection = add(socket, remote, true);
      ours.set(key, connection);
      const deadline = setTimeout(() => socket.destroy(new Error('No connection in time')), connectTimeoutMs);
      socket.once(readyEvent, () => clearTimeout(deadline));
      socket.once('close', () => {
        clearTimeout(deadline);
        if (ours.get(key) === connection) ours.delete(key);
      });
      return connection.flow;
    },
    isOpen(flow) {
      const connection = connections.get(flow.id);
      return connection !== undefined && !connection.socket.destroyed;
    },
    send(flow, bytes, failed) {
      const connection = connections.get(flow.id);
      if (connection) write(connection, bytes, failed);
      else queueMicrotask(() => failed(new Error('The connection is closed')));
    },
    vouch: (flow) => connections.get(flow.id)?.liveness.vouch(),
    async drain(closed) {
      for (const { socket } of connections.values()) socket.destroySoon();
      const cut = setTimeout(() => {
        for (const { socket } of connections.values()) socket.destroy();
      }, 500);
      await closed;
      clearTimeout(cut);
    },
  };
}
