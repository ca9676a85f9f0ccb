import { createSocket, type Socket } from 'node:dgram';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createContinuation } from './continuation.ts';
import {
  buildRtp,
  createLatch,
  createPortPool,
  createSparePairs,
  NoPortFreeError,
  openRtpSocket,
  type RtpSocket,
  type SparePairsOptions,
} from './index.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

test('port pool: even ports of the range, each once, first given back first taken', () => {
  const ports = createPortPool({ min: 10_001, max: 10_006 });
  expect([ports.take(), ports.take()]).toEqual([10_002, 10_004]);
  expect(() => ports.take()).toThrow(NoPortFreeError);
  ports.give(10_004);
  ports.give(10_002);
  ports.give(10_002); // twice, or never taken: nothing happens
  ports.give(5);
  expect([ports.free, ports.size]).toEqual([2, 2]);
  expect(ports.take()).toBe(10_004);
  for (const range of [
    { min: 5, max: 4 },
    { min: 7, max: 8 },
    { min: 0, max: 10 },
    { min: 1, max: 70_000 },
    { min: 1.5, max: 9 },
  ])
    expect(() => createPortPool(range)).toThrow(RangeError);
});

test('port pool: never gives one port to two, whatever is done with it', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 200 }), (moves) => {
      const ports = createPortPool({ min: 100, max: 119 });
      const held: number[] = [];
      for (const take of moves) {
        if (take && ports.free > 0) {
          const port = ports.take();
          expect(held).not.toContain(port);
          expect(port % 2).toBe(0);
          held.push(port);
        } else if (held.length > 0) ports.give(held.shift()!);
        expect(ports.free + held.length).toBe(10);
      }
    }),
  );
});

test('latch: only allowed addresses, then one place, another port of it only after silence', () => {
  const latch = createLatch();
  const from = (address: string, port: number, nowMs: number) => latch.accepts({ address, port }, nowMs);
  expect(from('192.0.2.1', 4000, 0)).toBe(false); // nothing expected yet
  latch.expect({ address: '10.0.0.9', port: 5004 }, ['192.0.2.1']);
  expect(latch.target).toEqual({ address: '10.0.0.9', port: 5004 });
  expect(from('198.51.100.1', 4000, 0)).toBe(false);
  expect(from('::ffff:192.0.2.1', 4000, 0)).toBe(true);
  expect(latch.target).toEqual({ address: '192.0.2.1', port: 4000 });
  expect(from('10.0.0.9', 5004, 5000)).toBe(false); // allowed before, but somebody was first
  expect(from('192.0.2.1', 4002, 500)).toBe(false);
  expect(from('192.0.2.1', 4000, 600)).toBe(true);
  expect(from('192.0.2.1', 4002, 1599)).toBe(false);
  expect(from('192.0.2.1', 4002, 1600)).toBe(true);
  expect(latch.target?.port).toBe(4002);
  expect(latch.refused).toBe(5);

  latch.expect({ address: '10.0.0.9', port: 5004 }, ['192.0.2.1']); // the same again: kept
  expect(latch.target?.port).toBe(4002);
  latch.expect(undefined, ['192.0.2.1']); // on hold: kept
  expect(latch.latched).toBe(true);
  latch.expect({ address: '10.0.0.9', port: 6000 }, ['192.0.2.1']); // moved: starts again
  expect(latch.latched).toBe(false);
  latch.expect({ address: '10.0.0.9', port: 6000 }, ['192.0.2.7']);
  expect(from('192.0.2.1', 4002, 9000)).toBe(false); // its registration moved
});

const streamed = (sequence: number, ssrc = 77) =>
  buildRtp({
    payloadType: 0,
    sequence: sequence & 0xffff,
    timestamp: sequence * 160,
    ssrc,
    payload: Buffer.alloc(8),
  });

test('continuation: the same stream from elsewhere, only after silence, only where it was', () => {
  const elsewhere = { address: '203.0.113.9', port: 7000 };
  const make = () => {
    const made = createContinuation();
    made.heard(streamed(65_530), 1000);
    return made;
  };
  const proofs = (from: number, atMs: number, ssrc?: number, count = 5) => {
    const made = make();
    return Array.from({ length: count }, (_, at) =>
      made.proves(streamed(from + at, ssrc), elsewhere, atMs + at * 20),
    );
  };
  const fifth = [false, false, false, false, true];
  const never = [false, false, false, false, false];
  expect(proofs(65_531 + 50, 2000)).toEqual(fifth); // the numbers wrapped meanwhile
  expect(proofs(65_531, 2000)).toEqual(fifth);
  expect(proofs(65_531 + 50, 1800)).toEqual(never); // the known place spoke a moment ago
  expect(proofs(65_531 + 50, 2000, 78)).toEqual(never); // another source
  expect(proofs(65_531 + 5000, 2000)).toEqual(never); // a guess of the number
  expect(proofs(65_531 - 200, 2000)).toEqual(never); // heard before, and played again
  expect(createContinuation().proves(streamed(1), elsewhere, 5000)).toBe(false);

  // The same packet again and again is one packet; from several places none has enough.
  const repeated = make();
  for (let at = 0; at < 20; at++) expect(repeated.proves(streamed(65_560), elsewhere, 3000 + at)).toBe(false);
  const scattered = make();
  for (let at = 0; at < 20; at++)
    expect(scattered.proves(streamed(65_540 + at), { ...elsewhere, port: 7000 + at }, 3000)).toBe(false);
});

test('RTP socket: a stream that goes on from another address is followed, RTCP with it', async () => {
  let nowMs = 0;
  const heard: number[] = [];
  const socket = await openRtpSocket({
    ports: createPortPool({ min: 0, max: 0 }),
    bind: '0.0.0.0',
    onRtp: (datagram) => heard.push(datagram.readUInt16BE(2)),
    onRtcp: () => {},
    now: () => nowMs,
  });
  closing.push(() => socket.close());
  socket.expect({
    rtp: { address: '127.0.0.1', port: 9 },
    rtcpMux: false,
    allowed: [],
    payloadTypes: new Set([0]),
  });
  const at = async (address: string) => {
    const made = createSocket('udp4');
    await new Promise<void>((resolve) => made.bind(0, address, resolve));
    closing.push(() => made.close());
    return made;
  };
  const [before, after] = [await at('127.0.0.1'), await at('127.0.0.2')];
  before.send(streamed(100), socket.port, '127.0.0.1');
  await vi.waitFor(() => expect(heard).toEqual([100]), { timeout: 10_000 });
  nowMs = 1500;
  for (let sequence = 150; sequence < 160; sequence++)
    after.send(streamed(sequence), socket.port, '127.0.0.2');
  await vi.waitFor(() => expect(heard).toEqual([100, 154, 155, 156, 157, 158, 159]), { timeout: 10_000 });
  const answered = message(after);
  socket.send(packet());
  await answered;
});

async function plainSocket(): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  closing.push(() => socket.close());
  return socket;
}

const message = (socket: Socket) => new Promise<Buffer>((resolve) => socket.once('message', resolve));
const packet = (payloadType = 0) =>
  buildRtp({ payloadType, sequence: 1, timestamp: 1, ssrc: 1, payload: Buffer.alloc(8) });

test('RTP socket: refuses before it expects anybody, answers to where it hears from', async () => {
  const rtp: Buffer[] = [];
  let heard = () => {};
  const socket: RtpSocket = await openRtpSocket({
    ports: createPortPool({ min: 0, max: 0 }),
    bind: '127.0.0.1',
    onRtp(datagram) {
      rtp.push(datagram);
      heard();
    },
    onRtcp: () => {},
  });
  closing.push(() => socket.close());
  expect(socket.port % 2).toBe(0);
  const [announced, actual] = [await plainSocket(), await plainSocket()];
  expect(socket.send(packet())).toBe(false);
  socket.expect({
    rtp: { address: '127.0.0.1', port: announced.address().port },
    rtcpMux: false,
    allowed: [],
    payloadTypes: new Set([0]),
  });
  const first = message(announced);
  expect(socket.send(packet())).toBe(true);
  expect((await first).length).toBe(20);

  const arrived = new Promise<void>((resolve) => {
    heard = resolve;
  });
  actual.send(packet(5), socket.port, '127.0.0.1'); // not agreed on: does not latch
  actual.send(packet(0), socket.port, '127.0.0.1');
  await arrived;
  expect(rtp).toHaveLength(1);
  expect([socket.isLatched(), socket.refused()]).toEqual([true, 1]);
  const second = message(actual);
  socket.send(packet());
  await second;
  socket.close();
  socket.close();
  expect(socket.send(packet())).toBe(false);
});

test('RTP socket: a pair that somebody holds is skipped, and everything is given back', async () => {
  const holder = await plainSocket();
  const taken = holder.address().port & ~1;
  if (taken + 5 > 65_535) return;
  const ports = createPortPool({ min: taken, max: taken + 5 });
  const open = () =>
    openRtpSocket({ ports, bind: '127.0.0.1', onRtp: () => {}, onRtcp: () => {} }).catch(
      (error: unknown) => error,
    );
  const opened = await Promise.all([open(), open(), open()]);
  const sockets = opened.filter((result) => !(result instanceof Error)) as RtpSocket[];
  for (const error of opened.filter((result) => result instanceof Error))
    expect(error).toBeInstanceOf(NoPortFreeError);
  expect(sockets.map((socket) => socket.port)).not.toContain(taken);
  for (const socket of sockets) socket.close();
  expect(ports.free).toBe(ports.size);
});

test('RTP socket: of any free port the pair is an even one and the one after it, each held once', async () => {
  const ports = createPortPool({ min: 0, max: 0 });
  const sockets = await Promise.all(
    Array.from({ length: 24 }, () =>
      openRtpSocket({ ports, bind: '127.0.0.1', onRtp: () => {}, onRtcp: () => {} }),
    ),
  );
  closing.push(...sockets.map((socket) => () => socket.close()));
  expect(sockets.map(({ port }) => port % 2)).toEqual(sockets.map(() => 0));
  expect(new Set(sockets.map(({ port }) => port)).size).toBe(sockets.length);
  const isFree = (port: number) =>
    new Promise<boolean>((resolve) => {
      const socket = createSocket('udp4');
      closing.push(() => socket.close());
      socket.once('error', () => resolve(false));
      socket.bind({ address: '127.0.0.1', port, exclusive: true }, () => resolve(true));
    });
  for (const { port } of sockets.slice(0, 4))
    expect([await isFree(port), await isFree(port + 1)]).toEqual([false, false]);
});

describe('spare pairs', () => {
  const from = async (count: number) => {
    for (;;) {
      const { port } = (await plainSocket()).address();
      const min = (port & ~1) + 2;
      if (min + 2 * count - 1 <= 65_535) return createPortPool({ min, max: min + 2 * count - 1 });
    }
  };
  const opener = async (pairs: number, how: Omit<SparePairsOptions, 'ports'>) => {
    const ports = await from(pairs);
    const spare = createSparePairs({ ports, ...how });
    closing.push(() => spare.close());
    const heard: string[] = [];
    const open = async (name: string) => {
      const socket = await openRtpSocket({
        ports,
        spare,
        bind: '127.0.0.1',
        onRtp: (datagram) => heard.push(`${name} ${datagram.readUInt16BE(2)}`),
        onRtcp: () => {},
      });
      closing.push(() => socket.close());
      return socket;
    };
    return { ports, spare, open, heard };
  };
  const expecting = (socket: RtpSocket, { port }: { port: number }) =>
    socket.expect({
      rtp: { address: '127.0.0.1', port },
      rtcpMux: false,
      allowed: [],
      payloadTypes: new Set([0]),
    });

  /** Whatever was sent before this one was is read when this one was, and its turn of the event loop is over. */
  const allIsHeard = async () => {
    const [sender, receiver] = [await plainSocket(), await plainSocket()];
    const heard = message(receiver);
    sender.send(packet(), receiver.address().port, '127.0.0.1');
    await heard;
    await new Promise(setImmediate);
  };

  test('go from one call to the next, which hears nothing of what came between them', async () => {
    const { open, heard } = await opener(1, { restMs: 0 });
    const telephone = await plainSocket();
    const first = await open('first');
    expecting(first, telephone.address());
    telephone.send(streamed(1), first.port, '127.0.0.1');
    await vi.waitFor(() => expect(heard).toEqual(['first 1']), { timeout: 10_000 });
    first.close();
    expect(first.send(packet())).toBe(false);
    await new Promise((resolve) => telephone.send(streamed(2), first.port, '127.0.0.1', resolve));
    await allIsHeard();
    const second = await open('second');
    expect(second.port).toBe(first.port);
    expect([second.isLatched(), second.refused()]).toEqual([false, 0]);
    first.close(); // again: the pair is another's by now
    expecting(second, telephone.address());
    telephone.send(streamed(3), second.port, '127.0.0.1');
    await vi.waitFor(() => expect(heard.at(-1)).toBe('second 3'), { timeout: 10_000 });
    expect(heard).toEqual(['first 1', 'second 3']);
    const answered = message(telephone);
    expect(second.send(packet())).toBe(true);
    await answered;
  });

  test('rest before somebody gets them, unless there are no other ports', async () => {
    const { ports, open } = await opener(2, { restMs: 3_600_000 });
    const first = await open('first');
    first.close();
    expect(ports.free).toBe(1);
    const second = await open('second');
    expect(second.port).not.toBe(first.port);
    expect(ports.free).toBe(0);
    const third = await open('third');
    expect(third.port).toBe(first.port);
    await expect(open('fourth')).rejects.toBeInstanceOf(NoPortFreeError);
  });

  test('are closed, and their ports given back, where there are enough, after a while, and at the end', async () => {
    const few = await opener(3, { max: 1 });
    const sockets = [await few.open('one'), await few.open('two'), await few.open('three')];
    for (const socket of sockets) socket.close();
    expect(few.ports.free).toBe(2);
    few.spare.close();
    expect(few.ports.free).toBe(3);
    const last = await few.open('last');
    last.close();
    expect(few.ports.free).toBe(3);

    const brief = await opener(2, { restMs: 3_600_000, keepMs: 40 });
    (await brief.open('only')).close();
    expect(brief.ports.free).toBe(1);
    await vi.waitFor(() => expect(brief.ports.free).toBe(2), { timeout: 10_000 });
  });
});
