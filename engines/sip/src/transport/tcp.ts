import { randomBytes } from 'node:crypto';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createStreamFramer, type StreamFramer } from './framing.ts';
import type { Endpoint, Flow, Transport, TransportEvents, TransportOptions } from './types.ts';
import { plainAddress } from './udp.ts';

export interface TcpLimits {
  connections?: number;
  connectionsPerPeer?: number;
}

const connectTimeoutMs = 10_000;
/** A message once begun must be whole within this; a new connection must bring its first within it too. */
const messageTimeoutMs = 30_000;
/** A peer that does not read is cut when this much waits for it. */
const maxUnsentBytes = 1024 * 1024;
const pong = Buffer.from('\r\n');

interface Connection {
  readonly flow: Flow;
  readonly socket: Socket;
  readonly framer: StreamFramer;
  deadline: NodeJS.Timeout | undefined;
}

/**
 * A TCP listener and its connections, theirs and ours. The timers here are the machine's own: they guard sockets,
 * which no hand-turned clock moves.
 */
export function createTcpTransport(
  options: TransportOptions,
  limits: TcpLimits,
  events: TransportEvents,
): Transport {
  const maxConnections = limits.connections ?? 10_000;
  const maxPerPeer = limits.connectionsPerPeer ?? 1_000;
  /** Keeps a stored flow from meaning another connection after a restart. */
  const run = randomBytes(6).toString('base64url');
  const connections = new Map<string, Connection>();
  const ours = new Map<string, Connection>();
  const perPeer = new Map<string, number>();
  let server: Server | undefined;
  let local: Endpoint = { address: options.host, port: options.port };
  let sequence = 0;

  function watch(connection: Connection): void {
    connection.deadline ??= setTimeout(() => {
      events.noted('Stream closed: no whole message in time', { peer: connection.flow.remote.address });
      connection.socket.destroy();
    }, messageTimeoutMs);
  }

  function unwatch(connection: Connection): void {
    clearTimeout(connection.deadline);
    connection.deadline = undefined;
  }

  function receive(connection: Connection, bytes: Buffer): void {
    const { framer, flow, socket } = connection;
    const { messages, pings, fault } = framer.push(bytes);
    if (pings > 0) write(connection, pong, () => {}); // RFC 5626 §4.4.1
    if (messages.length > 0 || pings > 0) unwatch(connection);
    for (const message of messages) events.received(message, flow);
    if (fault) {
      events.noted('Stream closed: framing lost', { peer: flow.remote.address, error: fault.message });
      socket.destroySoon();
    } else if (framer.pendingBytes > 0) watch(connection);
    else unwatch(connection);
  }

  function adopt(socket: Socket, remote: Endpoint): Connection {
    const flow: Flow = { id: `tcp:${run}:${++sequence}`, protocol: 'tcp', local, remote };
    const connection: Connection = { flow, socket, framer: createStreamFramer(), deadline: undefined };
    connections.set(flow.id, connection);
    perPeer.set(remote.address, (perPeer.get(remote.address) ?? 0) + 1);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    socket.on('data', (bytes) => receive(connection, bytes));
    socket.on('error', (error) => {
      events.noted('Stream error', { peer: remote.address, error: error.message });
    });
    socket.on('close', () => {
      unwatch(connection);
      connections.delete(flow.id);
      const left = (perPeer.get(remote.address) ?? 1) - 1;
      if (left === 0) perPeer.delete(remote.address);
      else perPeer.set(remote.address, left);
      const key = `${remote.address}:${remote.port}`;
      if (ours.get(key) === connection) ours.delete(key);
      events.closed(flow);
    });
    return connection;
  }

  function accept(socket: Socket): void {
    const address = plainAddress(socket.remoteAddress ?? '');
    if (connections.size >= maxConnections || (perPeer.get(address) ?? 0) >= maxPerPeer) {
      socket.destroy();
      return;
    }
    watch(adopt(socket, { address, port: socket.remotePort ?? 0 }));
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
    protocol: 'tcp',
    get local() {
      return local;
    },
    start() {
      return new Promise((resolve, reject) => {
        const opened = createServer(accept);
        server = opened;
        opened.once('error', reject);
        opened.listen(options.port, options.host, () => {
          opened.off('error', reject);
          opened.on('error', (error) => events.noted('TCP listener error', { error: error.message }));
          const address = opened.address();
          if (address && typeof address === 'object') local = { address: options.host, port: address.port };
          resolve();
        });
      });
    },
    async stop() {
      const closing = server;
      server = undefined;
      const closed = closing && new Promise<void>((resolve) => closing.close(() => resolve()));
      // What has been written goes out before the end; a peer that does not close in turn is cut.
      for (const { socket } of connections.values()) socket.destroySoon();
      const cut = setTimeout(() => {
        for (const { socket } of connections.values()) socket.destroy();
      }, 500);
      await closed;
      clearTimeout(cut);
    },
    open(remote) {
      const key = `${remote.address}:${remote.port}`;
      const known = ours.get(key);
      if (known && !known.socket.destroyed) return known.flow;
      const socket = connect({ host: remote.address, port: remote.port });
      const connection = adopt(socket, remote);
      ours.set(key, connection);
      connection.deadline = setTimeout(
        () => socket.destroy(new Error('No connection in time')),
        connectTimeoutMs,
      );
      socket.once('connect', () => unwatch(connection));
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
  };
}
