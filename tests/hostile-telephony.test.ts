import { createSocket, type Socket } from 'node:dgram';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect as connectTcp, type Socket as Stream } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { buildRtp } from '@liaison/rtp';
import { createCertificate } from '@liaison/sip/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { CallRefused, type OwnCall, type OwnTelephone, openOwnTelephone } from './testing/own-telephone.ts';
import { createRandom, damaged } from './testing/seeded-damage.ts';
import { type Member, type RunningSuite, startSuite } from './testing/suite.ts';
import { poll } from './testing/world.ts';

/**
 * The telephone line of the whole suite under attack, from an address of its own: one call stands from before the first
 * datagram to after the last, and good calls are made in between. `npm run soak -- hostile` sends ten times as much;
 * `LIAISON_HOSTILE_SEED` repeats a run.
 */
const count = Number(process.env.LIAISON_HOSTILE_COUNT ?? 500);
const seed = Number(process.env.LIAISON_HOSTILE_SEED ?? Math.floor(Math.random() * 2 ** 32));
const attacker = '127.0.0.66';
const corpus = fileURLToPath(new URL('../../shared/corpora/rfc4475/tests/fixtures/rfc4475', import.meta.url));

let running: RunningSuite;
let domain: string;
let [alice, bob, carol, dora]: OwnTelephone[] = [];
let standing: OwnCall;
/** For the mutated; from elsewhere than the telephones. */
let udp: Socket;
let tlsPort: number;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  running = await startSuite();
  closing.push(() => running.close());
  const { telephones: line } = running.suite.calls;
  const certificate = createCertificate(['IP:127.0.0.1', 'DNS:localhost']);
  await line.stop();
  line.secure({ options: () => ({ cert: certificate.certificate, key: certificate.key }) });
  await line.start();
  tlsPort = line.ports.tlsPort ?? 0;
  running = {
    ...running,
    sipPorts: { udp: line.ports.udpPort ?? 0, tcp: line.ports.tcpPort ?? 0 },
  };
  const people = ['Alice', 'Bob', 'Carol', 'Dora'].map((name, at) => ({ name, extension: `410${at + 1}` }));
  const made = await running.organisation('harbour', people);
  domain = made.domain;
  const open = async (member: Member) => {
    const telephone = await openOwnTelephone(running, domain, member);
    closing.push(() => telephone.close());
    return telephone;
  };
  [alice, bob, carol, dora] = await Promise.all(made.members.map(open));
  udp = createSocket('udp4');
  await new Promise<void>((resolve) => udp.bind(0, attacker, resolve));
  closing.push(() => udp.close());
  standing = await alice!.call(bob!.member.extension);
}, 120_000);
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

/** The standing call carries sound, and a new one rings, talks, is heard and ends. */
async function allIsWell(when: string): Promise<void> {
  const before = bob!.heard(7);
  await poll(`the standing call ${when}`, async () => {
    standing.say(7);
    return bob!.heard(7) > before;
  });
  const byte = 100 + Math.floor(dora!.calls.length % 100);
  const call = await carol!.call(dora!.member.extension);
  const heard = dora!.heard(byte);
  await poll(`sound of a new call ${when}`, async () => {
    call.say(byte);
    return dora!.heard(byte) > heard;
  });
  await call.hangUp();
  expect(standing.session.state).toBe('confirmed');
}

const complaints = () =>
  running.test.logged
    .filter(({ level }) => level === 'error' || level === 'fatal')
    .map((entry) => JSON.stringify(entry).slice(0, 500));

const over = (port: number, bytes: Buffer) =>
  new Promise<void>((resolve) => udp.send(bytes, port, '127.0.0.1', () => resolve()));

function stream(port: number, isSecure = false): Stream {
  const socket = isSecure
    ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
    : connectTcp({ port, host: '127.0.0.1', localAddress: attacker });
  socket.on('error', () => {}); // The server may cut it at any moment: that is what is tried.
  socket.resume();
  closing.push(() => socket.destroy());
  return socket;
}

/** One message over a WebSocket, as a browser would open it. */
async function overWebSocket(messages: readonly Buffer[]): Promise<void> {
  const socket = new WebSocket(
    `${running.url.replace('http', 'ws').replace('localhost', '127.0.0.1')}/sip`,
    'sip',
  );
  socket.on('error', () => {}); // As with a stream.
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('close', () => reject(new Error('No WebSocket')));
    });
    for (const message of messages) if (socket.readyState === WebSocket.OPEN) socket.send(message);
    // What was sent has been read when the ping behind it is answered, or the connection was cut.
    if (socket.readyState === WebSocket.OPEN) {
      socket.ping();
      await new Promise<void>((resolve) => {
        socket.once('pong', () => resolve());
        socket.once('close', () => resolve());
      });
    }
  } finally {
    socket.terminate();
  }
}

const requests = (callId: string): Buffer[] => {
  const head = (method: string, target: string) =>
    `${method} ${target} SIP/2.0\r\nVia: SIP/2.0/UDP ${attacker}:5060;rport;branch=z9hG4bK${callId}\r\n` +
    `Max-Forwards: 70\r\nFrom: "A" <sip:a@${domain}>;tag=${callId}\r\nTo: <sip:4102@${domain}>\r\n` +
    `Call-ID: ${callId}\r\nCSeq: 1 ${method}\r\nContact: <sip:a@${attacker}:5060>\r\n`;
  const sdp = alice!.description();
  const digest =
    `Authorization: Digest username="a", realm="${domain}", nonce="b", uri="sip:${domain}", response="${'0'.repeat(64)}", ` +
    'algorithm=SHA-256, qop=auth, cnonce="c", nc=00000001\r\n';
  return [
    `${head('REGISTER', `sip:${domain}`)}${digest}Expires: 60\r\nContent-Length: 0\r\n\r\n`,
    `${head('INVITE', `sip:4102@${domain}`)}Content-Type: application/sdp\r\nContent-Length: ${sdp.length}\r\n\r\n${sdp}`,
    `${head('SUBSCRIBE', `sip:4102@${domain}`)}Event: dialog\r\nAccept: application/dialog-info+xml\r\nContent-Length: 0\r\n\r\n`,
    `${head('REFER', `sip:4102@${domain}`)}Refer-To: <sip:4103@${domain}?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc>\r\nContent-Length: 0\r\n\r\n`,
    `${head('BYE', `sip:4102@${domain}`)}Route: <sip:127.0.0.1;lr>\r\nContent-Length: 0\r\n\r\n`,
    `${head('CANCEL', `sip:4102@${domain}`)}Reason: SIP;cause=200;text="x"\r\nContent-Length: 0\r\n\r\n`,
    `SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1:${running.sipPorts.udp};branch=z9hG4bK${callId}\r\nFrom: <sip:a@h>;tag=1\r\n` +
      `To: <sip:b@h>;tag=2\r\nCall-ID: ${callId}\r\nCSeq: 1 INVITE\r\nContact: <sip:b@h>\r\nContent-Length: 0\r\n\r\n`,
  ].map((text) => Buffer.from(text));
};

const stun = () => Buffer.from('000100082112a442000102030405060708090a0b8022000461626364', 'hex');

describe('seeded mutations', () => {
  it(
    'of SIP, STUN, RTP and descriptions: the line lives, and a good call works after each hundred',
    async () => {
      process.stderr.write(`LIAISON_HOSTILE_SEED=${seed}\n`);
      const random = createRandom(seed);
      const answered = { descriptions: 0, refused: 0 };
      let held: Buffer[] = [];
      for (let round = 1; round <= count; round++) {
        const kind = random(20);
        if (kind < 13) {
          const all = requests(`c${seed}x${round}`);
          const bytes = damaged(all[random(all.length)]!, random);
          if (kind < 10) await over(running.sipPorts.udp, bytes.subarray(0, 60_000));
          else if (kind === 10) stream(running.sipPorts.tcp).end(bytes);
          else if (kind === 11) stream(tlsPort, true).end(bytes);
          else held.push(bytes);
        } else if (kind < 15) {
          await over(running.sipPorts.udp, damaged(stun(), random));
        } else if (kind < 18) {
          const rtp = buildRtp({
            payloadType: 0,
            sequence: random(65_536),
            timestamp: random(2 ** 31),
            ssrc: 1,
            payload: Buffer.alloc(160, 66),
          });
          const [port, bytes] = [standing.relayPort, damaged(random(2) ? rtp : stun(), random)];
          await over(port, bytes.subarray(0, 1480));
          await over(port + 1, bytes.subarray(0, 1480));
        } else {
          await describeBadly(
            damaged(Buffer.from(carol!.description()), random).toString('latin1'),
            round,
            answered,
          );
        }
        if (round % 100 !== 0) continue;
        if (held.length > 0) await overWebSocket(held);
        held = [];
        await allIsWell(`after ${round} mutations`);
      }
      // Nothing of a stranger was ever heard.
      expect(bob!.heard(66)).toBe(0);
      expect(answered.descriptions).toBeGreaterThan(0);
      expect(complaints()).toEqual([]);
    },
    120_000 + count * 200,
  );

  /** Who has signed in says it: in an offer, or in the answer to a good one. */
  async function describeBadly(
    sdp: string,
    round: number,
    answered: { descriptions: number; refused: number },
  ): Promise<void> {
    try {
      if (round % 2 === 0) dora!.answers = () => sdp;
      const call = await carol!.call(dora!.member.extension, round % 2 === 0 ? undefined : sdp);
      await call.hangUp();
    } catch (error) {
      if (!(error instanceof CallRefused)) throw error;
      answered.refused += 1;
    } finally {
      answered.descriptions += 1;
      dora!.answers = dora!.description;
    }
  }
});

describe('descriptions that nobody can answer', () => {
  it.each([
    ['a codec of nobody', /RTP\/AVP 0\r\na=rtpmap:0 PCMU/, 'RTP/AVP 97\r\na=rtpmap:97 EVS', 488],
    ['protection without a key', /RTP\/AVP/, 'RTP/SAVP', 488],
    ['DTLS without a certificate', /RTP\/AVP/, 'UDP/TLS/RTP/SAVP', 400],
    ['no audio', /m=audio/, 'm=video', 488],
    ['no description', /[\s\S]*/, 'nothing', 400],
  ] as const)('%s: refused by number, and nobody rings', async (_what, good, bad, status) => {
    const rung = dora!.calls.length;
    const offer = carol!.description().replace(good, bad);
    await expect(carol!.call(dora!.member.extension, offer)).rejects.toMatchObject({ status });
    expect(dora!.calls.length).toBe(rung);
  });
});

describe('what RFC 4475 tortures with, beside a call', () => {
  it.runIf(existsSync(corpus))(
    'each message over UDP, TCP, TLS and WebSocket: the call goes on',
    async () => {
      const messages = readdirSync(corpus).map((name) => readFileSync(join(corpus, name)));
      expect(messages.length).toBeGreaterThanOrEqual(49);
      for (const message of messages) {
        await over(running.sipPorts.udp, message);
        stream(running.sipPorts.tcp).end(message);
        stream(tlsPort, true).end(message);
      }
      await overWebSocket(messages);
      await allIsWell('after the torture');
      expect(complaints()).toEqual([]);
    },
    60_000,
  );
  if (!existsSync(corpus)) process.stderr.write(`DID NOT RUN: RFC 4475 beside a call (missing ${corpus})\n`);
});

describe('lies and floods, beside a call', () => {
  const options = (more: string, length = 'Content-Length: 0\r\n') =>
    `OPTIONS sip:${domain} SIP/2.0\r\n${more}From: <sip:a@h>;tag=1\r\nTo: <sip:b@h>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n${length}\r\n`;
  const via = (branch: string) => `Via: SIP/2.0/TCP ${attacker}:5060;branch=z9hG4bK${branch}\r\n`;

  it('a thousand Via headers, lengths that lie and messages without an end', async () => {
    for (let at = 0; at < 50; at++) {
      await over(running.sipPorts.udp, Buffer.from(options(via('many').repeat(1000))));
      stream(running.sipPorts.tcp).write(options(via('many').repeat(1000)));
      stream(running.sipPorts.tcp).write(options(via(`long${at}`), 'Content-Length: 60000\r\n'));
      stream(running.sipPorts.tcp).write(options(via(`huge${at}`), 'Content-Length: 4294967297\r\n'));
      stream(tlsPort, true).write(options(via(`minus${at}`), 'Content-Length: -1\r\n'));
      stream(tlsPort, true).write(options(via(`half${at}`)).slice(0, 40));
    }
    await allIsWell('beside the lies');
  }, 60_000);

  it('idle connections over TCP and TLS, and TLS that never shakes hands', async () => {
    for (let at = 0; at < 300; at++) {
      stream(running.sipPorts.tcp);
      stream(tlsPort); // nothing but TCP is ever said
      if (at % 3 === 0) stream(tlsPort, true);
    }
    await allIsWell('beside the idle');
  }, 60_000);

  it('what becomes of a call has one hop less than it: two telephones that send calls to each other end', async () => {
    const call = await carol!.call(dora!.member.extension);
    const arrived = dora!.invites.at(-1)!;
    expect(arrived.maxForwards).toBe(69);
    expect(Number(arrived.headers.get('max-breadth'))).toBeLessThanOrEqual(60);
    await call.hangUp();
  });

  it('a call that has no hops left is told so (RFC 3261 §16.3)', async () => {
    const invite = (branch: string, hops: number) =>
      `INVITE sip:4102@${domain} SIP/2.0\r\nVia: SIP/2.0/UDP ${attacker};rport;branch=z9hG4bK${branch}\r\nMax-Forwards: ${hops}\r\n` +
      `From: <sip:a@${domain}>;tag=loop${hops}\r\nTo: <sip:4102@${domain}>\r\nCall-ID: loop${hops}\r\nCSeq: 1 INVITE\r\n` +
      `Contact: <sip:a@${attacker}>\r\nContent-Length: 0\r\n\r\n`;
    const statuses: string[] = [];
    const hear = (bytes: Buffer) => {
      statuses.push(/^SIP\/2\.0 (\d+)/.exec(bytes.toString('latin1'))?.[1] ?? '');
    };
    udp.on('message', hear);
    try {
      await over(running.sipPorts.udp, Buffer.from(invite('none', 0)));
      await poll('483', async () => statuses.includes('483'));
    } finally {
      udp.off('message', hear);
    }
    await allIsWell('after the loops');
  });
});
