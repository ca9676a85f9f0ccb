import { createSocket, type Socket } from 'node:dgram';
import { afterEach, expect, test, vi } from 'vitest';
import { buildRtp, createPortPool, openRtpSocket, type RtpRemote } from './index.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).reverse()) close();
});

async function peer(): Promise<{ socket: Socket; port: number }> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  closing.push(() => socket.close());
  return { socket, port: socket.address().port };
}

/** A socket that expects a telephone from behind a NAT; `deliver` has what its tunnel is handed. */
async function openTunnel(
  dtls: Pick<NonNullable<RtpRemote['dtls']>, 'deliver' | 'isContested'>,
  plain: () => void = () => {},
) {
  const socket = await openRtpSocket({
    ports: createPortPool({ min: 0, max: 0 }),
    bind: '127.0.0.1',
    onRtp: plain,
    onRtcp: plain,
  });
  closing.push(() => socket.close());
  socket.expect({
    rtp: { address: '192.0.2.1', port: 4000 },
    rtcpMux: true,
    allowed: ['127.0.0.1'],
    payloadTypes: new Set([0]),
    dtls: { ...dtls, exactSource: false },
  });
  return socket;
}

const handshake = Buffer.from([22, 0xfe, 0xfd, ...Buffer.alloc(20)]);
const packet = buildRtp({ payloadType: 0, sequence: 1, timestamp: 1, ssrc: 1, payload: Buffer.alloc(20) });

test('behind a NAT a handshake latches, nothing else does, and STUN or noise is never handed on', async () => {
  const delivered: Buffer[] = [];
  const socket = await openTunnel(
    { deliver: (datagram) => delivered.push(Buffer.from(datagram)), isContested: () => false },
    () => delivered.push(Buffer.from('plain')),
  );
  const [early, telephone] = [await peer(), await peer()];
  const refuses = async (from: Socket, bytes: Buffer) => {
    const before = socket.refused();
    from.send(bytes, socket.port, '127.0.0.1');
    await vi.waitFor(() => expect(socket.refused()).toBeGreaterThan(before), { timeout: 5000 });
  };
  await refuses(early.socket, packet);
  await refuses(early.socket, Buffer.from([23, 1, 2, 3]));
  await refuses(early.socket, Buffer.alloc(0));
  expect(socket.isLatched()).toBe(false);
  telephone.socket.send(handshake, socket.port, '127.0.0.1');
  await vi.waitFor(() => expect(delivered).toEqual([handshake]), { timeout: 5000 });
  telephone.socket.send(packet, socket.port, '127.0.0.1');
  await vi.waitFor(() => expect(delivered).toEqual([handshake, packet]), { timeout: 5000 });
  await refuses(telephone.socket, Buffer.from('000100002112a442000000000000000000000000', 'hex'));
  await refuses(early.socket, handshake);
  const heard = new Promise<Buffer>((resolve) => telephone.socket.once('message', resolve));
  expect(socket.transmit(handshake)).toBe(true);
  expect(await heard).toEqual(handshake);
});

test('while it is contested several are handed on and none is latched, until one is said to be the right one', async () => {
  const delivered: { first: number; port: number }[] = [];
  let isContested = true;
  const socket = await openTunnel({
    deliver: (datagram, { port }) => delivered.push({ first: datagram[0]!, port }),
    isContested: () => isContested,
  });
  const [guesser, telephone] = [await peer(), await peer()];
  const gives = async (from: Socket, bytes: Buffer, isTaken: boolean) => {
    const before = [delivered.length, socket.refused()];
    from.send(bytes, socket.port, '127.0.0.1');
    await vi.waitFor(
      () => {
        expect(delivered.length - before[0]!).toBe(isTaken ? 1 : 0);
        expect(socket.refused() > before[1]!).toBe(!isTaken);
      },
      { timeout: 5000 },
    );
  };
  await gives(guesser.socket, handshake, true);
  await gives(telephone.socket, handshake, true);
  await gives(telephone.socket, packet, false);
  expect(delivered.map(({ port }) => port)).toEqual([guesser.port, telephone.port]);
  expect(socket.isLatched()).toBe(false);
  const heard = new Promise<Buffer>((resolve) => telephone.socket.once('message', resolve));
  socket.transmit(handshake, { address: '127.0.0.1', port: telephone.port });
  expect(await heard).toEqual(handshake);

  socket.fix({ address: '127.0.0.1', port: telephone.port });
  isContested = false;
  expect(socket.isLatched()).toBe(true);
  await gives(guesser.socket, handshake, false);
  await gives(telephone.socket, packet, true);
});
