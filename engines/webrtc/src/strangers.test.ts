import { createSocket, type Socket } from 'node:dgram';
import { afterEach, expect, test } from 'vitest';
import { bindingRequest, bindingResponse, clientHello, isBindingRequest } from '../testing/datagrams.ts';
import { createSecurePipe, type PipeState, type SecurePipe, type SecurePipeOptions } from './index.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).reverse()) close();
});

function pipe(name: string, more: Partial<SecurePipeOptions> = {}) {
  const states: PipeState[] = [];
  const made: SecurePipe = createSecurePipe({
    name,
    bind: '127.0.0.1',
    onRtp() {},
    onRtcp() {},
    onState: (state) => states.push(state),
    onError() {},
    ...more,
  });
  closing.push(() => made.close());
  return { pipe: made, states };
}

async function socket(): Promise<Socket> {
  const made = createSocket('udp4');
  await new Promise<void>((resolve) => made.bind(0, '127.0.0.1', resolve));
  closing.push(() => made.close());
  return made;
}

async function until(holds: () => boolean, what: string, deadlineMs = 20_000) {
  const end = Date.now() + deadlineMs;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`Not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function freePort() {
  const probe = createSocket('udp4');
  await new Promise<void>((resolve) => probe.bind(0, '127.0.0.1', resolve));
  const { port } = probe.address();
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  return port;
}

/**
 * The race of CVE-2023-49786: a stranger's ClientHello arrives before the true one, and a server that takes it binds DTLS to
 * the stranger, or gives up. RFC 5763 §6.7.1 and RFC 8827 want DTLS only from where ICE has proven itself.
 */
test.each([
  ['passive: we answer a ClientHello', 'active'],
  ['active: we send the ClientHello', 'passive'],
] as const)('%s: a stranger who is first is not heard, and the true one connects', async (_what, theirs) => {
  const sharedPort = await freePort();
  // Ours has the port of the relay; the other plays the browser.
  const ours = pipe('ours', { udp: { sharedPort } });
  const browser = pipe('browser');
  const offer = await browser.pipe.offer();
  const answer = await ours.pipe.answer({ ...offer, candidates: [], setup: theirs });
  expect(answer.setup).toBe(theirs === 'active' ? 'passive' : 'active');

  const heard: Buffer[] = [];
  const strangers = await Promise.all([socket(), socket(), socket()]);
  for (const stranger of strangers) stranger.on('message', (datagram) => heard.push(datagram));
  const attack = () => {
    const [plain, forger, late] = strangers as [Socket, Socket, Socket];
    for (let count = 0; count < 20; count++) {
      plain.send(clientHello(), sharedPort, '127.0.0.1');
      // This one knows both names, which are no secret to who sees the signalling, but no password.
      forger.send(bindingRequest(`${answer.ufrag}:${offer.ufrag}`, 'x'.repeat(24)), sharedPort, '127.0.0.1');
      forger.send(clientHello(), sharedPort, '127.0.0.1');
      late.send(Buffer.from(clientHello().subarray(0, 40 + count)), sharedPort, '127.0.0.1');
    }
  };
  attack();
  const repeated = setInterval(attack, 5);
  closing.push(() => clearInterval(repeated));
  browser.pipe.accept(answer);
  await until(() => ours.pipe.state === 'connected' && browser.pipe.state === 'connected', 'connected');
  expect(ours.states).not.toContain('failed');
  // DTLS records begin with 20 to 63 (RFC 7983 §7): nobody of them was answered one.
  expect(heard.filter((datagram) => datagram[0]! >= 20 && datagram[0]! <= 63)).toEqual([]);
});

test('the control: from where ICE has proven itself, the same ClientHello is answered', async () => {
  const ours = pipe('ours');
  const offer = await pipe('browser').pipe.offer();
  const answer = await ours.pipe.answer({ ...offer, candidates: [], setup: 'active' });
  const { port } = answer.candidates[0]!;
  const peer = await socket();
  const heard: Buffer[] = [];
  peer.on('message', (datagram, from) => {
    if (isBindingRequest(datagram))
      peer.send(bindingResponse(datagram, from.port, offer.pwd), from.port, '127.0.0.1');
    else heard.push(datagram);
  });
  const repeated = setInterval(() => {
    peer.send(bindingRequest(`${answer.ufrag}:${offer.ufrag}`, answer.pwd), port, '127.0.0.1');
    peer.send(clientHello(), port, '127.0.0.1');
  }, 50);
  closing.push(() => clearInterval(repeated));
  await until(() => heard.some((datagram) => datagram[0] === 22), 'a handshake record');
});
