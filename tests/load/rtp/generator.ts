/**
 * The telephones of the media benchmark: a process of its own that sends two-way G.711 through relays and counts what
 * comes back, with the time it took. Told what to do over IPC by generator-process.ts.
 */
import { createSocket, type Socket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { buildRtp } from '@liaison/rtp';

export type Order =
  | { do: 'open' }
  /** Each call's two places where the relay listens; sends for so long. */
  | { do: 'send'; relays: [number, number][]; seconds: number };

export interface Figures {
  sent: number;
  received: number;
  /** What left the relay, also what the telephones were too slow for: by the system's counter, so every datagram of this machine. */
  relayed: number;
  /** Of packets through the relay, in milliseconds. */
  delayMs: { median: number; p99: number };
  /** The share of a core that the generator took. */
  busy: number;
}

export type Answer = { ok: true; ports?: [number, number]; figures?: Figures } | { ok: false; error: string };

const PACKET_MS = 20;
const HEADER_BYTES = 12;

interface Side {
  socket: Socket;
  port: number;
  datagram: Buffer;
}

/** Two sockets, one for all callers and one for all called: the relay tells them apart by where it listens. */
const sockets: Socket[] = [];
let delays = new Float64Array(0);
let received = 0;
let counting = false;
/** Packets that each side sent in orders before: a stream goes on where it was, or a relay takes it for late. */
let numbered = 0;

function open(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket({
      type: 'udp4',
      lookup: (address, _options, done) => done(null, address, 4),
    });
    socket.on('error', reject);
    socket.on('message', (datagram) => {
      if (datagram.length < HEADER_BYTES + 8 || !counting) return;
      if (received < delays.length)
        delays[received] = performance.now() - datagram.readDoubleBE(HEADER_BYTES);
      received += 1;
    });
    socket.bind(0, '127.0.0.1', () => {
      socket.setRecvBufferSize(4 << 20);
      resolve(socket);
    });
  });
}

/** A packet with room for the time at which it leaves. */
const blank = (ssrc: number) =>
  buildRtp({ payloadType: 0, sequence: 0, timestamp: 0, ssrc, payload: Buffer.alloc(160, 0xff) });

/** Datagrams that left any socket here (`Udp: OutDatagrams`, the fourth number). */
const datagramsOut = () =>
  Number(/^Udp: \d+ \d+ \d+ (\d+)/m.exec(readFileSync('/proc/net/snmp', 'latin1'))?.[1]);

async function send(relays: [number, number][], seconds: number): Promise<Figures> {
  const sides: Side[] = relays.flatMap((ports, call) =>
    ports.map((port, side) => ({ socket: sockets[side]!, port, datagram: blank(call * 2 + side + 1) })),
  );
  const total = Math.round((seconds * 1000 * sides.length) / PACKET_MS);
  delays = new Float64Array(total + 1000);
  received = 0;
  counting = true;
  const outBefore = datagramsOut();
  const began = performance.now();
  const cpu = process.cpuUsage();
  let sent = 0;
  await new Promise<void>((resolve) => {
    const tick = () => {
      const now = performance.now();
      const due = Math.min(total, ((now - began) * sides.length) / PACKET_MS);
      for (; sent < due; sent++) {
        const side = sides[sent % sides.length]!;
        const number = numbered + Math.floor(sent / sides.length);
        side.datagram.writeUInt16BE(number & 0xffff, 2);
        side.datagram.writeUInt32BE((number * 160) >>> 0, 4);
        side.datagram.writeDoubleBE(performance.now(), HEADER_BYTES);
        side.socket.send(side.datagram, side.port, '127.0.0.1');
      }
      if (sent >= total) resolve();
      else setTimeout(tick, 1);
    };
    tick();
  });
  numbered += Math.ceil(total / sides.length);
  const used = process.cpuUsage(cpu);
  const busy = (used.user + used.system) / 1000 / (performance.now() - began);
  await new Promise((resolve) => setTimeout(resolve, 300));
  counting = false;
  const relayed = datagramsOut() - outBefore - sent;
  const sorted = delays.subarray(0, Math.min(received, delays.length)).sort();
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return { sent, received, relayed, delayMs: { median: at(0.5), p99: at(0.99) }, busy };
}

async function obey(order: Order): Promise<Answer> {
  if (order.do === 'open') {
    for (const socket of sockets.splice(0)) socket.close();
    sockets.push(await open(), await open());
    numbered = 0;
    return { ok: true, ports: [sockets[0]!.address().port, sockets[1]!.address().port] };
  }
  return { ok: true, figures: await send(order.relays, order.seconds) };
}

try {
  // Whoever measures must not be the one who is late.
  setPriority(constants.priority.PRIORITY_ABOVE_NORMAL);
} catch {
  // Not allowed here: the machine has to be quiet.
}
process.on('message', (order: Order) => {
  obey(order).then(
    (answer) => process.send?.(answer),
    (error: unknown) => process.send?.({ ok: false, error: String(error) } satisfies Answer),
  );
});
process.on('disconnect', () => process.exit(0));
