import { expect, test } from 'vitest';
import { exampleSdp } from '../../testing/registrar-fixture.ts';
import { createStreamFramer } from '../transport/framing.ts';
import { parseMessage } from './parse.ts';
import { ParseError } from './parse-error.ts';
import { serialise } from './serialise.ts';

/*
 * Mutated messages: whatever comes, the parser answers a message or a ParseError, soon. `SIP_FUZZ_SEED` repeats a run,
 * `SIP_FUZZ_COUNT` makes it longer.
 */
const seed = Number(process.env.SIP_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 32));
const count = Number(process.env.SIP_FUZZ_COUNT ?? 10_000);
/** Far above what any message may take, so that only something worse than linear exceeds it on a busy machine. */
const limitMs = 250;
/** Time that this process was given, so that a busy machine is not taken for a slow parser. */
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const samples = [
  `INVITE sip:marta@estuaria.example SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bKa1\r\n` +
    `Record-Route: <sip:p1.example.com;lr>, <sip:p2.example.com;lr>\r\nMax-Forwards: 70\r\n` +
    `From: "Tom\\"ás" <sip:tom%C3%A1s@estuaria.example>;tag=1\r\nTo: <sip:marta@estuaria.example>\r\n` +
    `Call-ID: a@b\r\nCSeq: 1 INVITE\r\nContact: <sip:x@192.0.2.1;ob>;+sip.instance="<urn:uuid:0>"\r\n` +
    `Authorization: Digest username="a", realm="b", nonce="c", uri="sip:d", response="e", qop=auth, nc=00000001\r\n` +
    `Content-Type: application/sdp\r\nContent-Length: ${exampleSdp().length}\r\n\r\n${exampleSdp()}`,
  `SIP/2.0 200 OK\r\nv: SIP/2.0/TCP h;branch=z9hG4bKx\r\nf: sip:a@h;tag=1\r\nt: sip:b@h;tag=2\r\ni: x\r\n` +
    `CSeq: 7 REGISTER\r\nm: <sip:a@h>;expires=60, sip:b@h;q=0.5\r\nl: 0\r\n\r\n`,
].map((message) => Buffer.from(message));

/** mulberry32: small, and the same everywhere. */
function createRandom(start: number): (below: number) => number {
  let state = start;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const hostile = [
  '\r\n',
  '\r\n ',
  '"',
  '<',
  '>',
  ',',
  ';',
  '=',
  ':',
  '%',
  '%zz',
  '\\',
  '\0',
  '@',
  '[',
  ' ',
  '\t',
  '\xff',
  '*',
  '9'.repeat(40),
];

function mutate(random: (below: number) => number): Buffer {
  let bytes = Buffer.from(samples[random(samples.length)]!);
  for (let left = 1 + random(6); left > 0; left--) {
    const at = random(bytes.length + 1);
    switch (random(5)) {
      case 0:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random(12))]);
        break;
      case 1: {
        const piece = hostile[random(hostile.length)]!.repeat(random(20) === 0 ? 2000 : 1 + random(3));
        bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(piece, 'latin1'), bytes.subarray(at)]);
        break;
      }
      case 2:
        if (at < bytes.length) bytes[at] = random(256);
        break;
      case 3: {
        const from = random(bytes.length);
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          bytes.subarray(from, from + random(80)),
          bytes.subarray(at),
        ]);
        break;
      }
      default:
        bytes = Buffer.concat([bytes.subarray(0, at)]);
    }
    if (bytes.length === 0) bytes = Buffer.from('\r\n\r\n');
  }
  return bytes;
}

function readEverything(bytes: Buffer): void {
  const message = parseMessage(bytes);
  for (const read of [
    () => message.contacts,
    () => message.routes,
    () => message.recordRoutes,
    () => message.require,
    () => message.reason,
    () => message.expires,
    () => message.authHeaders('authorization'),
    () => serialise(message),
  ]) {
    try {
      read();
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
    }
  }
}

test(`${count} mutated messages from seed ${seed} are read or refused`, () => {
  process.stderr.write(`SIP_FUZZ_SEED=${seed}\n`);
  const random = createRandom(seed);
  let accepted = 0;
  let slowestMs = 0;
  for (let round = 0; round < count; round++) {
    const bytes = mutate(random);
    const startMs = cpuMs();
    try {
      readEverything(bytes);
      accepted++;
    } catch (error) {
      if (!(error instanceof ParseError)) {
        throw new Error(`Round ${round}: ${JSON.stringify(bytes.toString('latin1'))}`, { cause: error });
      }
    }
    slowestMs = Math.max(slowestMs, cpuMs() - startMs);
  }
  // Both must happen, or the mutations are too mild or too wild to try anything.
  expect(accepted).toBeGreaterThan(count / 50);
  expect(accepted).toBeLessThan(count);
  expect(slowestMs).toBeLessThan(limitMs);
}, 120_000);

test(`streams of mutated messages from seed ${seed} are cut or refused, whatever the pieces`, () => {
  const random = createRandom(seed ^ 0x5bd1e995);
  for (let round = 0; round < Math.min(count, 2_000); round++) {
    const framer = createStreamFramer();
    const bytes = Buffer.concat([mutate(random), samples[0]!, mutate(random)]);
    for (let at = 0; at < bytes.length; ) {
      const next = at + 1 + random(400);
      if (framer.push(bytes.subarray(at, next)).fault) break;
      at = next;
    }
    expect(framer.pendingBytes).toBeLessThanOrEqual(bytes.length);
  }
});

test.each([
  ['quotes', `"${'\\"'.repeat(4000)}`],
  ['escapes', '%'.repeat(8000)],
  ['commas', ','.repeat(8000)],
  ['semicolons', ';a'.repeat(4000)],
  ['angle brackets', '<'.repeat(8000)],
  ['spaces', `a${' '.repeat(8000)}b`],
  ['backslashes', `"${'\\'.repeat(8000)}`],
])('a line full of %s takes no more than its length', (_what, value) => {
  const startMs = cpuMs();
  for (const name of [
    'Via',
    'Contact',
    'Route',
    'Reason',
    'Authorization',
    'From',
    'To',
    'CSeq',
    'Call-ID',
    'Expires',
  ]) {
    const text = samples[1]!.toString('latin1').replace('l: 0', `${name}: ${value}\r\nl: 0`);
    try {
      readEverything(Buffer.from(text, 'latin1'));
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
    }
  }
  expect(cpuMs() - startMs).toBeLessThan(limitMs * 4);
});
