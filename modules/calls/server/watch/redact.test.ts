import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHead } from './message-head.ts';
import { redactMessage, redactSdp } from './redact.ts';

const message = (lines: readonly string[], body = ''): Buffer =>
  Buffer.from([...lines, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n'));

const invite = message(
  [
    'INVITE sip:1204:hunter2@estuaria.example;user=phone SIP/2.0',
    'Via: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK1',
    'From: "Inês Carvalhal" <sip:4110@estuaria.example>;tag=a',
    't: Njeri Wambuto <sip:4111@estuaria.example>',
    'Call-ID: abc@192.0.2.7',
    'CSeq: 2 INVITE',
    'Authorization: Digest username="ines-x", realm="estuaria.example",',
    '  nonce="secretnonce", response="0123456789abcdef"',
    'Subject: about the harbour',
    'Content-Type: application/sdp',
  ],
  [
    'v=0',
    'o=- 1 1 IN IP4 192.0.2.7',
    's=Inês’s telephone',
    'c=IN IP4 192.0.2.7',
    'm=audio 4000 RTP/SAVP 0',
    'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^20',
    'a=ice-pwd:opensesame',
    'k=clear:swordfish',
    '',
  ].join('\r\n'),
);

describe('what is kept of a message', () => {
  it('is the way it went, without credentials, keys, passwords, names and words', () => {
    const kept = redactMessage(invite);
    for (const gone of [
      'hunter2',
      'secretnonce',
      '0123456789abcdef',
      'ines-x',
      'Inês',
      'Njeri',
      'harbour',
      'd0Rm',
      'opensesame',
      'swordfish',
    ])
      expect(kept).not.toContain(gone);
    for (const stays of [
      'INVITE sip:1204:…@estuaria.example;user=phone SIP/2.0',
      'branch=z9hG4bK1',
      'From: <sip:4110@estuaria.example>;tag=a',
      't: <sip:4111@estuaria.example>',
      'Authorization: Digest …',
      'm=audio 4000 RTP/SAVP 0',
      'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:…',
    ])
      expect(kept).toContain(stays);
  });

  it('is nothing of what somebody wrote', () => {
    const kept = redactMessage(
      message(
        [
          'MESSAGE sip:4111@estuaria.example SIP/2.0',
          'Call-ID: m',
          'CSeq: 1 MESSAGE',
          'Content-Type: text/plain',
        ],
        'meet me at nine',
      ),
    );
    expect(kept).toContain('[15 bytes of text/plain, not kept]');
    expect(kept).not.toContain('nine');
    const keys = redactMessage(
      message(
        ['INFO sip:a@b SIP/2.0', 'Call-ID: m', 'CSeq: 1 INFO', 'c: application/dtmf-relay'],
        'Signal=7\r\nDuration=160',
      ),
    );
    expect(keys).not.toContain('Signal');
  });

  it('never has a secret, whatever stands around it', () => {
    const line = fc.stringMatching(/^[ -~]{0,40}$/);
    fc.assert(
      fc.property(
        fc.constantFrom(
          'Authorization',
          'proxy-authorization',
          'WWW-Authenticate',
          'Authentication-Info',
          'Cookie',
        ),
        fc.array(line, { maxLength: 5 }),
        fc.constantFrom(': ', ':', ' : ', ':\r\n '),
        (name, others, colon) => {
          const kept = redactMessage(
            Buffer.from(
              [
                'REGISTER sip:x SIP/2.0',
                ...others,
                `${name}${colon}Digest nonce="Zq9Zq9"`,
                ...others,
                '',
                '',
              ].join('\r\n'),
            ),
          );
          // A line that was empty before it begins the body, of which nothing is kept either.
          return !kept.includes('Zq9Zq9');
        },
      ),
    );
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 5 }),
        (lines) =>
          !redactSdp([...lines, 'a=crypto:1 X inline:Zq9Zq9', ...lines].join('\n')).includes('Zq9Zq9'),
      ),
    );
  });

  it('survives any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(redactMessage(Buffer.from(bytes)).length).toBeLessThan(30_000);
        readHead(Buffer.from(bytes));
      }),
    );
  });
});

describe('the head of a message', () => {
  it('tells what it is and which call it is of, in long and in compact form', () => {
    expect(readHead(invite)).toEqual({ callId: 'abc@192.0.2.7', method: 'INVITE', title: 'INVITE' });
    expect(readHead(Buffer.from('SIP/2.0 180 Ringing\r\ni : x\r\ncseq:7  INVITE\r\n\r\n'))).toEqual({
      callId: 'x',
      method: 'INVITE',
      title: '180 Ringing',
    });
    expect(readHead(Buffer.from('\r\n\r\n'))).toBeUndefined();
  });
});
