import { afterEach, describe, expect, test } from 'vitest';
import { poll } from '../../testing/poll.ts';
import { startRawPeer } from '../../testing/raw-peer.ts';
import { address, exampleSdp, startPhone } from '../../testing/registrar-fixture.ts';
import {
  type IncomingReferral,
  type InviteSession,
  isSipUri,
  parseNameAddr,
  parseSipUri,
  replacesOf,
  type UserAgent,
} from '../index.ts';

const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.stop();
});

interface Telephone {
  agent: UserAgent;
  port: number;
  sessions: InviteSession[];
  events: string[];
  referrals: IncomingReferral[];
}

async function telephone(): Promise<Telephone> {
  const made: Omit<Telephone, 'agent' | 'port'> = { sessions: [], events: [], referrals: [] };
  const { agent, port } = await startPhone(
    (session) => {
      made.sessions.push(session);
      session.on = {
        ended: ({ by, reason }) => void made.events.push(`ended ${by} ${reason?.text ?? ''}`.trim()),
        referred: (referral) => void made.referrals.push(referral),
      };
      session.accept(exampleSdp()).catch(() => {});
    },
    { handlers: { refer: (referral) => void made.referrals.push(referral) } },
  );
  open.push(agent);
  return { agent, port, ...made };
}

async function call(from: Telephone, to: Telephone, extra: Partial<Parameters<UserAgent['invite']>[0]> = {}) {
  const session = from.agent.invite({
    target: parseSipUri(`sip:b@127.0.0.1:${to.port}`),
    from: address('a'),
    to: address('b'),
    offer: exampleSdp(),
    ...extra,
  });
  session.on = {
    ended: ({ by, reason }) => void from.events.push(`ended ${by} ${reason?.text ?? ''}`.trim()),
    rejected: (status) => void from.events.push(`rejected ${status}`),
    referred: (referral) => void from.referrals.push(referral),
  };
  await poll('the answer', () => session.state !== 'early');
  return session;
}

test('a blind transfer: accepted, told how it goes, and done', async () => {
  const [alice, bob] = [await telephone(), await telephone()];
  const session = await call(alice, bob);
  const progress: number[] = [];
  const outcome = session.refer({
    target: parseNameAddr('<sip:carla@127.0.0.1:9>'),
    referredBy: address('a'),
    progress: (status) => void progress.push(status),
  });
  const referral = await poll('the REFER', () => bob.referrals[0]);
  expect(referral).toMatchObject({ method: 'INVITE', principal: 'anybody' });
  expect(isSipUri(referral.target.uri) && referral.target.uri.user).toBe('carla');
  expect(isSipUri(referral.referredBy!.uri) && referral.referredBy!.uri.user).toBe('a');
  referral.accept();
  await poll('100', () => progress.includes(100));
  referral.notify(180);
  await poll('180', () => progress.includes(180));
  referral.notify(200);
  expect(await outcome).toBe(200);
  // Another one in the same call is told apart (RFC 3515 §2.4.6).
  const second = session.refer({ target: parseNameAddr('<sip:carla@127.0.0.1:9>') });
  const next = await poll('the next REFER', () => bob.referrals[1]);
  next.accept();
  next.notify(486);
  expect(await second).toBe(486);
  const refused = session.refer({ target: parseNameAddr('<sip:nobody@127.0.0.1:9>') });
  (await poll('the third', () => bob.referrals[2])).reject(603);
  await expect(refused).rejects.toMatchObject({ status: 603 });
  await session.bye();
});

test('an attended transfer: the new call takes the place of the old one', async () => {
  const [alice, bob, carla] = [await telephone(), await telephone(), await telephone()];
  const withBob = await call(alice, bob);
  const withCarla = await call(alice, carla);
  const outcome = withBob.refer({
    target: parseNameAddr(`<sip:c@127.0.0.1:${carla.port}>`),
    replaces: replacesOf(withCarla),
  });
  const referral = await poll('the REFER', () => bob.referrals[0]);
  expect(referral.replaces).toMatchObject({ callId: withCarla.callId });
  referral.accept();
  const { uri } = referral.target;
  if (!isSipUri(uri) || !referral.replaces) throw new Error('No target');
  const between = await call(bob, carla, { target: uri, replaces: referral.replaces });
  referral.notify(200);
  expect(await outcome).toBe(200);
  expect(carla.sessions[1]!.replaces).toBe(carla.sessions[0]);
  await poll('the end of the old call', () => withCarla.state === 'ended');
  expect(carla.events).toEqual(['ended local Call replaced']);
  expect(alice.events).toEqual(['ended remote Call replaced']);
  expect(between.state).toBe('confirmed');
  await withBob.bye();
  await between.bye();
});

test('outside of a call, and without wanting to be told (RFC 4488)', async () => {
  const bob = await telephone();
  const peer = await startRawPeer(bob.port);
  open.push({ stop: () => peer.close() });
  const target: [string, string] = ['refer-to', '<sip:c@h;method=BYE>'];
  peer.request('REFER', { headers: [target] });
  const first = await poll('the REFER', () => bob.referrals[0]);
  expect(first.method).toBe('BYE');
  first.accept();
  await peer.next(202);
  const notify = await peer.nextRequest('NOTIFY');
  expect(notify.headers.get('event')).toBe('refer');
  expect(notify.headers.get('content-type')).toMatch(/^message\/sipfrag/);
  expect(notify.body.toString()).toBe('SIP/2.0 100 Trying\r\n');
  peer.answer(notify, 200);
  first.notify(200);
  const last = await peer.nextRequest('NOTIFY');
  expect(last.headers.get('subscription-state')).toBe('terminated;reason=noresource');
  peer.answer(last, 200);
  peer.request('REFER', { callId: 'silent', headers: [target, ['refer-sub', 'false']] });
  const silent = await poll('the next', () => bob.referrals[1]);
  silent.accept();
  expect((await peer.next(202)).headers.get('refer-sub')).toBe('false');
  silent.notify(200);
  expect(peer.count('NOTIFY')).toBe(2);
});

describe('SUBSCRIBE in the dialog of a REFER (RFC 3515 §2.4.4)', () => {
  const refresh = (toTag: string, cseq: number, expires: number, event = 'refer') => ({
    toTag,
    cseq,
    headers: [
      ['event', event],
      ['expires', String(expires)],
    ] as [string, string][],
  });

  test('refreshes what it told so far, and ends it', async () => {
    const bob = await telephone();
    const peer = await startRawPeer(bob.port);
    open.push({ stop: () => peer.close() });
    const notice = async () => {
      const notify = await peer.nextRequest('NOTIFY');
      peer.answer(notify, 200);
      return `${notify.headers.get('subscription-state')} ${notify.body}`;
    };
    peer.request('REFER', { headers: [['refer-to', '<sip:c@h>']] });
    const referral = await poll('the REFER', () => bob.referrals[0]);
    referral.accept();
    const { toTag = '' } = await peer.next(202);
    expect(await notice()).toMatch(/^active;expires=300 SIP\/2.0 100 /);
    referral.notify(180);
    expect(await notice()).toMatch(/^active;expires=\d+ SIP\/2.0 180 /);

    peer.request('SUBSCRIBE', refresh(toTag, 2, 60));
    const refreshed = await peer.next(200);
    expect(refreshed.headers.get('expires')).toBe('60');
    expect(refreshed.headers.has('contact')).toBe(true);
    expect(await notice()).toMatch(/^active;expires=60 SIP\/2.0 180 /);
    // By the number of its REFER too (§2.4.6); more than there is, too little, and what it is not.
    peer.request('SUBSCRIBE', refresh(toTag, 3, 9000, 'refer;id=1'));
    expect((await peer.next(200)).headers.get('expires')).toBe('300');
    await notice();
    peer.request('SUBSCRIBE', refresh(toTag, 4, 5));
    expect((await peer.next(423)).headers.get('min-expires')).toBe('10');
    peer.request('SUBSCRIBE', refresh(toTag, 5, 60, 'refer;id=7'));
    await peer.next(481);
    peer.request('SUBSCRIBE', refresh(toTag, 6, 60, 'no event'));
    await peer.next(489);

    peer.request('SUBSCRIBE', refresh(toTag, 7, 0));
    await peer.next(200);
    expect(await notice()).toMatch(/^terminated;reason=timeout SIP\/2.0 180 /);
    referral.notify(200);
    peer.request('SUBSCRIBE', refresh(toTag, 8, 60));
    await peer.next(481);
    expect(peer.count('NOTIFY')).toBe(5);
  });

  test('inside a call, each of two by its number', async () => {
    const bob = await telephone();
    const peer = await startRawPeer(bob.port);
    open.push({ stop: () => peer.close() });
    peer.request('INVITE', { sdp: exampleSdp() });
    const { toTag = '' } = await peer.next(200);
    peer.request('ACK', { toTag });
    for (const cseq of [2, 3]) {
      peer.request('REFER', { toTag, cseq, headers: [['refer-to', '<sip:c@h>']] });
      (await poll('the REFER', () => bob.referrals[cseq - 2])).accept();
      await peer.next(202);
      peer.answer(await peer.nextRequest('NOTIFY'), 200);
    }
    peer.request('SUBSCRIBE', refresh(toTag, 4, 0, 'refer;id=3'));
    await peer.next(200);
    const last = await peer.nextRequest('NOTIFY');
    expect(last.headers.get('event')).toBe('refer;id=3');
    expect(last.headers.get('subscription-state')).toBe('terminated;reason=timeout');
    peer.answer(last, 200);
    peer.request('SUBSCRIBE', refresh(toTag, 5, 60));
    await peer.next(200);
    const goesOn = await peer.nextRequest('NOTIFY');
    expect(goesOn.headers.get('event')).toBe('refer');
    expect(goesOn.headers.get('subscription-state')).toBe('active;expires=60');
    peer.answer(goesOn, 200);
    peer.request('SUBSCRIBE', refresh(toTag, 6, 60, 'dialog'));
    await peer.next(489);
  });
});

test.each([
  ['no Refer-To', [] as [string, string][]],
  [
    'two',
    [
      ['refer-to', '<sip:a@h>'],
      ['refer-to', '<sip:b@h>'],
    ] as [string, string][],
  ],
  [
    'a line break in a header of its URI',
    [['refer-to', '<sip:a@h?Replaces=x%0D%0AVia:y>']] as [string, string][],
  ],
  ['a Replaces that is none', [['refer-to', '<sip:a@h?Replaces=x>']] as [string, string][]],
  ['a broken escape', [['refer-to', '<sip:a@h?Replaces=%ff>']] as [string, string][]],
])('a REFER with %s is refused', async (_what, headers) => {
  const bob = await telephone();
  const peer = await startRawPeer(bob.port);
  open.push({ stop: () => peer.close() });
  peer.request('REFER', { headers });
  await peer.next(400);
  expect(bob.referrals).toHaveLength(0);
});

test('an INVITE that would replace what is not there, or may not be replaced, is refused', async () => {
  const [alice, bob] = [await telephone(), await telephone()];
  const session = await call(alice, bob);
  const replaces = replacesOf(session);
  await call(alice, bob, { replaces: { ...replaces, toTag: 'other' } });
  expect(alice.events).toEqual(['rejected 481']);
  await call(alice, bob, { replaces: { ...replaces, isEarlyOnly: true } });
  expect(alice.events).toEqual(['rejected 481', 'rejected 486']);
  expect(session.state).toBe('confirmed');
  await session.bye();
});
