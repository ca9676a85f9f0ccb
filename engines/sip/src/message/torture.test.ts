import { createSocket } from 'node:dgram';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMarker, isMarker } from '../../testing/marker.ts';
import { type RegistrarFixture, startRegistrar } from '../../testing/registrar-fixture.ts';
import { parseMessage } from './parse.ts';
import { ParseError } from './parse-error.ts';
import { serialise } from './serialise.ts';

const folder = fileURLToPath(
  new URL('../../../../../shared/corpora/rfc4475/tests/fixtures/rfc4475/', import.meta.url),
);
const isHere = existsSync(folder);

/**
 * What the codec says (`ok`, or the status of its ParseError), and what a registrar answers over UDP: a status, or
 * null for silence. Sections are RFC 4475's.
 */
const verdicts: Readonly<Record<string, readonly ['ok' | number, number | null]>> = {
  // §3.1.1 valid messages
  wsinv: ['ok', 481], // its To has a tag: a dialog that we do not have
  intmeth: ['ok', 501],
  esc01: ['ok', 401],
  escnull: ['ok', 401],
  esc02: ['ok', 501],
  lwsdisp: ['ok', 200],
  longreq: ['ok', 401],
  dblreq: ['ok', 401], // the second message in the datagram is ignored
  semiuri: ['ok', 200],
  transports: ['ok', 200],
  mpart01: ['ok', 405],
  unreason: ['ok', null],
  noreason: ['ok', null],
  // §3.1.2 invalid messages
  badinv01: [400, null], // its only Via cannot be read: nowhere to answer
  clerr: [400, 400],
  ncl: [400, 400],
  scalar02: [400, 400],
  scalarlg: [400, null],
  quotbal: [400, 400],
  ltgtruri: [400, 400],
  lwsruri: [400, 400],
  lwsstart: [400, 400],
  trws: [400, 400],
  escruri: [400, 400],
  baddate: ['ok', 401], // Date is of no interest to us
  regbadct: ['ok', 401], // refused as 400 once signed in: see parse-registration.test.ts
  badaspec: ['ok', 200], // spaces inside <> are forgiven, as the RFC allows
  baddn: [400, 400],
  badvers: [505, 505],
  mismatch01: [400, 400],
  mismatch02: [400, 400],
  bigcode: [400, null],
  // §3.2 transaction layer
  badbranch: ['ok', 200],
  // §3.3 application layer
  insuf: [400, null], // without To, From and Call-ID no answer can be built
  unkscm: ['ok', 416],
  novelsc: ['ok', 416],
  unksm2: ['ok', 401],
  bext01: ['ok', 420],
  invut: ['ok', 401], // 415 once signed in
  regaut01: ['ok', 401],
  multi01: [400, 400],
  mcl01: [400, 400],
  bcast: ['ok', null],
  zeromf: ['ok', 200], // OPTIONS ends here
  cparam01: ['ok', 401],
  cparam02: ['ok', 401],
  regescrt: ['ok', 401],
  sdp01: ['ok', 401], // 406 once signed in
  // §3.4 backward compatibility
  inv2543: ['ok', 401],
  // not from the RFC
  test: [400, null],
};

if (!isHere) {
  test('the RFC 4475 messages are not here: the torture tests did not run', () => {
    process.stderr.write(`DID NOT RUN: RFC 4475 torture tests (missing ${folder})\n`);
  });
}

describe.runIf(isHere)('RFC 4475', () => {
  const names = isHere ? readdirSync(folder).map((name) => name.replace(/\.dat$/, '')) : [];
  const read = (name: string) => readFileSync(`${folder}${name}.dat`);
  // Anew for each: several messages have the same branch, so one would count as another's retransmission.
  let server: RegistrarFixture;
  beforeEach(async () => {
    server = await startRegistrar({});
  });
  afterEach(() => server.stop());

  test('each message has a verdict, and each verdict a message', () => {
    expect(names.sort()).toEqual(Object.keys(verdicts).sort());
  });

  test.each(Object.entries(verdicts))('%s', async (name, [codec, answer]) => {
    const bytes = read(name);
    let verdict: 'ok' | number = 'ok';
    try {
      const message = parseMessage(bytes);
      // What was read can be written and read again, to the same bytes.
      const written = serialise(message);
      expect(serialise(parseMessage(written)).equals(written)).toBe(true);
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      verdict = error.status;
    }
    expect(verdict).toBe(codec);
    expect(await statusOver(server.port, bytes)).toBe(answer);
  });

  test('escapes, quotes and folding are understood', () => {
    const wsinv = parseMessage(read('wsinv'));
    expect(wsinv.toTag).toBe('1918181833n');
    expect(wsinv.from.displayName).toBe('J Rosenberg \\"');
    expect(wsinv.cseq).toEqual({ number: 9, method: 'INVITE' });
    expect(wsinv.vias.map((via) => via.transport)).toEqual(['UDP', 'TCP', 'UDP']);
    const esc01 = parseMessage(read('esc01'));
    expect(esc01.kind === 'request' && esc01.uri).toMatchObject({
      user: 'sips:user@example.com',
      host: 'example.net',
    });
    const semiuri = parseMessage(read('semiuri'));
    expect(semiuri.kind === 'request' && semiuri.uri).toMatchObject({ user: 'user;par=u@example.net' });
    const cparam01 = parseMessage(read('cparam01'));
    expect(cparam01.contacts).toMatchObject([{ params: new Map([['unknownparam', null]]) }]);
    const cparam02 = parseMessage(read('cparam02'));
    expect(cparam02.contacts).toMatchObject([{ uri: { params: new Map([['unknownparam', null]]) } }]);
  });
});

/** Sends one datagram and a marker after it; answers the status that came before the marker's, or null. */
function statusOver(port: number, bytes: Buffer): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    const statuses: number[] = [];
    socket.once('error', reject);
    socket.on('message', (answer) => {
      const text = answer.toString('latin1');
      if (isMarker(text)) {
        socket.close();
        resolve(statuses[0] ?? null);
      } else {
        const status = /^SIP\/2\.0 ([0-9]{3})/.exec(text)?.[1];
        if (status && status !== '100') statuses.push(Number(status));
      }
    });
    socket.send(bytes, port, '127.0.0.1', () => socket.send(createMarker('UDP'), port, '127.0.0.1'));
  });
}
