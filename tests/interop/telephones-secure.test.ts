import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { openTelephoneLab, type TelephoneLab } from '../testing/telephone-lab.ts';

/** Debian's baresip over TLS, and SIP over WebSocket at the web server's door. */
let lab: TelephoneLab;

beforeAll(async () => {
  lab = await openTelephoneLab();
});
afterAll(() => lab?.close());

it('two telephones register over TLS, ring each other and hang up', async () => {
  const alice = await lab.telephone(lab.alice, { transport: 'tls' });
  const bob = await lab.telephone(lab.bob, { transport: 'tls' });
  await alice.dial(lab.addressOf(lab.bob));
  await bob.waitFor('CALL_INCOMING');
  await bob.accept();
  await alice.waitFor('CALL_ESTABLISHED');
  await bob.waitFor('CALL_ESTABLISHED');
  await alice.hangup();
  await bob.waitFor('CALL_CLOSED');
});

it('SIP over WebSocket is taken over from the web server (RFC 7118)', async () => {
  const socket = new WebSocket(`${lab.running.url.replace('http', 'ws')}/sip`, 'sip');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    const answer = new Promise<string>((resolve) => socket.once('message', (data) => resolve(String(data))));
    socket.send(
      `REGISTER sip:${lab.domain} SIP/2.0\r\nVia: SIP/2.0/WS x.invalid;branch=z9hG4bKsecure\r\nMax-Forwards: 70\r\n` +
        `From: <sip:somebody@${lab.domain}>;tag=1\r\nTo: <sip:somebody@${lab.domain}>\r\nCall-ID: secure\r\n` +
        'CSeq: 1 REGISTER\r\nContact: <sip:x@x.invalid;transport=ws>\r\nContent-Length: 0\r\n\r\n',
    );
    expect(await answer).toMatch(/^SIP\/2\.0 401 /);
  } finally {
    socket.terminate();
  }
});
