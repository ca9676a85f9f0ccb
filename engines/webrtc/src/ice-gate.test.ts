import { createHmac } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket as TcpSocket } from 'node:net';
import { buildRtp, parseRtp } from '@liaison/rtp';
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { bindingRequest } from '../testing/datagrams.ts';
import { createIceGate, createSecurePipe, type IceGate, type SecurePipe } from './index.ts';
import { readStunCheck } from './stun-check.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).reverse()) close();
});
const errors: unknown[] = [];

async function gate(): Promise<IceGate> {
  const made = await createIceGate({
    bind: '127.0.0.1',
    tcpPort: 0,
    udpPort: 0,
    onError: (error) => errors.push(error),
  });
  closing.push(() => made.close());
  return made;
}

function pipe(name: string, more: { gate?: IceGate } = {}) {
  const rtp: Buffer[] = [];
  const made: SecurePipe = createSecurePipe({
    name,
    bind: '127.0.0.1',
    onRtp: (packet) => rtp.push(packet),
    onRtcp() {},
    onState() {},
    onError: (error) => errors.push(error),
    ...more,
  });
  closing.push(() => made.close());
  return { pipe: made, rtp };
}

async function udpSocket(): Promise<Socket> {
  const made = createSocket('udp4');
  made.bind(0, '127.0.0.1');
  await once(made, 'listening');
  closing.push(() => made.close());
  return made;
}

async function tcpSocket(port: number): Promise<TcpSocket> {
  const made = connect(port, '127.0.0.1');
  made.on('error', () => {});
  await once(made, 'connect');
  closing.push(() => made.destroy());
  return made;
}

const framed = (datagram: Buffer) => {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(datagram.length);
  return Buffer.concat([length, datagram]);
};

/** A network that lets only TCP out: what the browser's side sends to this port goes through the gate in frames. */
async function tunnel(port: number): Promise<{ port: number; tcp: TcpSocket }> {
  const [udp, tcp] = [await udpSocket(), await tcpSocket(port)];
  let inside = 0;
  udp.on('message', (datagram, from) => {
    inside = from.port;
    tcp.write(framed(datagram));
  });
  let held = Buffer.alloc(0);
  tcp.on('data', (bytes) => {
    held = Buffer.concat([held, bytes]);
    while (held.length >= 2 && held.length >= 2 + held.readUInt16BE(0)) {
      const length = held.readUInt16BE(0);
      udp.send(held.subarray(2, 2 + length), inside, '127.0.0.1');
      held = held.subarray(2 + length);
    }
  });
  return { port: udp.address().port, tcp };
}

const packet = (sequence: number, ssrc: number) =>
  buildRtp({ payloadType: 0, sequence, timestamp: sequence * 160, ssrc, payload: Buffer.alloc(160) });

test('ICE, DTLS and RTP go both ways over TCP; the pipe takes its visitors with it', async () => {
  const door = await gate();
  const ours = pipe('ours', { gate: door });
  const browser = pipe('browser');
  const offer = await browser.pipe.offer();
  const answer = await ours.pipe.answer({ ...offer, candidates: [] });
  expect(answer.candidates.map(({ port, tcpType }) => [port, tcpType])).toEqual([
    [expect.any(Number), undefined],
    [door.tcpPort, 'passive'],
    [door.udpPort, undefined],
  ]);
  const way = await tunnel(door.tcpPort);
  browser.pipe.accept({
    ...answer,
    candidates: [{ foundation: '1', priority: 1, address: '127.0.0.1', port: way.port, type: 'host' }],
  });
  await vi.waitFor(() => expect([ours.pipe.state, browser.pipe.state]).toEqual(['connected', 'connected']), {
    timeout: 15_000,
  });
  for (let sequence = 1; sequence <= 50; sequence++) {
    browser.pipe.send(packet(sequence, 7));
    ours.pipe.send(packet(sequence, 9));
  }
  await vi.waitFor(() => expect([ours.rtp.length, browser.rtp.length]).toEqual([50, 50]), 10_000);
  expect(parseRtp(ours.rtp[9]!)?.ssrc).toBe(7);
  expect(door.visitors).toBe(1);
  const closed = once(way.tcp, 'close');
  ours.pipe.close();
  await closed;
  expect(door.visitors).toBe(0);
  expect(errors).toEqual([]);
});

const pwd = 'p'.repeat(24);
/** The same check with a tie-breaker of zero, as Chromium sends it through TURN over TCP, signed anew. */
function zeroed(check: Buffer): Buffer {
  const next = Buffer.from(check);
  const at = next.indexOf(Buffer.from([0x80, 0x2a, 0, 8])) + 4;
  next.fill(0, at, at + 8);
  const signed = next.subarray(0, -24);
  createHmac('sha1', pwd)
    .update(signed)
    .digest()
    .copy(next, next.length - 20);
  return next;
}

test('only a signed check of somebody who is expected opens the way', async () => {
  const door = await gate();
  const target = await udpSocket();
  const heard: Buffer[] = [];
  target.on('message', (datagram) => heard.push(datagram));
  const leave = door.admit({ ufrag: 'ours', pwd, port: target.address().port });
  const refused: [string, Buffer][] = [
    ['another password', framed(bindingRequest('ours:theirs', 'q'.repeat(24)))],
    ['nobody of that name', framed(bindingRequest('other:theirs', pwd))],
    ['no check at all', framed(Buffer.alloc(40, 0x16))],
    ['a frame of a size that nothing has', Buffer.from([0xff, 0xff, 0, 1])],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
  ];
  for (const [what, bytes] of refused) {
    const socket = await tcpSocket(door.tcpPort);
    const closed = once(socket, 'close');
    socket.write(bytes);
    await closed;
    expect(heard, what).toEqual([]);
  }
  const known = await tcpSocket(door.tcpPort);
  const bytes = Buffer.concat([framed(bindingRequest('ours:theirs', pwd)), framed(Buffer.from('anything'))]);
  for (const byte of bytes) known.write(Buffer.from([byte]));
  await vi.waitFor(() => expect(heard.map(String)).toContain('anything'), { timeout: 10_000 });
  const closed = once(known, 'close');
  leave();
  await closed;
  const late = await tcpSocket(door.tcpPort);
  const gone = once(late, 'close');
  late.write(framed(bindingRequest('ours:theirs', pwd)));
  await gone;
  expect(door.visitors).toBe(0);
});

test('over UDP a tie-breaker of zero becomes one, and only who has it is let in', async () => {
  const door = await gate();
  const target = await udpSocket();
  const heard: Buffer[] = [];
  target.on('message', (datagram, from) => {
    heard.push(datagram);
    target.send('back', from.port, from.address);
  });
  door.admit({ ufrag: 'ours', pwd, port: target.address().port });
  const peer = await udpSocket();
  const answered = once(peer, 'message');
  peer.send(bindingRequest('ours:theirs', pwd), door.udpPort, '127.0.0.1');
  peer.send('noise', door.udpPort, '127.0.0.1');
  const zero = zeroed(bindingRequest('ours:theirs', pwd));
  peer.send(zero, door.udpPort, '127.0.0.1');
  expect(String((await answered)[0])).toBe('back');
  expect(heard).toHaveLength(1);
  const check = readStunCheck(heard[0]!);
  expect(check?.hasZeroTieBreaker).toBe(false);
  expect(check?.isSignedWith(pwd)).toBe(true);
  expect(door.visitors).toBe(1);
});

test('whatever arrives is read or refused, never thrown at', () => {
  const good = bindingRequest('ours:theirs', pwd);
  expect(readStunCheck(good)?.isSignedWith(pwd)).toBe(true);
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.nat(good.length - 1),
      fc.nat(255),
      (noise, at, value) => {
        readStunCheck(Buffer.from(noise));
        const damaged = Buffer.from(good);
        damaged[at] = value;
        const check = readStunCheck(damaged);
        if (check && value !== good[at]) expect(check.isSignedWith(pwd)).toBe(false);
        readStunCheck(good.subarray(0, at));
      },
    ),
  );
});
