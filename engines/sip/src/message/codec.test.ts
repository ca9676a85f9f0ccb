import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Headers } from './headers.ts';
import { SipRequest, SipResponse } from './message.ts';
import { formatNameAddr, type NameAddr, parseNameAddr } from './name-addr.ts';
import { messageBounds, parseMessage } from './parse.ts';
import { ParseError } from './parse-error.ts';
import { serialise } from './serialise.ts';
import { formatReason, formatVia, parseAuth, parseReason, parseVia } from './typed-headers.ts';
import { formatUri, isSipUri, parseSipUri, parseUri, type SipUri, uriEquals } from './uri.ts';

const tokenCharacters = [..."ABCxyz019-.!%*_+`'~"];
const token = fc.string({ unit: fc.constantFrom(...tokenCharacters), minLength: 1, maxLength: 12 });
const hostName = fc.oneof(
  fc.domain(),
  fc.ipV4(),
  fc
    .ipV6()
    .filter((text) => !text.includes('%'))
    .map((text) => `[${text.toLowerCase()}]`),
);
const port = fc.integer({ min: 1, max: 65_535 });
/** Any text but lone surrogates, which no bytes can carry. */
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });

const uriParams = fc
  .uniqueArray(
    fc.tuple(
      fc.stringMatching(/^[a-z][a-z0-9-]{0,7}$/),
      fc.option(fc.stringMatching(/^[A-Za-z0-9\-_.!~*'()[\]/:&+$]{1,8}$/)),
    ),
    { selector: ([name]) => name, maxLength: 5 },
  )
  .map((entries) => new Map<string, string | null>(entries));

const sipUri: fc.Arbitrary<SipUri> = fc
  .record(
    {
      scheme: fc.constantFrom('sip' as const, 'sips' as const),
      user: text,
      host: hostName.map((host) => host.toLowerCase()),
      port,
      params: uriParams,
    },
    { requiredKeys: ['scheme', 'host', 'params'] },
  )
  .map((uri) => ({ ...uri }));

const nameAddr: fc.Arbitrary<NameAddr> = fc
  .record(
    {
      displayName: text.map((name) => name.replace(/[\r\n]/g, ' ')).filter((name) => name.trim() !== ''),
      uri: sipUri,
      params: fc
        .uniqueArray(
          fc.tuple(
            token.map((name) => name.toLowerCase()),
            fc.option(text),
          ),
          {
            selector: ([name]) => name,
            maxLength: 4,
          },
        )
        .map((entries) => new Map(entries.map(([n, v]) => [n, v?.replace(/[\r\n]/g, ' ') ?? null] as const))),
    },
    { requiredKeys: ['uri', 'params'] },
  )
  .map((address) => ({ ...address }));

describe('round trips', () => {
  test('URIs', () => {
    fc.assert(
      fc.property(sipUri, (uri) => {
        expect(parseUri(formatUri(uri))).toEqual(uri);
        expect(uriEquals(uri, parseUri(formatUri(uri)))).toBe(true);
      }),
    );
  });

  test('name-addr', () => {
    fc.assert(
      fc.property(
        nameAddr,
        (address) => void expect(parseNameAddr(formatNameAddr(address))).toEqual(address),
      ),
    );
  });

  test('requests', () => {
    fc.assert(
      fc.property(
        token,
        sipUri,
        nameAddr,
        nameAddr,
        fc.uint8Array({ maxLength: 200 }),
        (method, uri, from, to, body) => {
          const request = new SipRequest(
            method,
            formatUri(uri),
            new Headers([
              ['v', 'SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKx, SIP/2.0/TCP [::1]:5060;branch=z9hG4bKy'],
              ['From', formatNameAddr(from)],
              ['t', formatNameAddr(to)],
              ['Call-ID', 'a@b'],
              ['CSeq', `17 ${method}`],
            ]),
            Buffer.from(body),
          );
          const read = parseMessage(serialise(request)) as SipRequest;
          expect(read.method).toBe(method);
          expect(read.uri).toEqual(uri);
          expect(read.from).toEqual(from);
          expect(read.to).toEqual(to);
          expect(read.body.equals(Buffer.from(body))).toBe(true);
          expect(read.vias).toHaveLength(2);
          expect(serialise(read).equals(serialise(request))).toBe(true);
        },
      ),
    );
  });

  test('responses', () => {
    const response = new SipResponse(200, 'Tout va bien, merci « là-bas »', [
      ['via', 'SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKx'],
      ['from', '<sip:a@example.com>;tag=1'],
      ['to', '<sip:b@example.com>;tag=2'],
      ['call-id', 'x'],
      ['cseq', '1 INVITE'],
    ]);
    const read = parseMessage(serialise(response));
    expect(read).toMatchObject({ kind: 'response', status: 200, reasonPhrase: response.reasonPhrase });
  });

  test('Via and Reason', () => {
    const via = parseVia('SIP / 2.0 / udp [2001:db8::1]:5070 ;rport; branch=z9hG4bKa ;received=192.0.2.1');
    expect(parseVia(formatVia(via))).toEqual(via);
    const reason = { protocol: 'SIP', cause: 200, text: 'Call "completed" elsewhere' };
    expect(parseReason(formatReason(reason))).toEqual(reason);
    expect(parseReason('Q.850 ;cause=16')).toEqual({ protocol: 'Q.850', cause: 16 });
    expect(parseReason(';;;')).toBeUndefined();
  });
});

describe('URIs', () => {
  test.each([
    ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtlanTa.CoM;Transport=tcp', true],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5', true],
    ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;newparam=5', true],
    [
      'sip:alice@atlanta.com?subject=a&priority=urgent',
      'sip:alice@atlanta.com?priority=urgent&subject=a',
      true,
    ],
    ['SIP:ALICE@AtLanTa.CoM;Transport=udp', 'sip:alice@AtLanTa.CoM;Transport=UDP', false],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060', false],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;transport=udp', false],
    ['sip:bob@biloxi.com:5060', 'sip:bob@biloxi.com:6000;transport=tcp', false],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting', false],
    ['sip:bob@phone21.boxesbybob.com', 'sip:bob@192.0.2.4', false],
    ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;security=off', false],
  ])('%s and %s: %s (RFC 3261 §19.1.4)', (a, b, equal) => {
    expect(uriEquals(parseUri(a), parseUri(b))).toBe(equal);
    expect(uriEquals(parseUri(b), parseUri(a))).toBe(equal);
  });

  test.each([
    'sip:',
    'sip:@host',
    'sip:a@',
    'sip:a@ho st',
    'sip:a@host:0',
    'sip:a@host:65536',
    'a@b',
    'sip:a@host;x;x',
  ])('%s is refused', (uri) => {
    expect(() => parseSipUri(uri)).toThrow(ParseError);
  });

  test('other schemes keep their text', () => {
    const uri = parseUri('tel:+351-21-555-0100;ext=7');
    expect(isSipUri(uri)).toBe(false);
    expect(formatUri(uri)).toBe('tel:+351-21-555-0100;ext=7');
  });
});

describe('bounds', () => {
  const head = (extra = '') =>
    `OPTIONS sip:a@example.com SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\nFrom: <sip:a@h>;tag=1\r\n` +
    `To: <sip:b@h>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n${extra}\r\n`;
  const refusal = (message: string): number | undefined => {
    try {
      parseMessage(Buffer.from(message));
      return undefined;
    } catch (error) {
      return (error as ParseError).status;
    }
  };

  test.each([
    ['a long line', `X: ${'x'.repeat(messageBounds.lineLength)}\r\n`, 513],
    ['too many lines', 'X: y\r\n'.repeat(messageBounds.headerLines), 513],
    ['a long head', `X: ${'x'.repeat(8000)}\r\n`.repeat(5), 513],
    ['too many Via values', `${'Via: SIP/2.0/UDP h;branch=z9hG4bKx\r\n'.repeat(70)}`, 513],
    ['a long body', `Content-Length: ${messageBounds.bodyBytes + 1}\r\n`, 413],
    ['a lone LF', 'X: a\nVia: b\r\n', 400],
    ['a lone CR', 'X: a\rVia: b\r\n', 400],
    ['a line without a name', ': x\r\n', 400],
    ['two Max-Forwards', 'Max-Forwards: 1\r\nMax-Forwards: 2\r\n', 400],
  ])('%s is refused', (_what, extra, status) => {
    expect(refusal(head(extra))).toBe(status);
  });

  test('header injection is refused where headers are written', () => {
    const request = new SipRequest('OPTIONS', 'sip:a@h', [['subject', 'a\r\nVia: evil']]);
    expect(() => serialise(request)).toThrow(ParseError);
    expect(() => serialise(new SipRequest('OPTIONS', 'sip:a@h SIP/2.0\r\nX:', []))).toThrow(ParseError);
  });

  test('text that is not UTF-8 is read as Latin-1', () => {
    const bytes = Buffer.from(head().replace('To: <sip:b@h>', 'To: "Jo\xe3o" <sip:b@h>'), 'latin1');
    expect(parseMessage(bytes).to.displayName).toBe('João');
  });
});

describe('authentication headers', () => {
  test('are read whatever their order, spacing and quoting', () => {
    const header = parseAuth('Digest  username="a\\"b", realm="x, y" ,qop=auth,nc=00000001,uri="sip:h;a=b"');
    expect(header.scheme).toBe('Digest');
    expect(Object.fromEntries(header.params)).toEqual({
      username: 'a"b',
      realm: 'x, y',
      qop: 'auth',
      nc: '00000001',
      uri: 'sip:h;a=b',
    });
  });

  test.each(['', 'Digest realm="x', 'Digest realm', 'Digest a=1, a=2'])('%s is refused', (value) => {
    expect(() => parseAuth(value)).toThrow(ParseError);
  });
});
