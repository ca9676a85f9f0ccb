import { describe, expect, test } from 'vitest';
import { SipResponse } from '../message/message.ts';
import { parseMessage } from '../message/parse.ts';
import { glanceAt } from './quick-refusal.ts';

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
    'latin1',
  );
const source = { address: '192.0.2.1', port: 4711 };

describe('a datagram is refused without being parsed', () => {
  test.each(['REGISTER', 'INVITE', 'SUBSCRIBE'])('%s', (method) => {
    const glance = glanceAt(request(method));
    expect(glance).toMatchObject({ goesFirst: false, branch: 'z9hG4bKabc' });
    const response = parseMessage(Buffer.from(glance!.refusal(source, 4, 'ours'), 'latin1'), {
      isWhole: true,
    });
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
    ['Authorization: Digest x'],
    ['proxy-authorization: Digest x'],
    ['Replaces: a;to-tag=b;from-tag=c'],
  ])('with %s it goes first', (line) => {
    expect(glanceAt(request('INVITE', line))?.goesFirst).toBe(true);
  });

  test.each<[string, Buffer]>([
    ['one inside a dialog', request('INVITE', 'To: <sip:marta@estuaria.example>;tag=t')],
    ['an ACK', request('ACK')],
    ['a BYE', request('BYE')],
    ['a response', Buffer.from('SIP/2.0 200 OK\r\nVia: x\r\n\r\n')],
    ['a folded header', request('INVITE', 'Subject: a', ' b')],
    ['two From', request('INVITE', 'f: <sip:x@y>')],
    [
      'a head without end',
      Buffer.from('INVITE sip:x SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx;rport\r\n'),
    ],
    ['no rport', Buffer.from(request('INVITE').toString('latin1').replace(';rport', ''), 'latin1')],
    ['an old branch', Buffer.from(request('INVITE').toString('latin1').replace('z9hG4bKabc', '1'), 'latin1')],
    ['something huge', request('INVITE', `Subject: ${'x'.repeat(5000)}`)],
    ['nothing', Buffer.alloc(0)],
  ])('not %s', (_what, bytes) => {
    expect(glanceAt(bytes)).toBeUndefined();
  });
});
