import { randomBytes } from 'node:crypto';
import { createServer as createHttpServer, type Server as HttpServer, type IncomingMessage } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import { isIPv6, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import { messageBounds } from '../message/parse.ts';
import type { ConnectionBudget, ConnectionLimits } from './limits.ts';
import { admit, close, listen, remoteOf } from './listening.ts';
import { createLiveness, type Liveness } from './liveness.ts';
import { maxUnsentBytes } from './stream-pool.ts';
import { minTlsVersion } from './tls.ts';
import type { Endpoint, Flow, TlsOptions, Transport, TransportEvents } from './types.ts';

export interface WebSocketTransport extends Transport {
  /**
   * Takes over a connection whose HTTP request asks for an upgrade, as Node's `upgrade` event gives it. It is refused
   * (and closed) unless it speaks the subprotocol `sip`. `remote` is the peer's address where a proxy stands between.
   */
  acceptUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, remote?: Endpoint): void;
  setCertificate(certificate: string | Buffer, key: string | Buffer): void;
}

export interface WebSocketOptions {
  protocol: 'ws' | 'wss';
  /** Absent: sockets are handed over only. */
  listener: { host: string; port: number } | undefined;
  tls: TlsOptions | undefined;
}

const subprotocol = 'sip'; // RFC 7118 §5
/** RFC 7118 §6: finds out about browsers that vanished, and keeps proxies from forgetting the connection. */
const pingMs = 30_000;
const ping = '\r\n\r\n';
const pong = '\r\n';

interface Connection {
  readonly flow: Flow;
  readonly socket: WebSocket;
  readonly liveness: Liveness;
}

/** SIP over WebSocket (RFC 7118): each WebSocket message is one SIP message. */
export function createWebSocketTransport(
  options: WebSocketOptions,
  limits: ConnectionLimits,
  budget: ConnectionBudget,
  events: TransportEvents,
): WebSocketTransport {
  const { protocol, listener, tls } = options;
  const run = randomBytes(6).toString('base64url');
  const connections = new Map<string, Connection>();
  const ours = new Map<string, Connection>();
  let server: HttpServer | HttpsServer | undefined;
  // RFC 7118 §5: who cannot be connected to has a name that leads nowhere.
  let local: Endpoint = listener
    ? { address: listener.host, port: listener.port }
    : { address: `${randomBytes(8).toString('hex')}.invalid`, port: 0 };
  let sequence = 0;
  const maxPayload = messageBounds.headBytes + messageBounds.bodyBytes;
  const upgrader = new WebSocketServer({
    noServer: true,
    maxPayload,
    perMessageDeflate: false,
    clientTracking: false,
    handleProtocols: () => subprotocol,
  });

  function add(socket: WebSocket, remote: Endpoint, isOurs: boolean): Connection {
    const flow: Flow = { id: `${protocol}:${run}:${++sequence}`, protocol, local, remote };
    const liveness = createLiveness(limits, isOurs, (why) => {
      events.noted(`WebSocket closed: ${why}`, { peer: remote.address });
      socket.terminate();
    });
    const connection: Connection = { flow, socket, liveness };
    connections.set(flow.id, connection);
    let isAnswering = true;
    const pinger = setInterval(() => {
      if (!isAnswering) socket.terminate();
      else if (socket.readyState === WebSocket.OPEN) {
        isAnswering = false;
        socket.ping();
      }
    }, pingMs);
    socket.on('pong', () => {
      isAnswering = true;
      liveness.pinged();
    });
    socket.on('message', (data: RawData) => receive(connection, data as Buffer));
    socket.on('error', (error) => {
      events.noted('WebSocket error', { peer: remote.address, error: error.message });
    });
    socket.on('close', () => {
      clearInterval(pinger);
      liveness.close();
      connections.delete(flow.id);
      events.closed(flow);
    });
    return connection;
  }

  function receive(connection: Connection, bytes: Buffer): void {
    const { flow, socket, liveness } = connection;
    if (bytes.length <= 4 && /^(?:\r\n)*$/.test(bytes.toString('latin1'))) {
      // RFC 5626 §4.4.1, which clients of RFC 7118 use as well.
      if (bytes.toString('latin1') === ping) socket.send(pong);
      liveness.pinged();
      return;
    }
    liveness.messageWhole();
    events.received(bytes, flow);
  }

  function refuse(socket: Duplex, status: string, headers = ''): void {
    socket.on('error', () => {});
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n${headers}Content-Length: 0\r\n\r\n`);
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, remote: Endpoint): void {
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    // RFC 7118 §5: without the subprotocol it is something else that is spoken.
    if (!offered.includes(subprotocol)) {
      refuse(socket, '400 Bad Request', `Sec-WebSocket-Protocol: ${subprotocol}\r\n`);
      return;
    }
    upgrader.handleUpgrade(request, socket, head, (opened) => {
      add(opened, remote, false);
    });
  }

  function context(certificate: string | Buffer, key: string | Buffer) {
    return { cert: certificate, key, minVersion: minTlsVersion } as const;
  }

  function createListener(): HttpServer | HttpsServer {
    const handshakeTimeoutMs = limits.handshakeTimeoutMs ?? 10_000;
    const http = {
      headersTimeout: handshakeTimeoutMs,
      requestTimeout: handshakeTimeoutMs,
      maxHeaderSize: 16_384,
    };
    const refuseOrdinary = (
      _request: IncomingMessage,
      response: { writeHead: HttpWriteHead; end(): void },
    ) => {
      response.writeHead(426, { upgrade: 'websocket', connection: 'close' });
      response.end();
    };
    const opened = tls
      ? createHttpsServer(
          { ...http, ...context(tls.certificate, tls.key), handshakeTimeout: handshakeTimeoutMs },
          refuseOrdinary,
        )
      : createHttpServer({ ...http, connectionsCheckingInterval: 1000 }, refuseOrdinary);
    opened.on('connection', (socket: Socket) => admit(socket, budget));
    opened.on('tlsClientError', (error: Error, socket: Socket) => {
      events.noted('TLS handshake failed', { peer: socket.remoteAddress, error: error.message });
      socket.destroy();
    });
    opened.on('upgrade', (request, socket, head) =>
      upgrade(request, socket, head, remoteOf(socket as Socket)),
    );
    return opened;
  }

  return {
    protocol,
    get local() {
      return local;
    },
    async start() {
      if (!listener) return;
      server = createListener();
      local = await listen(server, listener, events);
    },
    async stop() {
      const closing = server;
      server = undefined;
      const closed = close(closing);
      for (const { socket } of connections.values()) socket.close(1001);
      const cut = setTimeout(() => {
        closing?.closeAllConnections();
        for (const { socket } of connections.values()) socket.terminate();
      }, 500);
      await Promise.all([closed, ...[...connections.values()].map(({ socket }) => gone(socket))]);
      clearTimeout(cut);
    },
    open(remote, serverName) {
      const host = serverName ?? (isIPv6(remote.address) ? `[${remote.address}]` : remote.address);
      const key = `${remote.address} ${remote.port} ${host}`;
      const known = ours.get(key);
      if (known && known.socket.readyState <= WebSocket.OPEN) return known.flow;
      const socket = new WebSocket(`${protocol}://${host}:${remote.port}/`, subprotocol, {
        perMessageDeflate: false,
        maxPayload,
        handshakeTimeout: limits.handshakeTimeoutMs ?? 10_000,
        lookup: (_host, _options, found) =>
          found(null, [{ address: remote.address, family: isIPv6(remote.address) ? 6 : 4 }]),
        ...(tls && {
          ...(tls.ca !== undefined && { ca: tls.ca as Buffer }),
          rejectUnauthorized: tls.verifyServers ?? true,
        }),
      });
      const connection = add(socket, remote, true);
      ours.set(key, connection);
      socket.once('close', () => {
        if (ours.get(key) === connection) ours.delete(key);
      });
      return connection.flow;
    },
    isOpen(flow) {
      const state = connections.get(flow.id)?.socket.readyState;
      return state === WebSocket.OPEN || state === WebSocket.CONNECTING;
    },
    send(flow, bytes, failed) {
      const socket = connections.get(flow.id)?.socket;
      if (!socket || socket.readyState > WebSocket.OPEN) {
        queueMicrotask(() => failed(new Error('The connection is closed')));
        return;
      }
      if (socket.readyState === WebSocket.CONNECTING) {
        const settled = (error?: Error) => {
          socket.off('open', opened);
          socket.off('close', refused);
          if (error) failed(error);
        };
        const opened = () => {
          settled();
          write(socket, bytes, failed);
        };
        const refused = () => settled(new Error('The connection failed'));
        socket.once('open', opened);
        socket.once('close', refused);
        return;
      }
      write(socket, bytes, failed);
    },
    vouch: (flow) => connections.get(flow.id)?.liveness.vouch(),
    acceptUpgrade(request, socket, head, remote) {
      const peer = remote ?? remoteOf(request.socket);
      const release = budget.take(peer.address);
      if (!release) {
        refuse(socket, '503 Service Unavailable');
        return;
      }
      socket.once('close', release);
      upgrade(request, socket, head, peer);
    },
    setCertificate(certificate, key) {
      if (server && 'setSecureContext' in server) server.setSecureContext(context(certificate, key));
    },
  };
}

type HttpWriteHead = (status: number, headers: Record<string, string>) => unknown;

function write(socket: WebSocket, bytes: Buffer, failed: (error: Error) => void): void {
  if (socket.bufferedAmount > maxUnsentBytes) {
    socket.terminate();
    queueMicrotask(() => failed(new Error('The peer does not read')));
    return;
  }
  // RFC 7118 §5: text where the message is UTF-8 throughout, for browsers read it as such.
  socket.send(bytes, { binary: false }, (error) => {
    if (error) failed(error);
  });
}

function gone(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState === WebSocket.CLOSED) resolve();
    else socket.once('close', () => resolve());
  });
}
