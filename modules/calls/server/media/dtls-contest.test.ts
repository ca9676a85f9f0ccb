import type { SocketAddress } from '@liaison/rtp';
import type { DtlsParameters } from '@liaison/sdp';
import { type BarePipe, createBarePipe, createPipeCertificate } from '@liaison/webrtc';
import { clientHello } from '@liaison/webrtc/testing';
import { afterEach, expect, test } from 'vitest';
import { createDtlsContest } from './dtls-contest.ts';
import { createEndDtls } from './end-dtls.ts';
import { until } from './testing/telephone.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).reverse()) close();
});
const quiet = () => {};

/** A telephone that opens DTLS from a port of the shared address; what it sends goes to `deliver`. */
function telephone(port: number, deliver: (datagram: Buffer, from: SocketAddress) => unknown) {
  const from = { address: '203.0.113.9', port };
  const heard: Buffer[] = [];
  const pipe = createBarePipe({
    name: `from ${port}`,
    onRtp: (packet) => void heard.push(packet),
    onRtcp: quiet,
    onState: quiet,
    onError: quiet,
    transmit: (datagram) => deliver(Buffer.from(datagram), from),
  });
  closing.push(() => pipe.close());
  return { from, pipe, heard };
}

const packet = (sequence: number) =>
  Buffer.from([0x80, 0, 0, sequence, 0, 0, 0, sequence, 0, 0, 0, 9, ...Buffer.alloc(160, 42)]);

test.each(['it calls', 'we ring'])(
  'behind one NAT: who is first, and who holds another certificate, neither takes nor ends the handshake (%s)',
  async (how) => {
    const phones = new Map<number, BarePipe>();
    const hears: Buffer[] = [];
    const states: string[] = [];
    const proven: SocketAddress[] = [];
    /** Where the socket would send to, once somebody is proven. */
    let latched: SocketAddress | undefined;
    const end = createEndDtls({
      onRtp: (heard) => void hears.push(heard),
      onRtcp: quiet,
      onState: (state) => void (state === 'connecting' || states.push(state)),
      onError: quiet,
      transmit: (datagram, to) => phones.get((to ?? latched)?.port ?? 0)?.deliver(Buffer.from(datagram)),
      onProven(source) {
        latched = source;
        proven.push(source);
      },
    });
    closing.push(() => end.close());
    const deliver = end.deliver;
    // What it says at first is lost on the way: the others are before it, however fast it is.
    let isOnline = false;
    const right = telephone(5004, (datagram, from) => isOnline && deliver(datagram, from));
    const impostor = telephone(5005, deliver);
    for (const { from, pipe } of [right, impostor]) phones.set(from.port, pipe);

    let ours: DtlsParameters;
    if (how === 'it calls') {
      ours = await end.answer({ ...(await right.pipe.offer()), setup: 'actpass' }, false);
      expect(ours.setup).toBe('passive');
    } else {
      ours = await end.offer();
      const theirs = await right.pipe.answer({ ...ours, setup: 'passive' });
      end.accept({ ...theirs, setup: 'active' }, false);
      expect(end.isContested).toBe(true);
    }
    // Strangers of the same address come first: some say hello and no more, one makes a whole handshake.
    const strangers = [6001, 6002, 6003].map((port) => ({ address: '203.0.113.9', port }));
    const attack = () => {
      for (const from of strangers) {
        deliver(clientHello(), from);
        deliver(clientHello().subarray(0, 40), from);
        deliver(Buffer.from([21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40]), from); // a fatal alert
      }
    };
    attack();
    await impostor.pipe.offer();
    impostor.pipe.accept({ ...ours, setup: 'passive' });
    await until(() => impostor.pipe.state === 'failed', 'the impostor is refused by its certificate', 20_000);
    expect([states, proven, end.isContested]).toEqual([[], [], true]);

    const repeated = setInterval(attack, 10);
    closing.push(() => clearInterval(repeated));
    isOnline = true;
    if (how === 'it calls') right.pipe.accept({ ...ours, setup: 'passive' });
    await until(() => right.pipe.state === 'connected' && end.pipe?.state === 'connected', 'DTLS', 20_000);
    expect(proven).toEqual([right.from]);
    let sequence = 0;
    const talking = setInterval(() => {
      sequence += 1;
      right.pipe.send(packet(sequence));
      end.pipe?.send(packet(sequence));
    }, 20);
    closing.push(() => clearInterval(talking));
    await until(() => hears.length > 3 && right.heard.length > 3, 'both ways');
    expect(states).toEqual(['connected']);
  },
);

test('handshakes are bounded; one that is not done in time gives its place to a new source', () => {
  let nowMs = 0;
  const opened: number[] = [];
  const closed: number[] = [];
  const contest = createDtlsContest({
    open({ port }) {
      opened.push(port);
      return {
        state: 'new',
        flooded: 0,
        offer: () => Promise.reject(new Error('not asked')),
        accept: quiet,
        answer: () => Promise.reject(new Error('not asked')),
        deliver: quiet,
        send: () => false,
        close: () => void closed.push(port),
      };
    },
    onWon: () => quiet,
    now: () => nowMs,
  });
  const hello = (port: number) => contest.deliver(clientHello(), { address: '203.0.113.9', port });
  for (let port = 1; port <= 20; port++) hello(port);
  expect(opened).toEqual([1, 2, 3, 4, 5, 6]);
  contest.deliver(Buffer.from([23, 1, 2, 3]), { address: '203.0.113.9', port: 40 });
  nowMs = 2001;
  hello(30);
  expect([opened.at(-1), closed]).toEqual([30, [1]]);
  contest.close();
  expect(closed).toEqual([1, 2, 3, 4, 5, 6, 30]);
  hello(50);
  expect(opened).toHaveLength(7);
});

test('our certificate is a new one for each telephone', () => {
  expect(createPipeCertificate().keyPem).not.toBe(createPipeCertificate().keyPem);
});
