import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createCertificate } from '../../testing/certificate.ts';
import { createMarker, isMarker } from '../../testing/marker.ts';
import { poll } from '../../testing/poll.ts';
import { type RegistrarFixture, startRegistrar } from '../../testing/registrar-fixture.ts';

/*
 * The messages of RFC 4475 over connections; ../message/torture.test.ts sends them over UDP. What differs is the
 * framing: a stream is cut by Content-Length, a WebSocket message is one message and no more.
 */

const folder = fileURLToPath(
  new URL('../../../../../shared/corpora/rfc4475/tests/fixtures/rfc4475/', import.meta.url),
);
const isHere = existsSync(folder);
const certificate = createCertificate(['IP:127.0.0.1']);
const host = '127.0.0.1';

/** A status; null for silence; `closed` when the connection cannot go on. */
type Verdict = number | null | 'closed';

/** Over TCP and TLS, and over WebSocket. */
const verdicts: Readonly<Record<string, readonly [stream: Verdict, webSocket: Verdict]>> = {
  badaspec: [200, 200],
  badbranch: [200, 200],
  baddate: [401, 401],
  baddn: [400, 400],
  badinv01: [null, null],
  badvers: [505, 505],
  bcast: [null, null],
  bext01: [420, 420],
  bigcode: [null, null],
  clerr: ['closed', 400], // half a message: it promises more than follows
  cparam01: [401, 401],
  cparam02: [401, 401],
  dblreq: ['closed', 400], // two messages: the second is cut short; a WebSocket message must be one
  esc01: [401, 401],
  esc02: [501, 501],
  escnull: [401, 401],
  escruri: [400, 400],
  insuf: [null, null],
  intmeth: [501, 501],
  inv2543: ['closed', 401], // no Content-Length: where would it end?
  invut: [401, 401],
  longreq: [401, 401],
  ltgtruri: [400, 400],
  lwsdisp: [200, 200],
  lwsruri: [400, 400],
  lwsstart: [400, 400],
  mcl01: ['closed', 400], // two lengths
  mismatch01: [400, 400],
  mismatch02: [400, 400],
  mpart01: [405, 405],
  multi01: [400, 400],
  ncl: ['closed', 400], // a length below zero
  noreason: [null, null],
  novelsc: [416, 416],
  quotbal: [400, 400],
  regaut01: [401, 401],
  regbadct: [401, 401],
  regescrt: [401, 401],
  scalar02: [400, 400],
  scalarlg: [null, null],
  sdp01: [401, 401],
  semiuri: [200, 200],
  test: [null, null],
  transports: [200, 200],
  trws: [400, 400],
  unkscm: [416, 416],
  unksm2: [401, 401],
  unreason: [null, null],
  wsinv: [481, 481],
  zeromf: [200, 200],
};

if (!isHere) {
  test('the RFC 4475 messages are not here: the torture tests over connections did not run', () => {
    process.stderr.write(`DID NOT RUN: RFC 4475 torture tests over connections (missing ${folder})\n`);
  });
}

interface Peer {
  send(bytes: Buffer | string): void;
  text(): string;
  isClosed(): boolean;
  close(): void;
}

const dial: Record<'tcp' | 'tls' | 'ws', (port: number) => Promise<Peer>> = {
  async tcp(port) {
    return stream(connectTcp(port, host));
  },
  async tls(port) {
    return stream(connectTls({ port, host, rejectUnauthorized: false }));
  },
  async ws(port) {
    const socket = new WebSocket(`ws://${host}:${port}`, 'sip');
    let text = '';
    let isClosed = false;
    socket.on('message', (data) => {
      text += data;
    });
    socket.on('close', () => {
      isClosed = true;
    });
    socket.on('error', () => {});
    await poll('the socket', () => socket.readyState === WebSocket.OPEN);
    return {
      send: (bytes) => socket.send(bytes),
      text: () => text,
      isClosed: () => isClosed,
      close: () => socket.terminate(),
    };
  },
};

function stream(socket: ReturnType<typeof connectTcp>): Peer {
  let text = '';
  let isClosed = false;
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
  });
  socket.on('close', () => {
    isClosed = true;
  });
  socket.on('error', () => {});
  return {
    send: (bytes) => socket.write(bytes),
    text: () => text,
    isClosed: () => isClosed,
    close: () => socket.destroy(),
  };
}

async function verdictOf(peer: Peer, bytes: Buffer): Promise<Verdict> {
  peer.send(bytes);
  peer.send(createMarker('TCP'));
  await poll('the marker or the end', () => peer.isClosed() || isMarker(peer.text()));
  if (peer.isClosed()) return 'closed';
  const statuses = peer
    .text()
    .split(/(?=SIP\/2\.0 [1-6])/)
    .filter((answer) => !isMarker(answer))
    .map((answer) => Number(/^SIP\/2\.0 ([0-9]{3})/.exec(answer)?.[1] ?? 0))
    .filter((status) => status > 100);
  peer.close();
  return statuses[0] ?? null;
}

describe.runIf(isHere)('RFC 4475 over connections', () => {
  const names = isHere ? readdirSync(folder).map((name) => name.replace(/\.dat$/, '')) : [];
  let server: RegistrarFixture | undefined;
  const open = async (messageTimeoutMs: number) => {
    server = await startRegistrar(
      {},
      {
        transports: [
          { protocol: 'tcp', host, port: 0 },
          { protocol: 'tls', host, port: 0, tls: certificate },
          { protocol: 'ws', host, port: 0 },
        ],
        limits: { messageTimeoutMs },
      },
    );
    return server;
  };
  afterEach(() => server?.stop());

  test('each message has a verdict, and each verdict a message', () => {
    expect(names.sort()).toEqual(Object.keys(verdicts).sort());
  });

  const cases = Object.entries(verdicts).flatMap(([name, [overStream, overWebSocket]]) =>
    (['tcp', 'tls', 'ws'] as const).map(
      (protocol) => [name, protocol, protocol === 'ws' ? overWebSocket : overStream] as const,
    ),
  );

  // A server each: several of these messages have the same branch, and would count as retransmissions.
  test.each(cases)('%s over %s', async (name, protocol, expected) => {
    // Half a message is waited for as long as a busy machine may need for a whole one; where it is expected, no longer.
    const { ports } = await open(expected === 'closed' ? 500 : 30_000);
    const peer = await dial[protocol](ports[`${protocol}Port`]!);
    expect(await verdictOf(peer, readFileSync(`${folder}${name}.dat`))).toBe(expected);
    const next = await dial[protocol](ports[`${protocol}Port`]!);
    expect(await verdictOf(next, Buffer.from('\r\n'))).toBe(null); // The next connection is served.
  });
});
