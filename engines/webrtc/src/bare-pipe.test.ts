import { createSocket, Socket } from 'node:dgram';
import { buildRtp } from '@liaison/rtp';
import { afterEach, expect, test, vi } from 'vitest';
import { bindingRequest, clientHello } from '../testing/datagrams.ts';
import { type BarePipe, createBarePipe, type PipeState } from './index.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).reverse()) close();
});

/** One side; what it sends goes to `to`, as over a socket. */
function side(name: string, to: (datagram: Buffer) => void) {
  const states: PipeState[] = [];
  const [packets, reports, errors]: [Buffer[], Buffer[], unknown[]] = [[], [], []];
  const pipe: BarePipe = createBarePipe({
    name,
    onRtp: (packet) => packets.push(packet),
    onRtcp: (packet) => reports.push(packet),
    onState: (state) => states.push(state),
    onError: (error) => errors.push(error),
    transmit: to,
  });
  closing.push(() => pipe.close());
  return { pipe, states, packets, reports, errors };
}

async function until(holds: () => boolean, what: string, deadlineMs = 20_000) {
  const end = Date.now() + deadlineMs;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`Not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const rtp = (sequence: number) =>
  buildRtp({ payloadType: 0, sequence, timestamp: sequence * 160, ssrc: 9, payload: Buffer.alloc(160, 1) });

test.each(['active', 'passive'] as const)(
  'two that know no ICE towards each other: keys by DTLS, sound both ways; the answerer is %s',
  async (answererIs) => {
    const wire: Buffer[] = [];
    const carry = (to: () => BarePipe) => (datagram: Buffer) => {
      wire.push(Buffer.from(datagram));
      setImmediate(() => to().deliver(datagram));
    };
    const caller = side(
      'caller',
      carry(() => called.pipe),
    );
    const called = side(
      'called',
      carry(() => caller.pipe),
    );
    const offer = await caller.pipe.offer();
    expect(offer.setup).toBe('actpass');
    // RFC 5763 §5: the answerer chooses; what it reads is what leaves it no other choice.
    const answer = await called.pipe.answer({
      ...offer,
      setup: answererIs === 'active' ? 'passive' : 'active',
    });
    expect(answer.setup).toBe(answererIs);
    caller.pipe.accept(answer);
    const ends = [caller, called] as const;
    await until(() => ends.every(({ pipe }) => pipe.state === 'connected'), 'connected');
    for (let sequence = 1; sequence <= 20; sequence++) {
      expect(caller.pipe.send(rtp(sequence))).toBe(true);
      expect(called.pipe.send(rtp(sequence))).toBe(true);
    }
    await until(() => ends.every(({ packets }) => packets.length >= 20), 'sound');
    expect(called.packets[0]).toEqual(rtp(1));
    // No ICE, and nothing in the clear, leaves for the other side.
    expect(wire.filter((datagram) => datagram[0]! < 20)).toEqual([]);
    expect(wire.some((datagram) => datagram.includes(Buffer.alloc(160, 1)))).toBe(false);
    expect(ends.flatMap(({ errors }) => errors)).toEqual([]);
  },
);

test('a certificate that was not announced is refused', async () => {
  const caller = side('caller', (datagram) => setImmediate(() => called.pipe.deliver(datagram)));
  const called = side('called', (datagram) => setImmediate(() => caller.pipe.deliver(datagram)));
  const offer = await caller.pipe.offer();
  const { algorithm, value } = offer.fingerprint;
  const other = value.startsWith('00') ? `11${value.slice(2)}` : `00${value.slice(2)}`;
  const answer = await called.pipe.answer({ setup: 'actpass', fingerprint: { algorithm, value: other } });
  caller.pipe.accept(answer);
  await until(() => called.states.includes('failed'), 'refused');
  expect(called.states).not.toContain('connected');
  expect(called.pipe.send(rtp(1))).toBe(false);
});

test('what is no DTLS, or half of it, changes nothing', async () => {
  const caller = side('caller', (datagram) => setImmediate(() => called.pipe.deliver(datagram)));
  const called = side('called', (datagram) => setImmediate(() => caller.pipe.deliver(datagram)));
  const answer = await called.pipe.answer({ ...(await caller.pipe.offer()), setup: 'active' });
  for (let count = 0; count < 50; count++) {
    called.pipe.deliver(Buffer.alloc(count, 22));
    called.pipe.deliver(clientHello().subarray(0, 30 + count));
    called.pipe.deliver(rtp(count));
  }
  caller.pipe.accept(answer);
  await until(() => called.pipe.state === 'connected', 'connected');
});

test('the stand-in hears its own library alone, whoever else on this machine finds its port', async () => {
  const bound = vi.spyOn(Socket.prototype, 'bind');
  closing.push(() => bound.mockRestore());
  const wire: Buffer[] = [];
  const caller = side('caller', (datagram) => setImmediate(() => called.pipe.deliver(datagram)));
  const called = side('called', (datagram) => {
    wire.push(Buffer.from(datagram));
    setImmediate(() => caller.pipe.deliver(datagram));
  });
  const offer = await caller.pipe.offer();
  const answer = await called.pipe.answer({ ...offer, setup: 'active' });
  const standIn = bound.mock.contexts[0] as Socket;
  expect(bound.mock.contexts).toHaveLength(1);

  // The same address and another port, and another address.
  const strangers = await Promise.all(
    ['127.0.0.1', '127.0.0.9'].map(async (address) => {
      const socket = createSocket('udp4');
      await new Promise<void>((resolve) => socket.bind(0, address, resolve));
      closing.push(() => socket.close());
      return socket;
    }),
  );
  const heard: Buffer[] = [];
  for (const stranger of strangers) stranger.on('message', (datagram) => heard.push(datagram));
  const [forged, hello] = [rtp(4711), clientHello()];
  /** Resolves when the stand-in has dealt with all of it: its own listener came first. */
  async function attack() {
    let arrived = 0;
    const count = (_datagram: Buffer, from: { port: number }) => {
      if (strangers.some((stranger) => stranger.address().port === from.port)) arrived += 1;
    };
    standIn.on('message', count);
    for (const stranger of strangers)
      for (const datagram of [forged, hello, bindingRequest('a:b', 'x'.repeat(24))])
        stranger.send(datagram, standIn.address().port, '127.0.0.1');
    await until(() => arrived === 6, 'the strangers');
    standIn.off('message', count);
  }
  await attack();
  expect(wire).toEqual([]);
  caller.pipe.accept(answer);
  await until(() => [caller, called].every(({ pipe }) => pipe.state === 'connected'), 'connected');
  await attack();
  called.pipe.send(rtp(1));
  await until(() => caller.packets.length > 0, 'sound');
  expect(wire.filter((datagram) => datagram.equals(forged) || datagram.equals(hello))).toEqual([]);
  expect(heard).toEqual([]);
});
