import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { poll } from '../../testing/poll.ts';
import { type RawPeer, type RawRequest, startRawPeer } from '../../testing/raw-peer.ts';
import { address, exampleSdp, startPhone } from '../../testing/registrar-fixture.ts';
import {
  createManualClock,
  type InviteSession,
  type ManualClock,
  parseSipUri,
  type UserAgent,
} from '../index.ts';

/* The agent's clock is turned by hand; the sockets are real, and the other side says only what a test tells it to. */

let clock: ManualClock;
let agent: UserAgent;
let peer: RawPeer;
let incoming: (session: InviteSession) => void;
let events: string[];

beforeEach(async () => {
  clock = createManualClock();
  incoming = (session) => session.reject(480);
  const started = await startPhone((session) => incoming(session), { clock });
  agent = started.agent;
  peer = await startRawPeer(started.port);
  events = [];
});
afterEach(async () => {
  await agent.stop();
  await peer.close();
  expect(clock.pending).toBe(0);
});

function listen(session: InviteSession): InviteSession {
  session.on = {
    progress: (status) => void events.push(`progress ${status}`),
    accepted: () => void events.push('accepted'),
    rejected: (status) => void events.push(`rejected ${status}`),
    cancelled: (reason) => void events.push(`cancelled${reason?.cause ? ` ${reason.cause}` : ''}`),
    ended: ({ by }) => void events.push(`ended ${by}`),
    reinvited: async () => exampleSdp(2),
  };
  return session;
}

const reason = { protocol: 'SIP', cause: 200, text: 'Call completed elsewhere' };

describe('outgoing', () => {
  function call(): InviteSession {
    return listen(
      agent.invite({
        target: parseSipUri(`sip:peer@127.0.0.1:${peer.port}`),
        from: address('tomás'),
        to: address('marta'),
        offer: exampleSdp(),
      }),
    );
  }

  test('CANCEL waits for a provisional response, and has the branch and number of its INVITE', async () => {
    const session = call();
    const invite = await peer.nextRequest('INVITE');
    session.cancel(reason);
    await clock.advanceAsync(400);
    expect(peer.count('CANCEL')).toBe(0);
    peer.answer(invite, 180);
    const cancel = await peer.nextRequest('CANCEL');
    expect(cancel.topVia.branch).toBe(invite.topVia.branch);
    expect(cancel.cseq.number).toBe(invite.cseq.number);
    expect(cancel.uriText).toBe(invite.uriText);
    expect(cancel.reason).toEqual(reason);
    expect(cancel.toTag).toBeUndefined();
    peer.answer(cancel, 200);
    peer.answer(invite, 487);
    await peer.next('ACK');
    await poll('the end', () => session.state === 'ended');
    expect(events).toEqual(['cancelled 200']);
  });

  test('a 200 that crosses CANCEL is acknowledged and hung up', async () => {
    const session = call();
    const invite = await peer.nextRequest('INVITE');
    peer.answer(invite, 180);
    await poll('ringing', () => events.includes('progress 180'));
    session.cancel(reason);
    const cancel = await peer.nextRequest('CANCEL');
    peer.answer(invite, 200, { sdp: exampleSdp() });
    const ack = await peer.nextRequest('ACK');
    expect(ack.cseq.number).toBe(invite.cseq.number);
    const bye = await peer.nextRequest('BYE');
    expect(bye.reason).toEqual(reason);
    expect(bye.cseq.number).toBeGreaterThan(invite.cseq.number);
    peer.answer(bye, 200);
    peer.answer(cancel, 481);
    await poll('the end', () => session.state === 'ended');
    expect(events).toEqual(['progress 180', 'cancelled 200']);
  });

  test('without any answer after CANCEL the session ends in 64*T1', async () => {
    const session = call();
    const invite = await peer.nextRequest('INVITE');
    peer.answer(invite, 180);
    await poll('ringing', () => events.includes('progress 180'));
    session.cancel();
    await peer.next('CANCEL');
    await clock.advanceAsync(32_000);
    expect(events).toEqual(['progress 180', 'cancelled']);
    expect(session.state).toBe('ended');
  });

  test('no answer at all is rejected as 408', async () => {
    call();
    await peer.next('INVITE');
    await clock.advanceAsync(32_000);
    expect(events).toEqual(['rejected 408']);
  });

  test('ringing for ever is cancelled and rejected as 408', async () => {
    call();
    const invite = await peer.nextRequest('INVITE');
    peer.answer(invite, 180);
    await poll('ringing', () => events.includes('progress 180'));
    await clock.advanceAsync(180_000);
    peer.answer(await peer.nextRequest('CANCEL'), 200);
    peer.answer(invite, 487);
    await poll('the end', () => events.includes('rejected 408'));
  });

  test('each repeated 200 gets the same ACK again', async () => {
    const session = call();
    const invite = await peer.nextRequest('INVITE');
    peer.answer(invite, 200, { sdp: exampleSdp() });
    const first = await peer.nextRequest('ACK');
    peer.answer(invite, 200, { sdp: exampleSdp() });
    const second = await peer.nextRequest('ACK');
    expect(second.topVia.branch).toBe(first.topVia.branch);
    expect(first.topVia.branch).not.toBe(invite.topVia.branch);
    expect(events).toEqual(['accepted']);
    const ended = session.bye();
    peer.answer(await peer.nextRequest('BYE'), 200);
    await ended;
  });

  test('a second fork that answers is acknowledged and hung up; the first goes on', async () => {
    const session = call();
    const invite = await peer.nextRequest('INVITE');
    peer.answer(invite, 180, { toTag: 'one' });
    peer.answer(invite, 180, { toTag: 'two' });
    peer.answer(invite, 200, { toTag: 'one', sdp: exampleSdp() });
    expect((await peer.nextRequest('ACK')).toTag).toBe('one');
    peer.answer(invite, 200, { toTag: 'two', sdp: exampleSdp() });
    expect((await peer.nextRequest('ACK')).toTag).toBe('two');
    const bye = await peer.nextRequest('BYE');
    expect(bye.toTag).toBe('two');
    peer.answer(bye, 200);
    expect(session.state).toBe('confirmed');
    expect(events).toEqual(['progress 180', 'progress 180', 'accepted']);
    const ended = session.bye();
    const last = await peer.nextRequest('BYE');
    expect(last.toTag).toBe('one');
    peer.answer(last, 200);
    await ended;
  });

  test('a route set is turned round and used, with a loose and with a strict router', async () => {
    for (const [routes, uri, route] of [
      [
        ['<sip:p2.example.com;lr>', '<sip:p1.example.com;lr>'],
        /^sip:peer@127/,
        ['<sip:p1.example.com;lr>', '<sip:p2.example.com;lr>'],
      ],
      [
        ['<sip:p2.example.com;lr>', '<sip:p1.example.com>'],
        /^sip:p1.example.com$/,
        ['<sip:p2.example.com;lr>', /^<sip:peer@127/],
      ],
    ] as const) {
      const session = call();
      const invite = await peer.nextRequest('INVITE');
      peer.answer(invite, 200, { sdp: exampleSdp(), headers: [['record-route', routes.join(', ')]] });
      const ack = await peer.nextRequest('ACK');
      expect(ack.uriText).toMatch(uri);
      expect(ack.headers.list('route')).toEqual(route.map((one) => expect.stringMatching(one)));
      const ended = session.bye();
      peer.answer(await peer.nextRequest('BYE'), 200);
      await ended;
    }
  });

  test('glare is tried again after the time of who owns the Call-ID', async () => {
    const session = call();
    peer.answer(await peer.nextRequest('INVITE'), 200, { sdp: exampleSdp() });
    await peer.next('ACK');
    const renegotiated = session.reinvite(exampleSdp(3));
    peer.answer(await peer.nextRequest('INVITE'), 491);
    await peer.next('ACK');
    await clock.advanceAsync(2_099);
    expect(peer.count('INVITE')).toBe(2);
    await clock.advanceAsync(2_000);
    peer.answer(await peer.nextRequest('INVITE'), 200, { sdp: exampleSdp(9) });
    expect(await renegotiated).toBe(exampleSdp(9));
    const ended = session.bye();
    peer.answer(await peer.nextRequest('BYE'), 200);
    await ended;
  });

  test('while we wait after glare, theirs is taken, and ours goes out when it is done', async () => {
    const session = call();
    const invite = await peer.nextRequest('INVITE');
    peer.answer(invite, 200, { sdp: exampleSdp() });
    await peer.next('ACK');
    const renegotiated = session.reinvite(exampleSdp(3));
    peer.answer(await peer.nextRequest('INVITE'), 491);
    await peer.next('ACK');
    const dialog = { callId: invite.callId, toTag: invite.fromTag! };
    peer.request('INVITE', { ...dialog, cseq: 7, sdp: exampleSdp(4) });
    expect((await peer.next(200)).body.toString()).toBe(exampleSdp(2));
    await clock.advanceAsync(4_100);
    expect(peer.count('INVITE')).toBe(2);
    peer.request('ACK', { ...dialog, cseq: 7 });
    peer.answer(await peer.nextRequest('INVITE'), 200, { sdp: exampleSdp(9) });
    expect(await renegotiated).toBe(exampleSdp(9));
  });

  test('a session that the other side no longer knows ends', async () => {
    const session = call();
    peer.answer(await peer.nextRequest('INVITE'), 200, { sdp: exampleSdp() });
    await peer.next('ACK');
    const renegotiated = session.reinvite(exampleSdp(3));
    peer.answer(await peer.nextRequest('INVITE'), 481);
    await expect(renegotiated).rejects.toMatchObject({ status: 481 });
    expect(events).toEqual(['accepted', 'ended remote']);
  });
});

describe('incoming', () => {
  let session: InviteSession;
  let outcome: string;

  /** An INVITE that the agent accepts at once; answers the To tag. */
  async function acceptCall(): Promise<string> {
    outcome = 'open';
    incoming = (one) => {
      session = listen(one);
      one.accept(exampleSdp()).then(
        () => {
          outcome = 'acknowledged';
        },
        () => {
          outcome = 'failed';
        },
      );
    };
    peer.request('INVITE', { sdp: exampleSdp(), cseq: 1 });
    return (await peer.next(200)).toTag!;
  }

  test('the 200 is repeated until its ACK comes', async () => {
    const toTag = await acceptCall();
    await clock.advanceAsync(1_600);
    await peer.next(200);
    await peer.next(200);
    peer.request('ACK', { toTag });
    await poll('the ACK', () => outcome === 'acknowledged');
    await clock.advanceAsync(40_000);
    expect(peer.count(200)).toBe(3);
    expect(session.state).toBe('confirmed');
  });

  test('a lost ACK ends the session by timeout, with BYE', async () => {
    await acceptCall();
    await clock.advanceAsync(32_000);
    peer.answer(await peer.nextRequest('BYE'), 200);
    expect(outcome).toBe('failed');
    expect(events).toEqual(['ended timeout']);
    expect(session.state).toBe('ended');
  });

  test('BYE waits for the ACK', async () => {
    const toTag = await acceptCall();
    const ended = session.bye();
    await clock.advanceAsync(600);
    expect(peer.count('BYE')).toBe(0);
    peer.request('ACK', { toTag });
    peer.answer(await peer.nextRequest('BYE'), 200);
    await ended;
    expect(events).toEqual(['ended local']);
  });

  test('BYE that waits for the ACK is done when theirs comes first', async () => {
    const toTag = await acceptCall();
    const ended = session.bye();
    peer.request('BYE', { toTag, cseq: 2 });
    await ended;
    expect(events).toEqual(['ended remote']);
    expect(peer.count('BYE')).toBe(0);
  });

  test('CANCEL before the answer ends it with 487; after it, it has no effect', async () => {
    incoming = (one) => listen(one).ring();
    peer.request('INVITE', { sdp: exampleSdp(), branch: 'z9hG4bKearly', callId: 'early' });
    await peer.next(180);
    peer.request('CANCEL', {
      branch: 'z9hG4bKearly',
      callId: 'early',
      headers: [['reason', 'SIP;cause=200;text="Call completed elsewhere"']],
    });
    await peer.next(487);
    await peer.next(200);
    expect(events).toEqual(['cancelled 200']);
    peer.request('ACK', { branch: 'z9hG4bKearly', callId: 'early' });

    incoming = (one) =>
      void listen(one)
        .accept(exampleSdp())
        .catch(() => {});
    peer.request('INVITE', { sdp: exampleSdp(), branch: 'z9hG4bKlate' });
    const { toTag } = await peer.next(200);
    peer.request('CANCEL', { branch: 'z9hG4bKlate' });
    const answer = await peer.next(200);
    expect(answer.cseq.method).toBe('CANCEL');
    peer.request('ACK', { toTag: toTag! });
    expect(events).toEqual(['cancelled 200']);
    expect(agent.sessions.size).toBe(1);
  });

  test('CANCEL of nothing is 481', async () => {
    peer.request('CANCEL', { callId: 'nothing' });
    await peer.next(481);
  });

  test('BYE before the answer ends it as cancelled', async () => {
    incoming = (one) => listen(one).ring();
    peer.request('INVITE', { sdp: exampleSdp() });
    const { toTag } = await peer.next(180);
    peer.request('BYE', { toTag: toTag!, cseq: 2 });
    await peer.next(200);
    await peer.next(487);
    expect(events).toEqual(['cancelled']);
  });

  test('a re-INVITE that crosses ours gets 491, a second of theirs 500', async () => {
    const toTag = await acceptCall();
    peer.request('ACK', { toTag });
    await poll('the ACK', () => outcome === 'acknowledged');
    const renegotiated = session.reinvite(exampleSdp(3));
    const ours = await peer.nextRequest('INVITE');
    peer.request('INVITE', { toTag, cseq: 2, sdp: exampleSdp(4) });
    await peer.next(491);
    peer.answer(ours, 200, { sdp: exampleSdp(5) });
    expect(await renegotiated).toBe(exampleSdp(5));

    let answer: (sdp: string) => void = () => {};
    session.on = {
      reinvited: () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    };
    peer.request('INVITE', { toTag, cseq: 3, sdp: exampleSdp(6) });
    peer.request('INVITE', { toTag, cseq: 4, sdp: exampleSdp(7) });
    expect((await peer.next(500)).headers.has('retry-after')).toBe(true);
    answer(exampleSdp(8));
    expect((await peer.next(200)).body.toString()).toBe(exampleSdp(8));
    peer.request('ACK', { toTag, cseq: 3 });
  });

  test('a re-INVITE without an offer gets one, and its answer comes with the ACK', async () => {
    const toTag = await acceptCall();
    peer.request('ACK', { toTag });
    await poll('the ACK', () => outcome === 'acknowledged');
    let answered: string | undefined;
    session.on = {
      offerRequested: async () => exampleSdp(6),
      acknowledged: (sdp) => {
        answered = sdp;
      },
    };
    peer.request('INVITE', { toTag, cseq: 2 });
    expect((await peer.next(200)).body.toString()).toBe(exampleSdp(6));
    peer.request('ACK', { toTag, cseq: 2, sdp: exampleSdp(7) });
    await poll('the answer', () => answered === exampleSdp(7));
  });

  test('inside a session: what is refused, and how', async () => {
    const toTag = await acceptCall();
    peer.request('ACK', { toTag });
    await poll('the ACK', () => outcome === 'acknowledged');
    peer.request('PUBLISH', { toTag, cseq: 2 });
    expect((await peer.next(405)).headers.get('allow')).toContain('INVITE');
    peer.request('INFO', { toTag, cseq: 3 });
    await peer.next(415);
    peer.request('OPTIONS', { toTag, cseq: 4 });
    await peer.next(200);
    peer.request('INFO', { toTag, cseq: 1 });
    await peer.next(500); // lower than what came before
    peer.request('BYE', { toTag: 'unknown', cseq: 5 });
    await peer.next(481);
    peer.request('BYE', { toTag, cseq: 6 });
    await peer.next(200);
    await poll('the end', () => session.state === 'ended');
    expect(events).toEqual(['ended remote']);
  });

  test('left alone it is answered 408; proxies are reminded each minute until then', async () => {
    incoming = (one) => listen(one).ring();
    peer.request('INVITE', { sdp: exampleSdp() });
    await peer.next(180);
    await clock.advanceAsync(60_000);
    await peer.next(180);
    await clock.advanceAsync(240_000);
    await peer.next(408);
    expect(events).toEqual(['rejected 408']);
  });
});

describe('outside of sessions', () => {
  test.each([
    ['an unknown requirement', 'INVITE', { headers: [['require', 'precondition']] }, 420],
    ['no hops left', 'INVITE', { headers: [['max-forwards', '0']] }, 483],
    ['another scheme', 'INVITE', { uri: 'tel:+351215550100' }, 416],
    ['a body that is not SDP', 'INVITE', { body: 'x' }, 415],
    ['nobody could read our SDP', 'INVITE', { headers: [['accept', 'text/plain']], sdp: 'v=0' }, 406],
    ['a method for later', 'REFER', {}, 405],
    ['an event package', 'SUBSCRIBE', {}, 489],
    ['an invented method', 'INVENT', {}, 501],
    ['a dialog that is not', 'BYE', { toTag: 'x' }, 481],
  ] as const)('%s', async (_what, method, parts, status) => {
    peer.request(method, parts as RawRequest);
    await peer.next(status);
  });
});
