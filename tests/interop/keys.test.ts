import { createUserAgent, type InviteSession, parseSipUri, type UserAgent } from '@liaison/sip';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LabTelephone, openTelephoneLab, type TelephoneLab } from '../testing/telephone-lab.ts';
import { plainBaresip, shown } from '../testing/telephone-rows.ts';

/**
 * Keys between Debian's baresip, which speaks telephone events (RFC 4733), and a telephone that offers none and says its keys
 * by SIP INFO: each hears the other's.
 */
const row = { ...plainBaresip, sound: '–' } as const;
let lab: TelephoneLab;
let bob: LabTelephone;
let agent: UserAgent;
let session: InviteSession;
const infos: string[] = [];

/** A desk telephone of old: G.711 and nothing else. */
const sdp = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0']
  .concat(['m=audio 49170 RTP/AVP 0', 'a=rtpmap:0 PCMU/8000', 'a=sendrecv', ''])
  .join('\r\n');

beforeAll(async () => {
  lab = await openTelephoneLab();
  bob = await lab.telephone(lab.bob, { answerMode: 'auto' });
  const { username, secret } = await lab.running.telephone(lab.alice);
  agent = createUserAgent({
    userAgent: 'Old telephone',
    transports: [{ protocol: 'udp', host: '127.0.0.1', port: 0 }],
    handlers: { credentials: async () => null, realmFor: () => null, register: async () => [], invite() {} },
  });
  await agent.start();
  const name = (user: string) => ({
    uri: { scheme: 'sip' as const, user, host: lab.domain, params: new Map() },
    params: new Map(),
  });
  session = agent.invite({
    target: parseSipUri(`sip:${lab.bob.extension}@127.0.0.1:${lab.portOf('udp')}`),
    from: name(username),
    to: name(lab.bob.extension),
    offer: sdp,
    auth: { username, password: secret },
  });
  const accepted = new Promise<void>((resolve, reject) => {
    session.on = {
      accepted: () => resolve(),
      rejected: (status, reason) => reject(new Error(`${status} ${reason}`)),
      info: (contentType, body) => infos.push(`${contentType} ${body.toString()}`),
    };
  });
  await accepted;
}, 60_000);
afterAll(async () => {
  await session?.bye();
  await agent?.stop();
  await lab?.close();
});

it('INFO of both types is heard as telephone events', async () => {
  const from = bob.events.length;
  await session.info('application/dtmf-relay', 'Signal=5\r\nDuration=120\r\n');
  await session.info('application/dtmf', '#');
  await expect(session.info('application/something', '9')).rejects.toThrow('Unsupported Media Type');
  await session.info('application/dtmf-relay', 'Signal=A\r\n');
  const keys = () =>
    bob.events
      .slice(from)
      .filter(({ type }) => type === 'CALL_DTMF_START')
      .map(({ param }) => param)
      .join('');
  await expect.poll(keys, { timeout: 10_000 }).toBe('5#A');
  await shown({ ...row, also: ['is called', 'keys'], result: 'SIP INFO comes as RFC 4733' });
});

it('telephone events are said by INFO to whoever agreed to none', async () => {
  infos.length = 0;
  await bob.dtmf('42*');
  await expect.poll(() => infos.length, { timeout: 10_000 }).toBe(3);
  expect(
    infos.map((info) => /^application\/dtmf-relay Signal=(.)\r\nDuration=160\r\n$/.exec(info)?.[1]),
  ).toEqual(['4', '2', '*']);
  await shown({ ...row, also: ['is called', 'keys'], result: 'RFC 4733 goes as SIP INFO' });
});
