import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type SipMessage, SipRequest, SipResponse } from '../message/message.ts';
import { parseMessage } from '../message/parse.ts';
import { ParseError } from '../message/parse-error.ts';
import { createResponse } from '../message/response.ts';
import { serialise } from '../message/serialise.ts';
import { markSource } from '../transport/via.ts';
import { createQuickRefusal } from './quick-refusal.ts';

const source = { address: '192.0.2.1', port: 4711 };
const quick = createQuickRefusal({
  tag: 'ours',
  wasChallenged: (authorization) => authorization.includes('nonce="ours"'),
});

const request = (method: string, ...more: string[]) =>
  Buffer.from(
    [
      `${method} sip:estuaria.example SIP/2.0`,
      'Via: SIP/2.0/UDP 10.0.0.7:5060;branch=z9hG4bKabc;rport',
      'v: SIP/2.0/UDP 10.0.0.8;branch=z9hG4bKdef',
      'From: "Marta" <sip:marta@estuaria.example>;tag=f',
      ...(more.some((line) => /^to:/i.test(line)) ? [] : ['To: <sip:marta@estuaria.example>']),
      'Call-ID: one@10.0.0.7',
      `CSeq: 7 ${method}`,
      ...more,
      '',
      'v=0',
    ].join('\r\n'),
    'utf8',
  );

const refusal = () => quick.refusal(source.address, source.port, 4);

/** What parsing the request and answering it would have sent. */
function slowAnswer(bytes: Buffer): SipMessage {
  const parsed = parseMessage(bytes);
  if (!(parsed instanceof SipRequest)) throw new Error('a response');
  const local = { address: '192.0.2.9', port: 5060 };
  markSource(parsed, { id: '', protocol: 'udp', local, remote: source });
  return parseMessage(
    serialise(createResponse(parsed, 503, { toTag: 'ours', headers: [['retry-after', '4']] })),
  );
}

/** As far as it matters to whoever asked. */
function heard(message: SipMessage) {
  return {
    vias: message.vias.map((via) => ({
      ...via,
      params: [...via.params].sort(([one], [other]) => (one < other ? -1 : 1)),
    })),
    from: message.headers.get('from'),
    to: message.headers.get('to'),
    callId: message.headers.get('call-id'),
    cseq: message.headers.get('cseq'),
    retryAfter: message.headers.get('retry-after'),
    names: [...new Set([...message.headers].map(([name]) => name))].sort(),
  };
}

/** Whatever it is: it is left to the parser, or answered as who has parsed it would. */
function checkHostile(bytes: Buffer): 'left' | 'refused' {
  const before = Buffer.from(bytes);
  const isSeen = quick.looksAt(bytes);
  quick.acknowledges(bytes);
  if (!isSeen) return 'left';
  const answered = refusal();
  expect(bytes.equals(before)).toBe(true);
  expect(answered.toString('latin1')).toMatch(
    /^SIP\/2\.0 503 Service Unavailable\r\n(?:[^\r\n]+\r\n){5,20}Retry-After: 4\r\nContent-Length: 0\r\n\r\n$/,
  );
  let expected: SipMessage;
  try {
    expected = slowAnswer(bytes);
  } catch (error) {
    // A fault elsewhere in it (Contact, a name, the body): whoever has sent it can be answered, and is.
    if (!(error instanceof ParseError)) throw error;
    expect(error.request).toBeInstanceOf(SipRequest);
    return 'refused';
  }
  const answer = parseMessage(answered, { isWhole: true });
  expect(heard(answer)).toEqual(heard(expected));
  return 'refused';
}

describe('a datagram is refused without being parsed', () => {
  test.each(['REGISTER', 'INVITE', 'SUBSCRIBE'])('%s', (method) => {
    expect(quick.looksAt(request(method))).toBe(true);
    expect(quick).toMatchObject({ goesFirst: false, branch: 'z9hG4bKabc' });
    const response = parseMessage(refusal(), { isWhole: true });
    expect(response).toBeInstanceOf(SipResponse);
    expect(response).toMatchObject({ status: 503, callId: 'one@10.0.0.7', fromTag: 'f', toTag: 'ours' });
    expect(response.cseq).toMatchObject({ number: 7, method });
    expect(response.vias).toHaveLength(2);
    expect(Object.fromEntries(response.topVia.params)).toMatchObject({
      rport: '4711',
      received: '192.0.2.1',
    });
    expect(response.headers.get('retry-after')).toBe('4');
  });

  test.each([
    ['Authorization: Digest nonce="ours"', true],
    ['authorization : Digest nonce="ours"', true],
    ['Authorization: Digest nonce="foreign"', false],
    ['Proxy-Authorization: Digest nonce="ours"', false],
    ['Replaces: a;to-tag=b;from-tag=c', true],
  ])('with %s it goes first: %s', (line, goesFirst) => {
    expect(quick.looksAt(request('INVITE', line))).toBe(true);
    expect(quick.goesFirst).toBe(goesFirst);
  });

  test('each refusal has bytes of its own, for sending may keep them', () => {
    const first = Array.from({ length: 400 }, (_, at) => {
      expect(quick.looksAt(request('REGISTER', `Subject: ${at}`))).toBe(true);
      return quick.refusal(source.address, 1000 + at, 4);
    });
    for (const [at, bytes] of first.entries())
      expect(bytes.toString('latin1')).toContain(`;rport=${1000 + at};`);
  });

  test('an IPv6 zone stays here', () => {
    expect(quick.looksAt(request('INVITE'))).toBe(true);
    expect(quick.refusal('fe80::1%eth0', 4711, 4).toString('latin1')).toContain(';received=fe80::1\r\n');
  });

  test('its ACK is known by our tag', () => {
    const ack = (tag: string) => request('ACK', `To: <sip:marta@estuaria.example>;tag=${tag}`);
    expect(quick.acknowledges(ack('ours'))).toBe(true);
    expect(quick.acknowledges(ack('another'))).toBe(false);
    expect(quick.acknowledges(request('INVITE', 'To: <sip:m@e.example>;tag=ours'))).toBe(false);
  });

  const replaced = (from: string, to: string) =>
    Buffer.from(request('INVITE').toString('latin1').replace(from, to), 'latin1');
  test.each<[string, Buffer]>([
    ['one inside a dialog', request('INVITE', 'To: <sip:marta@estuaria.example>;tag=t')],
    ['one inside a dialog, spread out', request('INVITE', 'To: <sip:marta@estuaria.example>; \tTag = t')],
    ['an ACK', request('ACK')],
    ['a BYE', request('BYE')],
    ['a response', Buffer.from('SIP/2.0 200 OK\r\nVia: x\r\n\r\n')],
    ['a folded header', request('INVITE', 'Subject: a', ' b')],
    ['two From', request('INVITE', 'f: <sip:x@y>')],
    [
      'a head without end',
      Buffer.from('INVITE sip:x SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx;rport\r\n'),
    ],
    ['no rport', replaced(';rport', '')],
    ['an rport that is filled in', replaced(';rport', ';rport=5060')],
    ['one that says where it came from', replaced(';rport', ';rport;received=192.0.2.7')],
    ['two values in the top Via', replaced(';rport', ';rport, SIP/2.0/UDP h;branch=z9hG4bKx')],
    ['an old branch', replaced('z9hG4bKabc', '1')],
    ['a branch that is the cookie', replaced('z9hG4bKabc', 'z9hG4bK')],
    ['a Via by another transport', replaced('SIP/2.0/UDP 10.0.0.7', 'SIP/2.0/TCP 10.0.0.7')],
    ['a Via below that is none', replaced('SIP/2.0/UDP 10.0.0.8', 'nothing')],
    ['a CSeq of another method', replaced('CSeq: 7 INVITE', 'CSeq: 7 REGISTER')],
    ['a lone line feed', replaced('"Marta"', '"Mar\nta"')],
    ['a lone carriage return', replaced('"Marta"', '"Mar\rta"')],
    ['a zero', replaced('"Marta"', '"Mar\0ta"')],
    ['an open quote in To', request('INVITE', 'To: "Marta <sip:marta@estuaria.example>')],
    ['something huge', request('INVITE', `Subject: ${'x'.repeat(5000)}`)],
    ['hundreds of lines', request('INVITE', ...Array.from({ length: 300 }, () => 'a:b'))],
    ['nothing', Buffer.alloc(0)],
  ])('not %s', (_what, bytes) => {
    expect(quick.looksAt(bytes)).toBe(false);
  });
});

describe('what it answers is what would have been answered after parsing', () => {
  const token = fc.stringMatching(/^[A-Za-z0-9\-.!%*_+`'~]{1,20}$/);
  const user = fc.stringMatching(/^[a-z0-9]{1,12}$/);
  const host = fc.constantFrom('10.0.0.7', 'telephone.estuaria.example', '[2001:db8::7]', '10.0.0.7:5062');
  const spaces = fc.constantFrom('', ' ', '  ', '\t');
  const flag = fc.constantFrom('', ';alias', ';keep');
  const name = fc.constantFrom('', 'Marta ', '"Marta" ', '"Zoé, Núñez" ', 'Zoé ');
  const nameOf = (long: string, short: string) => fc.constantFrom(long, short, long.toUpperCase());
  const message = fc
    .record({
      method: fc.constantFrom('REGISTER', 'INVITE', 'SUBSCRIBE'),
      via: fc.tuple(nameOf('Via', 'v'), spaces, host, token, flag, fc.boolean()),
      below: fc.array(fc.tuple(host, token), { maxLength: 3 }),
      from: fc.tuple(nameOf('From', 'f'), spaces, name, user, token),
      to: fc.tuple(nameOf('To', 't'), spaces, fc.constantFrom('', '"Marta" ', 'Marta '), user, spaces),
      callId: fc.tuple(nameOf('Call-ID', 'i'), token),
      cseq: fc.tuple(fc.constantFrom('CSeq', 'cseq'), fc.nat(2 ** 31 - 1), fc.constantFrom(' ', '  ')),
      more: fc.array(fc.constantFrom('Max-Forwards: 70', 'Expires: 60', 'Supported: path', 'Subject: x'), {
        maxLength: 3,
      }),
      order: fc.array(fc.nat(100), { minLength: 9, maxLength: 9 }),
      body: fc.string({ maxLength: 40 }),
    })
    .map(({ method, via, below, from, to, callId, cseq, more, order, body }) => {
      const [viaName, viaSpace, viaHost, branch, alias, isLast] = via;
      const marks = isLast
        ? `;branch=z9hG4bK${branch}${alias};rport`
        : `;rport${alias};branch=z9hG4bK${branch}`;
      const lines = [
        `${from[0]}${from[1]}:${from[1]}${from[2]}<sip:${from[3]}@estuaria.example>;tag=${from[4]}`,
        `${to[0]}:${to[1]}${to[2]}<sip:${to[3]}@estuaria.example>${to[4]}`,
        `${callId[0]}: ${callId[1]}@10.0.0.7`,
        `${cseq[0]}: ${cseq[1]}${cseq[2]}${method}`,
        ...new Set(more),
      ]
        .map((line, at) => ({ line, at: order[at]! }))
        .sort((one, other) => one.at - other.at)
        .map(({ line }) => line);
      return Buffer.from(
        [
          `${method} sip:estuaria.example SIP/2.0`,
          `${viaName}:${viaSpace}SIP/2.0/UDP ${viaHost}${marks}`,
          ...below.map(
            ([place, mark], at) => `${at === 0 ? 'v' : 'VIA'}: SIP/2.0/UDP ${place};branch=z9hG4bK${mark}`,
          ),
          ...lines,
          '',
          body,
        ].join('\r\n'),
      );
    });

  test('for any usual request', () => {
    fc.assert(
      fc.property(message, (bytes) => {
        // A number of ten digits is left to the parser, like all that is not usual.
        if (quick.looksAt(bytes)) expect(checkHostile(bytes)).toBe('refused');
        else expect(bytes.toString()).toMatch(/cseq: \d{10}/i);
        expect(heard(slowAnswer(bytes)).to).toContain(';tag=ours');
      }),
      { numRuns: 300 },
    );
  });

  test('for whatever becomes of one that was changed anywhere', () => {
    const pieces = [
      '\r\n',
      '\r',
      '\n',
      ' ',
      ';',
      ',',
      '"',
      '<',
      '>',
      ';tag=x',
      ';rport',
      ':',
      '\0',
      '\\',
      'é',
    ];
    const change = fc.tuple(fc.nat(600), fc.nat(12), fc.constantFrom('', ...pieces));
    let refused = 0;
    fc.assert(
      fc.property(message, fc.array(change, { minLength: 1, maxLength: 4 }), (bytes, changes) => {
        let mutated = bytes;
        for (const [at, cut, piece] of changes) {
          const from = at % (mutated.length + 1);
          mutated = Buffer.concat([
            mutated.subarray(0, from),
            Buffer.from(piece),
            mutated.subarray(from + cut),
          ]);
        }
        if (checkHostile(mutated) === 'refused') refused += 1;
      }),
      { numRuns: 3000 },
    );
    expect(refused).toBeGreaterThan(40);
  });

  const folder = fileURLToPath(
    new URL('../../../../../shared/corpora/rfc4475/tests/fixtures/rfc4475/', import.meta.url),
  );
  const torture = existsSync(folder) ? readdirSync(folder) : [];
  if (torture.length === 0)
    process.stderr.write(`DID NOT RUN: RFC 4475 quick refusals (missing ${folder})\n`);

  test.each(torture.map((file) => [file]))('for %s of RFC 4475', (file) => {
    const bytes = readFileSync(`${folder}${file}`);
    checkHostile(bytes);
    // Most have no `rport`; with it more of them come this far.
    const text = bytes
      .toString('latin1')
      .replace(/^(v(?:ia)?\s*:\s*SIP\/2\.0\/UDP [^;,\r\n]+)/im, '$1;rport');
    checkHostile(Buffer.from(text, 'latin1'));
  });
});
