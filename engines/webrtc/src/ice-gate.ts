/**
 * A door beside the UDP port of the pipes, for browsers that the library cannot serve itself:
 *
 * - over TCP (RFC 6544, passive candidates), because their network lets no UDP out. Frames of RFC 4571 come in, datagrams go to
 *   the pipe's own port on this machine and back: ICE and DTLS stay between the browser and the library.
 * - over UDP, through a TURN server that they reach over TCP or TLS. Chromium's checks have a tie-breaker of zero then, which
 *   RFC 8445 §16.1 allows and libjuice answers with an error (libjuice#355); here it becomes one.
 *
 * Only a check that is signed with the password of a pipe opens the way to that pipe, and to nothing else.
 *
 * stranger ──signed check──▶ visitor of one pipe ──idle, too much, or the pipe closes──▶ gone
 */

import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { createServer, isIPv6, type Socket } from 'node:net';
import { readStunCheck } from './stun-check.ts';

export interface IceGateOptions {
  /** Local IP address; `0.0.0.0` or `::` for all. */
  bind: string;
  /** 0: any free port. */
  tcpPort: number;
  udpPort: number;
  onError(error: unknown): void;
}

export interface IceGate {
  readonly tcpPort: number;
  readonly udpPort: number;
  /** Of the addresses it listens on: 4, 6. */
  readonly families: readonly number[];
  /** Connections and addresses that speak with a pipe now. */
  readonly visitors: number;
  /** From now on checks with this name and password are let through to that local port. Answers how to end it. */
  admit(pipe: { ufrag: string; pwd: string; port: number }): () => void;
  close(): void;
}

/** Of a process: some hundred calls over TCP are more than it carries. */
const MAX_VISITORS = 500;
const MAX_STRANGERS = 200;
/** A stranger has so long for its first check; a visitor is asked for consent every few seconds (RFC 7675 §5.1). */
const STRANGER_MS = 10_000;
const IDLE_MS = 60_000;
/** DTLS and RTP keep below the path's size; more is nothing of ours. */
const MAX_FRAME_BYTES = 4096;
/** About a second of sound: what a slow connection cannot take is late anyway. */
const MAX_WAITING_BYTES = 16_384;

interface Pipe {
  readonly pwd: string;
  readonly port: number;
  readonly visitors: Set<Visitor>;
}

interface Visitor {
  receive(datagram: Buffer): void;
  close(): void;
}

const isAny = (address: string) => address === '0.0.0.0' || address === '::';

/** Rejects with the system's error when a port is taken. `close()` ends it and whoever visits. */
export async function createIceGate(options: IceGateOptions): Promise<IceGate> {
  const { bind, onError } = options;
  const family = isIPv6(bind) ? ('udp6' as const) : ('udp4' as const);
  const here = isAny(bind) ? (family === 'udp6' ? '::1' : '127.0.0.1') : bind;
  const pipes = new Map<string, Pipe>();
  const strangers = new Set<Socket>();
  const overUdp = new Map<string, Visitor>();
  let visitors = 0;
  let closed = false;

  /** Whom this check may speak with. */
  function pipeOf(check: ReturnType<typeof readStunCheck>): Pipe | undefined {
    const pipe = check && pipes.get(check.ufrag);
    return pipe && visitors < MAX_VISITORS && check.isSignedWith(pipe.pwd) ? pipe : undefined;
  }

  /** A way to the pipe's port with a port of its own, which the library takes for the browser's. */
  function visit(pipe: Pipe, back: (datagram: Buffer) => void, gone: () => void): Visitor {
    const socket = createSocket(family);
    let open = true;
    let idle: NodeJS.Timeout;
    const visitor: Visitor = {
      receive(datagram) {
        idle.refresh();
        const check = readStunCheck(datagram);
        const sent =
          check?.hasZeroTieBreaker && check.isSignedWith(pipe.pwd)
            ? check.withTieBreaker(pipe.pwd)
            : datagram;
        if (open) socket.send(sent, pipe.port, here);
      },
      close() {
        if (!open) return;
        open = false;
        visitors -= 1;
        clearTimeout(idle);
        pipe.visitors.delete(visitor);
        socket.close();
        gone();
      },
    };
    idle = setTimeout(() => visitor.close(), IDLE_MS);
    visitors += 1;
    pipe.visitors.add(visitor);
    socket.on('message', (datagram, from) => {
      if (open && from.port === pipe.port && from.address === here) back(datagram);
    });
    socket.on('error', () => visitor.close());
    socket.bind(0, here);
    return visitor;
  }

  function connected(socket: Socket): void {
    if (strangers.size >= MAX_STRANGERS) {
      socket.destroy();
      return;
    }
    strangers.add(socket);
    let visitor: Visitor | undefined;
    let held = Buffer.alloc(0);
    socket.setNoDelay(true);
    socket.setTimeout(STRANGER_MS, () => {
      if (!visitor) socket.destroy();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      strangers.delete(socket);
      visitor?.close();
    });

    function frame(datagram: Buffer): void {
      if (visitor) {
        visitor.receive(datagram);
        return;
      }
      const pipe = pipeOf(readStunCheck(datagram));
      if (!pipe) {
        socket.destroy();
        return;
      }
      strangers.delete(socket);
      socket.setTimeout(0);
      const back = (answer: Buffer) => {
        if (socket.writableLength > MAX_WAITING_BYTES || answer.length > 0xffff) return;
        const framed = Buffer.allocUnsafe(2 + answer.length);
        framed.writeUInt16BE(answer.length, 0); // RFC 4571 §2
        answer.copy(framed, 2);
        socket.write(framed);
      };
      visitor = visit(pipe, back, () => socket.destroy());
      visitor.receive(datagram);
    }

    socket.on('data', (bytes) => {
      held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
      while (held.length >= 2 && !socket.destroyed) {
        const length = held.readUInt16BE(0);
        if (length > MAX_FRAME_BYTES) {
          socket.destroy();
          return;
        }
        if (held.length < 2 + length) return;
        const datagram = Buffer.from(held.subarray(2, 2 + length));
        held = held.subarray(2 + length);
        // RFC 4571 §2: an empty frame is allowed, and says nothing.
        if (length > 0) guarded(() => frame(datagram));
      }
    });
  }

  function datagram(message: Buffer, from: RemoteInfo): void {
    const key = `${from.address} ${from.port}`;
    const known = overUdp.get(key);
    if (known) {
      known.receive(message);
      return;
    }
    const check = readStunCheck(message);
    // Whoever the library serves itself goes straight to it.
    const pipe = check?.hasZeroTieBreaker ? pipeOf(check) : undefined;
    if (!pipe) return;
    const visitor = visit(
      pipe,
      (answer) => {
        if (!closed) udp.send(answer, from.port, from.address);
      },
      () => overUdp.delete(key),
    );
    overUdp.set(key, visitor);
    visitor.receive(message);
  }

  function guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      onError(error);
    }
  }

  const tcp = createServer(connected);
  const udp: UdpSocket = createSocket({
    type: family,
    // Only IP addresses reach us: no lookup per packet.
    lookup: (numeric, _options, done) => done(null, numeric, family === 'udp6' ? 6 : 4),
  });
  function close(): void {
    if (closed) return;
    closed = true;
    for (const pipe of pipes.values()) for (const visitor of [...pipe.visitors]) visitor.close();
    for (const socket of strangers) socket.destroy();
    tcp.close();
    udp.close();
  }

  await new Promise<void>((resolve, reject) => {
    tcp.once('error', reject);
    tcp.listen({ host: bind, port: options.tcpPort, exclusive: true }, () => resolve());
  });
  try {
    await new Promise<void>((resolve, reject) => {
      udp.once('error', reject);
      udp.bind({ address: bind, port: options.udpPort, exclusive: true }, () => resolve());
    });
  } catch (error) {
    tcp.close();
    throw error;
  }
  tcp.on('error', onError);
  udp.on('error', onError);
  udp.on('message', (message, from) => guarded(() => datagram(message, from)));
  const listening = tcp.address();

  return {
    tcpPort: typeof listening === 'object' && listening ? listening.port : 0,
    udpPort: udp.address().port,
    families: bind === '::' ? [4, 6] : [isIPv6(bind) ? 6 : 4],
    get visitors() {
      return visitors;
    },
    admit({ ufrag, pwd, port }) {
      const pipe: Pipe = { pwd, port, visitors: new Set() };
      pipes.set(ufrag, pipe);
      return () => {
        if (pipes.get(ufrag) === pipe) pipes.delete(ufrag);
        for (const visitor of [...pipe.visitors]) visitor.close();
      };
    },
    close,
  };
}
