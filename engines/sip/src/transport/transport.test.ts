import { createSocket } from 'node:dgram';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { poll } from '../../testing/poll.ts';
import {
  address,
  exampleSdp,
  type RegistrarFixture,
  startPhone,
  startRegistrar,
} from '../../testing/registrar-fixture.ts';
import { type Flow, parseSipUri } from '../index.ts';
import { SipRequest } from '../message/message.ts';
import { messageBounds } from '../message/parse.ts';
import { createStreamFramer } from './framing.ts';
import { markSource, responseFlow } from './via.ts';

const closing: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function registrar(...args: Parameters<typeof startRegistrar>): Promise<RegistrarFixture> {
  const server = await startRegistrar(...args);
  closing.push(() => server.stop());
  return server;
}

const options = (callId: string, extra = '') =>
  `OPTIONS sip:estuaria.example SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bK${callId}\r\n` +
  `From: <sip:a@h>;tag=1\r\nTo: <sip:b@h>\r\nCall-ID: ${callId}\r\nCSeq: 1 OPTIONS\r\n${extra}`;

function dial(port: number): Promise<{ socket: Socket; text: () => string; closed: () => boolean }> {
  return new Promise((resolve) => {
    let text = '';
    let isClosed = false;
    const socket = connect(port, '127.0.0.1', () =>
      resolve({ socket, text: () => text, closed: () => isClosed }),
    );
    socket.on('data', (bytes) => {
      text += bytes;
    });
    socket.on('close', () => {
      isClosed = true;
    });
    socket.on('error', () => {});
    closing.push(() => socket.destroy());
  });
}

describe('TCP', () => {
  test('messages are cut wherever the pieces begin and end', async () => {
    const server = await registrar({});
    const { socket, text } = await dial(server.tcpPort);
    const stream = Buffer.from(
      `\r\n${options('one', 'Content-Length: 4\r\n\r\nbody')}${options('two', 'l : 0\r\n\r\n')}`,
    );
    for (let at = 0; at < stream.length; at += 7) socket.write(stream.subarray(at, at + 7));
    await poll('both answers', () => text().includes('Call-ID: one') && text().includes('Call-ID: two'));
    expect(text().match(/SIP\/2.0 200/g)).toHaveLength(2);
  });

  test('a ping is answered with a pong (RFC 5626 §3.5.1)', async () => {
    const server = await registrar({});
    const { socket, text } = await dial(server.tcpPort);
    socket.write('\r\n\r\n');
    await poll('the pong', () => text() === '\r\n');
  });

  describe('a connection of ours is kept open by pings (RFC 5626 §4.4.1)', () => {
    /** Somebody whom we call over TCP, who answers pings as long as `answers` says. */
    async function called(answers: (count: number) => boolean, pingAnswerMs?: number) {
      let pings = 0;
      let isClosed = false;
      const listener = createServer((socket) => {
        socket.on('data', (bytes) => {
          if (bytes.toString() !== '\r\n\r\n') return;
          pings += 1;
          if (answers(pings)) socket.write('\r\n');
        });
        socket.on('close', () => {
          isClosed = true;
        });
        socket.on('error', () => {});
        closing.push(() => socket.destroy());
      });
      await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
      closing.push(() => new Promise((resolve) => listener.close(resolve)));
      const { agent } = await startPhone(undefined, {
        limits: { pingMs: 40, ...(pingAnswerMs !== undefined && { pingAnswerMs }) },
      });
      closing.push(() => agent.stop());
      const { port } = listener.address() as AddressInfo;
      agent.invite({
        target: parseSipUri(`sip:b@127.0.0.1:${port};transport=tcp`),
        from: address('a'),
        to: address('b'),
        offer: exampleSdp(),
      });
      return { pings: () => pings, isClosed: () => isClosed };
    }

    test('as long as they are answered, and where they never were', async () => {
      const [answering, silent] = [await called(() => true), await called(() => false)];
      await poll('many pings', () => answering.pings() > 5 && silent.pings() > 5);
      expect([answering.isClosed(), silent.isClosed()]).toEqual([false, false]);
    });

    test('and given up when they are answered no more', async () => {
      const { pings, isClosed } = await called((count) => count < 3, 100);
      await poll('the end', isClosed);
      expect(pings()).toBeGreaterThan(1);
    });
  });

  test.each([
    ['no Content-Length', options('x', '\r\n')],
    ['two that differ', options('x', 'Content-Length: 1\r\nl: 2\r\n\r\n')],
    ['one that is no number', options('x', 'Content-Length: -1\r\n\r\n')],
    ['a body beyond the bound', options('x', `Content-Length: ${messageBounds.bodyBytes + 1}\r\n\r\n`)],
    ['a head without an end', 'x'.repeat(messageBounds.headBytes + 1)],
  ])('%s ends the connection', async (_what, bytes) => {
    const server = await registrar({});
    const { socket, closed } = await dial(server.tcpPort);
    socket.write(bytes);
    await poll('the end', closed);
  });

  test('a faulty message that is whole is answered, and the connection goes on', async () => {
    const server = await registrar({});
    const { socket, text } = await dial(server.tcpPort);
    socket.write(
      options('bad', 'Max-Forwards: x\r\nContent-Length: 0\r\n\r\n') + options('good', 'l: 0\r\n\r\n'),
    );
    await poll('both answers', () => text().includes('Call-ID: good'));
    expect(text()).toMatch(/^SIP\/2.0 400 Malformed Max-Forwards/);
  });

  test('connections are bounded, in all and from one address', async () => {
    const server = await registrar({}, { limits: { connectionsPerPeer: 2 } });
    await dial(server.tcpPort);
    await dial(server.tcpPort);
    const third = await dial(server.tcpPort);
    await poll('the end of the third', third.closed);
  });

  test('a registered connection that closes is told, and calls over it fail at once', async () => {
    const gone: Flow[] = [];
    const server = await registrar(
      { marta: 'secret' },
      { handlers: { flowClosed: (flow) => void gone.push(flow) } },
    );
    const { agent } = await startPhone();
    const response = await agent.request({
      method: 'REGISTER',
      target: parseSipUri(`sip:127.0.0.1:${server.tcpPort};transport=tcp`),
      from: address('marta'),
      to: address('marta'),
      auth: { username: 'marta', password: 'secret' },
      headers: [['contact', '<sip:marta@127.0.0.1:9;transport=tcp>']],
    });
    expect(response.status).toBe(200);
    const { target, binding } = server.contactOf('marta')!;
    expect(server.agent.isFlowOpen(binding.flow)).toBe(true);
    await agent.stop();
    await poll('the end of the flow', () => gone.some((flow) => flow.id === binding.flow.id));
    expect(server.agent.isFlowOpen(binding.flow)).toBe(false);
    let status = 0;
    server.agent.invite({
      target,
      flow: binding.flow,
      from: address('a'),
      to: address('marta'),
      offer: exampleSdp(),
    }).on = {
      rejected: (final) => {
        status = final;
      },
    };
    await poll('the refusal', () => status !== 0);
    expect(status).toBe(430);
  });
});

describe('the framer', () => {
  test('holds no more than one message and what follows', () => {
    const framer = createStreamFramer();
    const message = options('x', `Content-Length: 100000\r\n\r\n${'x'.repeat(100_000)}`);
    for (let at = 0; at < message.length; at += 1000) framer.push(Buffer.from(message.slice(at, at + 1000)));
    expect(framer.pendingBytes).toBe(0);
    expect(framer.push(Buffer.from('\r\n\r\n\r\n\r\n\r\n')).pings).toBe(2);
  });
});

describe('UDP', () => {
  test('what is no message is dropped in silence; what follows is answered', async () => {
    const server = await registrar({});
    const socket = createSocket('udp4');
    closing.push(() => socket.close());
    const answers: string[] = [];
    socket.on('message', (bytes) => answers.push(bytes.toString()));
    for (const noise of ['', '\r\n\r\n', '\0\0\0\0', 'x'.repeat(60_000), 'SIP/2.0 200 OK\r\n\r\n']) {
      socket.send(noise, server.port, '127.0.0.1');
    }
    socket.send(
      options('real', 'l: 0\r\n\r\n').replace('TCP 127.0.0.1:9', 'UDP 127.0.0.1:9;rport'),
      server.port,
      '127.0.0.1',
    );
    await poll('the answer', () => answers.length > 0);
    expect(answers).toHaveLength(1);
    expect(answers[0]).toMatch(new RegExp(`rport=${socket.address().port}.*received=127.0.0.1`));
  });

  test('more requests than there is room for are answered 503 with Retry-After', async () => {
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const server = await registrar({}, { limits: { transactions: 3 }, handlers: { options: () => held } });
    const socket = createSocket('udp4');
    closing.push(() => socket.close());
    const answers: string[] = [];
    socket.on('message', (bytes) => answers.push(bytes.toString()));
    for (let n = 0; n < 5; n++) {
      const message = options(`n${n}`, 'l: 0\r\n\r\n').replace('TCP 127.0.0.1:9', 'UDP 127.0.0.1:9;rport');
      socket.send(message, server.port, '127.0.0.1');
    }
    await poll('two refusals', () => answers.length === 2);
    release();
    await poll('five answers', () => answers.length === 5);
    const refused = answers.filter((answer) => answer.startsWith('SIP/2.0 503'));
    expect(refused).toHaveLength(2);
    expect(refused[0]).toMatch(/Retry-After: \d+/);
  });

  test('a port taken is told by start', async () => {
    const server = await registrar({});
    await expect(
      startPhone(undefined, { transports: [{ protocol: 'udp', host: '127.0.0.1', port: server.port }] }),
    ).rejects.toThrow(/EADDRINUSE/);
  });
});

describe('where responses go (RFC 3261 §18.2.2, RFC 3581 §4)', () => {
  const flow: Flow = {
    id: 'f',
    protocol: 'udp',
    local: { address: '192.0.2.9', port: 5060 },
    remote: { address: '192.0.2.1', port: 40_000 },
  };
  test.each([
    ['rport: the source', '192.0.2.1:5070;rport', 40_000, /received=192.0.2.1/],
    ['no NAT and no rport: the port in the Via', '192.0.2.1:5070', 5070, /5070;branch/],
    ['no port in the Via: 5060', '192.0.2.1', 5060, /192.0.2.1;branch/],
    ['a NAT: the source, asked or not', '10.0.0.5:5070', 40_000, /received=192.0.2.1/],
  ])('%s', (_what, sentBy, port, via) => {
    const request = new SipRequest('OPTIONS', 'sip:a@h', [
      ['via', `SIP/2.0/UDP ${sentBy};branch=z9hG4bKx, SIP/2.0/UDP further;branch=z9hG4bKy`],
    ]);
    markSource(request, flow);
    expect(responseFlow(request, flow).remote).toEqual({ address: '192.0.2.1', port });
    expect(request.headers.list('via')[0]).toMatch(via);
    expect(request.vias).toHaveLength(2);
  });
});
