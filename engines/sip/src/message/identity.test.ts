import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { poll } from '../../testing/poll.ts';
import { type RawPeer, startRawPeer } from '../../testing/raw-peer.ts';
import { address, exampleSdp, startPhone } from '../../testing/registrar-fixture.ts';
import { type InviteSession, parseSipUri, type UserAgent } from '../index.ts';
import { hopsFor } from '../user-agent/hops.ts';
import {
  assertedIdentities,
  extendHistory,
  formatHistory,
  parseHistory,
  preferredIdentities,
  privacyOf,
} from './identity.ts';
import { SipRequest } from './message.ts';
import { parseMultipart } from './multipart.ts';
import { parseNameAddr } from './name-addr.ts';
import { ParseError } from './parse-error.ts';

const invite = (headers: [string, string][]) => new SipRequest('INVITE', 'sip:b@h', headers);

describe('history (RFC 7044)', () => {
  test('grows by one place for each diversion, and tells why', () => {
    const first = extendHistory([], parseNameAddr('<sip:101@estuaria.example>'));
    const second = extendHistory(first, parseNameAddr('<sip:102@estuaria.example>'), {
      by: 'mp',
      status: 486,
    });
    expect(formatHistory(second)).toBe(
      '<sip:101@estuaria.example?Reason=SIP%3Bcause%3D486>;index=1, <sip:102@estuaria.example>;index=1.1;mp=1',
    );
    const read = parseHistory(invite([['history-info', formatHistory(second)]]));
    expect(read.map(({ index }) => index)).toEqual(['1', '1.1']);
    expect(read[1]!.derived).toEqual({ by: 'mp', from: '1' });
  });

  test('faulty entries are left out', () => {
    const read = parseHistory(
      invite([['history-info', '<sip:a@h>;index=1, <sip:b@h>, <sip:c@h>;index=x, <sip:d@h>;index=1.2']]),
    );
    expect(read.map(({ index }) => index)).toEqual(['1', '1.2']);
    expect(parseHistory(invite([['history-info', '"unbalanced']]))).toEqual([]);
  });
});

test('privacy and identities are read', () => {
  const request = invite([
    ['privacy', 'id; Critical'],
    ['p-asserted-identity', '"Marta" <sip:marta@estuaria.example>, <tel:+351215550100>'],
    ['p-preferred-identity', 'not an address'],
  ]);
  expect([...privacyOf(request)]).toEqual(['id', 'critical']);
  expect(assertedIdentities(request).map(({ uri }) => uri.scheme)).toEqual(['sip', 'tel']);
  expect(preferredIdentities(request)).toEqual([]);
});

test('hops and breadth are divided, and end (RFC 5393)', () => {
  expect(hopsFor(invite([['max-forwards', '3']]), 4)).toEqual({ maxForwards: 2, maxBreadth: 15 });
  expect(() => hopsFor(invite([['max-forwards', '0']]))).toThrow('Too Many Hops');
  expect(() => hopsFor(invite([['max-breadth', '2']]), 3)).toThrow('Max-Breadth Exceeded');
});

describe('multipart bodies (RFC 5621)', () => {
  const mixed = (...parts: string[]) =>
    Buffer.from(`${parts.map((part) => `--b\r\n${part}\r\n`).join('')}--b--\r\n`);

  test('parts are told apart', () => {
    const parts = parseMultipart(
      'multipart/mixed;boundary=b',
      mixed(
        'Content-Type: application/sdp\r\n\r\nv=0\r\n',
        '\r\nplain',
        'Content-Disposition: x;handling=required\r\n\r\n',
      ),
    );
    expect(
      parts.map(({ contentType, body, isRequired }) => [contentType, body.toString(), isRequired]),
    ).toEqual([
      ['application/sdp', 'v=0\r\n', false],
      ['text/plain', 'plain', false],
      ['text/plain', '', true],
    ]);
  });

  test('whatever comes is read or refused', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('--b', '--b--', '\r\n', '\r\n\r\n', 'Content-Type: a/b', 'x'), {
          maxLength: 40,
        }),
        (pieces) => {
          try {
            expect(
              parseMultipart('multipart/mixed;boundary=b', Buffer.from(pieces.join(''))).length,
            ).toBeLessThan(17);
          } catch (error) {
            if (!(error instanceof ParseError)) throw error;
          }
        },
      ),
    );
  });
});

describe('over the wire', () => {
  let agent: UserAgent;
  let peer: RawPeer;
  let sessions: InviteSession[];
  let requests: SipRequest[];
  afterEach(async () => {
    await agent.stop();
    await peer.close();
  });

  async function setUp(isTrusted: boolean): Promise<void> {
    sessions = [];
    requests = [];
    const started = await startPhone(
      (session) => {
        sessions.push(session);
        requests.push(session.request!);
        session.reject(486);
      },
      { trusts: () => isTrusted },
    );
    agent = started.agent;
    peer = await startRawPeer(started.port);
  }

  const identity: [string, string][] = [
    ['p-asserted-identity', '<sip:director@estuaria.example>'],
    ['history-info', '<sip:101@estuaria.example>;index=1'],
  ];

  test.each([true, false])(
    'an asserted identity is believed inside the trust domain only: %s',
    async (isTrusted) => {
      await setUp(isTrusted);
      peer.request('INVITE', { sdp: exampleSdp(), headers: identity });
      await peer.next(486);
      expect(assertedIdentities(requests[0]!)).toHaveLength(isTrusted ? 1 : 0);
      expect(parseHistory(requests[0]!)).toHaveLength(isTrusted ? 1 : 0);
    },
  );

  test.each([true, false])(
    'an identity that is to stay private leaves the trust domain never: %s',
    async (isTrusted) => {
      await setUp(isTrusted);
      agent.invite({
        target: parseSipUri(`sip:peer@127.0.0.1:${peer.port}`),
        from: parseNameAddr('"Marta" <sip:marta@estuaria.example>'),
        to: address('b'),
        offer: exampleSdp(),
        identity: { asserted: address('marta'), isPrivate: true },
        history: extendHistory([], address('101')),
        hops: { maxForwards: 7, maxBreadth: 5 },
      });
      const request = await peer.nextRequest('INVITE');
      expect(request.headers.has('p-asserted-identity')).toBe(isTrusted);
      expect(request.headers.has('history-info')).toBe(isTrusted);
      expect(request.headers.get('privacy')).toBe('id');
      expect(request.maxForwards).toBe(7);
      expect(request.headers.get('max-breadth')).toBe('5');
      // RFC 3323 §4.1.1.3
      expect(request.headers.get('from')).toMatch(/^"?Anonymous"? <sip:anonymous@anonymous.invalid>;tag=/);
      expect(request.contacts).toMatchObject([{ uri: expect.not.objectContaining({ user: 'marta' }) }]);
      peer.answer(request, 486);
      await poll('the end', () => agent.sessions.size === 0);
    },
  );

  test('SDP among other parts is found; a part that must be understood is refused', async () => {
    await setUp(false);
    const body = (disposition: string) =>
      `--b\r\nContent-Type: application/pidf+xml\r\n${disposition}\r\n<presence/>\r\n` +
      `--b\r\nContent-Type: application/sdp\r\n\r\n${exampleSdp()}\r\n--b--\r\n`;
    const headers: [string, string][] = [['content-type', 'multipart/mixed;boundary=b']];
    peer.send(multipart('first', body(''), headers));
    await peer.next(486);
    expect(sessions[0]!.remoteOffer).toBe(exampleSdp());
    peer.send(multipart('second', body('Content-Disposition: render;handling=required\r\n'), headers));
    await peer.next(415);
  });

  function multipart(callId: string, body: string, headers: [string, string][]): SipRequest {
    return new SipRequest(
      'INVITE',
      'sip:agent@127.0.0.1',
      [
        ['via', `SIP/2.0/UDP 127.0.0.1:${peer.port};rport;branch=z9hG4bK${callId}`],
        ['from', '<sip:peer@h>;tag=1'],
        ['to', '<sip:agent@h>'],
        ['call-id', callId],
        ['cseq', '1 INVITE'],
        ['contact', `<sip:peer@127.0.0.1:${peer.port}>`],
        ...headers,
      ],
      body,
    );
  }
});
