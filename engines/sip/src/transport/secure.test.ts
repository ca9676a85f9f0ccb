import { createSocket } from 'node:dgram';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createCertificate } from '../../testing/certificate.ts';
import { poll } from '../../testing/poll.ts';
import {
  address,
  exampleSdp,
  type RegistrarFixture,
  startPhone,
  startRegistrar,
} from '../../testing/registrar-fixture.ts';
import {
  type InviteSession,
  type ObservedMessage,
  parseSipUri,
  summariseMessage,
  type UserAgent,
} from '../index.ts';
import { certificateDomains, isCertificateFor } from './tls.ts';
import type { TlsOptions, TransportOptions } from './types.ts';

const certificate = createCertificate(['DNS:localhost', 'IP:127.0.0.1', 'IP:::1']);
const tls: TlsOptions = { ...certificate, ca: certificate.certificate };
const closing: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const host = '127.0.0.1';
const all: TransportOptions[] = [
  { protocol: 'udp', host, port: 0 },
  { protocol: 'tcp', host, port: 0 },
  { protocol: 'tls', host, port: 0, tls },
  { protocol: 'ws', host, port: 0 },
  { protocol: 'wss', host, port: 0, tls },
];

async function registrar(overrides: Parameters<typeof startRegistrar>[1] = {}): Promise<RegistrarFixture> {
  const server = await startRegistrar({ marta: 'secret' }, { transports: all, ...overrides });
  closing.push(() => server.stop());
  return server;
}

async function phone(
  transports: TransportOptions[],
  onInvite?: (session: InviteSession) => void,
): Promise<UserAgent> {
  const { agent } = await startPhone(onInvite, { transports });
  closing.push(() => agent.stop());
  return agent;
}

const options = (callId: string, transport = 'TLS', extra = 'Content-Length: 0\r\n') =>
  `OPTIONS sip:estuaria.example SIP/2.0\r\nVia: SIP/2.0/${transport} 127.0.0.1:9;branch=z9hG4bK${callId}\r\n` +
  `From: <sip:a@h>;tag=1\r\nTo: <sip:b@h>\r\nCall-ID: ${callId}\r\nCSeq: 1 OPTIONS\r\n${extra}\r\n`;

describe.each(['tls', 'ws', 'wss'] as const)('%s', (protocol) => {
  test('a telephone registers and is called over the connection it has opened', async () => {
    const server = await registrar();
    const own: TransportOptions =
      protocol === 'tls'
        ? { protocol, host, port: 0, tls }
        : { protocol: protocol as 'ws', withoutListener: true };
    // A secure client without a listener has no certificate of its own to show.
    const transports: TransportOptions[] = [
      protocol === 'wss' ? { protocol: 'wss', host, port: 0, tls } : own,
    ];
    const agent = await phone(transports, (session) => {
      session.on = {};
      session.ring();
      void session.accept(exampleSdp());
    });
    const port = server.ports[`${protocol}Port`];
    const target =
      protocol === 'wss'
        ? `sips:localhost:${port};transport=ws`
        : `sip:localhost:${port};transport=${protocol}`;
    const response = await agent.request({
      method: 'REGISTER',
      target: parseSipUri(target),
      from: address('marta'),
      to: address('marta'),
      auth: { username: 'marta', password: 'secret' },
      headers: [['contact', '<sip:marta@x.invalid;transport=ws>']],
    });
    expect(response.status).toBe(200);
    expect(response.topVia.transport).toBe(protocol.toUpperCase());
    const { target: contact, binding } = server.contactOf('marta')!;
    expect(binding.flow.protocol).toBe(protocol);
    const events: string[] = [];
    const session = server.agent.invite({
      target: contact,
      flow: binding.flow,
      from: address('tomás'),
      to: address('marta'),
      offer: exampleSdp(),
    });
    session.on = {
      accepted: () => void events.push('accepted'),
      rejected: (status) => void events.push(`rejected ${status}`),
      ended: ({ by }) => void events.push(`ended ${by}`),
    };
    await poll('the answer', () => events.length > 0);
    expect(await session.reinvite(exampleSdp(2)).catch((error: Error) => error.message)).toBe(
      'Not Acceptable Here',
    );
    await session.bye();
    expect(events).toEqual(['accepted', 'ended local']);
  });
});

describe('TLS', () => {
  test('a server whose certificate is for another name is not spoken to (RFC 5922 §7.2)', async () => {
    const other = createCertificate(['DNS:other.example']);
    const server = await registrar({
      transports: [{ protocol: 'tls', host, port: 0, tls: other }],
    });
    const agent = await phone([{ protocol: 'tls', host, port: 0, tls: { ...other, ca: other.certificate } }]);
    const ask = () =>
      agent.request({
        method: 'OPTIONS',
        target: parseSipUri(`sips:localhost:${server.ports.tlsPort}`),
        from: address('a'),
        to: address('b'),
      });
    expect((await ask()).status).toBe(503);
    // The certificate is replaced while the server runs; the client trusts it as its own authority.
    server.agent.setCertificate(certificate.certificate, certificate.key);
    const trusting = await phone([{ protocol: 'tls', host, port: 0, tls }]);
    const answered = await trusting.request({
      method: 'OPTIONS',
      target: parseSipUri(`sips:localhost:${server.ports.tlsPort}`),
      from: address('a'),
      to: address('b'),
    });
    expect(answered.status).toBe(200);
    expect(() => server.agent.setCertificate(other.certificate, certificate.key)).toThrow();
  });

  test('the domains of a certificate are its SIP URIs, or its DNS names', () => {
    const names = { subjectaltname: 'DNS:a.example, URI:sip:B.example, URI:sip:user@c.example' };
    expect(certificateDomains(names)).toEqual(['b.example']);
    expect(certificateDomains({ subjectaltname: 'DNS:A.example, DNS:*.b.example' })).toEqual([
      'a.example',
      '*.b.example',
    ]);
    expect(isCertificateFor({ subjectaltname: 'DNS:*.b.example' }, 'x.b.example')).toBe(false);
    expect(isCertificateFor({ subjectaltname: 'IP Address:192.0.2.1' }, '192.0.2.1')).toBe(true);
    expect(isCertificateFor({ subjectaltname: 'DNS:192.0.2.1' }, '192.0.2.1')).toBe(false);
  });

  test('a client that shows a certificate has its domains in the flow', async () => {
    const seen: (readonly string[] | undefined)[] = [];
    const server = await registrar({
      transports: [{ protocol: 'tls', host, port: 0, tls: { ...tls, askClientCertificate: true } }],
      handlers: { options: async (_request, flow) => void seen.push(flow.provenDomains) },
    });
    const agent = await phone([{ protocol: 'tls', host, port: 0, tls }]);
    await agent.request({
      method: 'OPTIONS',
      target: parseSipUri(`sip:localhost:${server.ports.tlsPort};transport=tls`),
      from: address('a'),
      to: address('b'),
    });
    expect(seen).toEqual([['localhost']]);
  });

  test('handshakes that do not end are cut, and count', async () => {
    const server = await registrar({ limits: { handshakeTimeoutMs: 200, connectionsPerPeer: 2 } });
    const first = await silent(server.ports.tlsPort!);
    const second = await silent(server.ports.wssPort!);
    const third = await silent(server.ports.tlsPort!);
    await poll('the end of the third', third.isClosed);
    await poll('the end of the others', () => first.isClosed() && second.isClosed());
  });
});

async function silent(port: number): Promise<{ socket: Socket; isClosed: () => boolean }> {
  const socket = connectTcp(port, host);
  let isClosed = false;
  socket.on('close', () => {
    isClosed = true;
  });
  socket.on('error', () => {});
  socket.resume();
  closing.push(() => socket.destroy());
  await poll('the connection', () => isClosed || socket.readyState === 'open');
  return { socket, isClosed: () => isClosed };
}

describe('connections that bring nothing', () => {
  const limits = { messageTimeoutMs: 300, strangerIdleMs: 600 };
  /** Where somebody must be quick enough, who may be held up by the machine. */
  const patient = { messageTimeoutMs: 1500, strangerIdleMs: 1500 };

  test.each([
    ['nothing at all', ''],
    ['half a message', options('half', 'TCP').slice(0, 60)],
    ['a body that is shorter than promised', `${options('lie', 'TCP', 'Content-Length: 50\r\n')}short`],
    ['one that is longer: the rest is half a message', `${options('more', 'TCP')}OPTIONS`],
  ])('%s: cut', async (_what, bytes) => {
    const server = await registrar({ limits });
    const { socket, isClosed } = await silent(server.tcpPort);
    socket.write(bytes);
    await poll('the end', isClosed);
  });

  test('pings alone do not keep a stranger; whoever has signed in may be silent', async () => {
    const server = await registrar({ limits: patient });
    const { socket, isClosed } = await silent(server.tcpPort);
    socket.write(options('once', 'TCP'));
    const pinging = setInterval(() => socket.write('\r\n\r\n'), 50);
    closing.push(() => clearInterval(pinging));
    const agent = await phone([{ protocol: 'tcp', host, port: 0 }]);
    const response = await agent.request({
      method: 'REGISTER',
      target: parseSipUri(`sip:127.0.0.1:${server.tcpPort};transport=tcp`),
      from: address('marta'),
      to: address('marta'),
      auth: { username: 'marta', password: 'secret' },
      headers: [['contact', '<sip:marta@x.invalid;transport=tcp>']],
    });
    expect(response.status).toBe(200);
    await poll('the end of the stranger', isClosed);
    expect(server.agent.isFlowOpen(server.contactOf('marta')!.binding.flow)).toBe(true);
  });

  test('a flood of idle connections takes its share and no more, and the next telephone is served', async () => {
    const server = await registrar({ limits: { ...patient, connections: 50 } });
    const flood = await Promise.all(Array.from({ length: 80 }, () => silent(server.tcpPort)));
    await poll('the end of the surplus', () => flood.filter(({ isClosed }) => isClosed()).length >= 30);
    await poll('the end of all', () => flood.every(({ isClosed }) => isClosed()));
    const { socket } = await silent(server.tcpPort);
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes;
    });
    socket.write(options('after', 'TCP'));
    await poll('the answer', () => text.includes('SIP/2.0 200'));
  });
});

function open(
  url: string,
  protocols: string[] = ['sip'],
): Promise<{ socket: WebSocket; texts: string[]; code: () => number | undefined }> {
  const socket = new WebSocket(url, protocols);
  const texts: string[] = [];
  let code: number | undefined;
  socket.on('message', (data) => texts.push(String(data)));
  socket.on('close', (closed) => {
    code = closed;
  });
  closing.push(() => socket.terminate());
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.once('open', () => resolve({ socket, texts, code: () => code }));
  });
}

describe('WebSocket', () => {
  test('each message is one SIP message; Content-Length may be absent, and must not lie', async () => {
    const server = await registrar();
    const { socket, texts } = await open(`ws://127.0.0.1:${server.ports.wsPort}`);
    expect(socket.protocol).toBe('sip');
    socket.send(options('none', 'WS', ''));
    await poll('an answer', () => texts.length === 1);
    expect(texts[0]).toMatch(/^SIP\/2.0 200/);
    expect(texts[0]).toMatch(/^Via: SIP\/2.0\/WS /m);
    socket.send(Buffer.from(options('binary', 'WS')));
    await poll('the answer to a binary one', () => texts.length === 2);
    socket.send(`${options('two', 'WS')}${options('more', 'WS')}`);
    await poll('a refusal', () => texts.length === 3);
    expect(texts[2]).toMatch(/^SIP\/2.0 400 Something follows the body/);
    socket.send(options('short', 'WS', 'Content-Length: 9\r\n'));
    await poll('another', () => texts.length === 4);
    expect(texts[3]).toMatch(/^SIP\/2.0 400/);
    socket.send('\r\n\r\n');
    await poll('a pong', () => texts.length === 5);
    expect(texts[4]).toBe('\r\n');
  });

  test('another subprotocol, an ordinary request and a message too large are refused', async () => {
    const server = await registrar();
    const url = `ws://127.0.0.1:${server.ports.wsPort}`;
    await expect(open(url, ['xmpp'])).rejects.toThrow('400');
    await expect(open(url, [])).rejects.toThrow('400');
    expect((await fetch(url.replace('ws', 'http'))).status).toBe(426);
    const { socket, code } = await open(url);
    socket.send(Buffer.alloc(400_000, 'x'));
    await poll('the end', () => code() !== undefined);
    expect(code()).toBe(1009);
  });

  test('a web server hands its sockets over', async () => {
    const gone: string[] = [];
    const server = await registrar({
      transports: [{ protocol: 'wss', withoutListener: true }],
      handlers: { flowClosed: (flow) => void gone.push(flow.protocol) },
      limits: { connectionsPerPeer: 1 },
    });
    expect(server.ports).toEqual({});
    const web: Server = createServer();
    web.on('upgrade', (request, socket, head) => server.agent.acceptUpgrade(request, socket, head));
    await new Promise<void>((resolve) => web.listen(0, host, resolve));
    closing.push(() => new Promise<void>((resolve) => web.close(() => resolve())));
    const url = `ws://127.0.0.1:${(web.address() as AddressInfo).port}/sip`;
    const { socket, texts } = await open(url);
    socket.send(options('handed', 'WSS'));
    await poll('the answer', () => texts.length === 1);
    await expect(open(url)).rejects.toThrow('503');
    socket.close();
    await poll('the end', () => gone.length === 1);
    expect(gone).toEqual(['wss']);
    const again = await open(url);
    again.socket.close();
  });
});

describe('IPv6', () => {
  const six: TransportOptions[] = [
    { protocol: 'udp', host: '::', port: 0 },
    { protocol: 'tcp', host: '::', port: 0 },
    { protocol: 'tls', host: '::1', port: 0, tls },
    { protocol: 'ws', host: '::1', port: 0 },
  ];

  test.each(['udp', 'tcp', 'tls', 'ws'] as const)('%s', async (protocol) => {
    const server = await registrar({ transports: six });
    const own: TransportOptions =
      protocol === 'tls'
        ? { protocol, host: '::1', port: 0, tls }
        : ({ protocol, host: '::1', port: 0 } as TransportOptions);
    const agent = await phone([own]);
    const response = await agent.request({
      method: 'OPTIONS',
      target: parseSipUri(`sip:[::1]:${server.ports[`${protocol}Port`]};transport=${protocol}`),
      from: address('a'),
      to: address('b'),
    });
    expect(response.status).toBe(200);
    expect(response.topVia.host).toBe('[::1]');
    expect(response.topVia.params.get('received')).toBe('::1');
  });

  test('a socket for both families answers IPv4 by IPv4', async () => {
    const server = await registrar({ transports: six });
    const agent = await phone([{ protocol: 'udp', host, port: 0 }]);
    const response = await agent.request({
      method: 'OPTIONS',
      target: parseSipUri(`sip:127.0.0.1:${server.port}`),
      from: address('a'),
      to: address('b'),
    });
    expect(response.status).toBe(200);
    expect(response.topVia.params.get('received')).toBe('127.0.0.1');
  });
});

test('STUN is answered on the port that speaks SIP (RFC 5626 §4.4.2)', async () => {
  const server = await registrar();
  const socket = createSocket('udp4');
  closing.push(() => socket.close());
  const answers: Buffer[] = [];
  socket.on('message', (bytes) => answers.push(bytes));
  socket.send(Buffer.from('000100002112a442000102030405060708090a0b', 'hex'), server.port, host);
  await poll('the answer', () => answers.length === 1);
  expect(answers[0]!.readUInt16BE(26) ^ 0x2112).toBe(socket.address().port);
});

test('an observer sees what comes and goes, and a summary shows no content', async () => {
  const seen: ObservedMessage[] = [];
  const server = await registrar({ observer: (message) => void seen.push(message) });
  const secure: TLSSocket = connectTls({ port: server.ports.tlsPort!, host, rejectUnauthorized: false });
  closing.push(() => secure.destroy());
  secure.write(options('seen'));
  await poll('both', () => seen.length === 2);
  expect(seen.map(({ direction, flow }) => `${direction} ${flow.protocol}`)).toEqual(['in tls', 'out tls']);
  expect(seen.map(({ bytes }) => summariseMessage(bytes)?.title)).toEqual(['OPTIONS', '200 OK']);
  expect(summariseMessage(seen[0]!.bytes)).toMatchObject({
    callId: 'seen',
    cseq: '1 OPTIONS',
    to: '<sip:b@h>',
  });
  expect(summariseMessage(Buffer.from('\r\n\r\n'))).toBeUndefined();
});

test('a thousand Via headers are refused, and the call beside goes on', async () => {
  const server = await registrar();
  const phones = await phone([{ protocol: 'tcp', host, port: 0 }]);
  const vias = 'Via: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bKx\r\n';
  const many = options('many', 'WS').replace('From:', `${vias.repeat(1000)}From:`);
  const folded = options('folded', 'WS').replace(
    /^(Via: .*)$/m,
    `$1${', SIP/2.0/WS h;branch=z9hG4bKx'.repeat(1000)}`,
  );
  const one = await open(`ws://127.0.0.1:${server.ports.wsPort}`);
  one.socket.send(many);
  one.socket.send(folded);
  one.socket.send(options('good', 'WS'));
  await poll('the good one', () => one.texts.some((answer) => answer.includes('Call-ID: good')));
  expect(one.texts.filter((answer) => answer.startsWith('SIP/2.0 200'))).toHaveLength(1);
  const { socket, isClosed } = await silent(server.tcpPort);
  let text = '';
  socket.on('data', (bytes) => {
    text += bytes;
  });
  socket.write(many.replaceAll('/WS', '/TCP'));
  await poll('a refusal, or the end', () => text.includes('SIP/2.0 513') || isClosed());
  const answered = await phones.request({
    method: 'OPTIONS',
    target: parseSipUri(`sip:127.0.0.1:${server.tcpPort};transport=tcp`),
    from: address('a'),
    to: address('b'),
  });
  expect(answered.status).toBe(200);
});
