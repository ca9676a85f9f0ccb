import { describe, expect, test } from 'vitest';
import { poll } from '../../testing/poll.ts';
import type { RawRequest } from '../../testing/raw-peer.ts';
import { exampleSdp } from '../../testing/registrar-fixture.ts';
import { useSessionStage } from '../../testing/session-stage.ts';
import type { InviteSession } from '../index.ts';

const stage = useSessionStage((tell) => ({
  progress: (status) => tell(`progress ${status}`),
  accepted: () => tell('accepted'),
  rejected: (status) => tell(`rejected ${status}`),
  cancelled: (reason) => tell(`cancelled${reason?.cause ? ` ${reason.cause}` : ''}`),
  ended: ({ by }) => tell(`ended ${by}`),
  reinvited: async () => exampleSdp(2),
}));
const { listen, call } = stage;

const reason = { protocol: 'SIP', cause: 200, text: 'Call completed elsewhere' };

describe('outgoing', () => {
  test('CANCEL waits for a provisional response, and has the branch and number of its INVITE', async () => {
    const session = call();
    const invite = await stage.peer.nextRequest('INVITE');
    session.cancel(reason);
    await stage.clock.advanceAsync(400);
    expect(stage.peer.count('CANCEL')).toBe(0);
    stage.peer.answer(invite, 180);
    const cancel = await stage.peer.nextRequest('CANCEL');
    expect(cancel.topVia.branch).toBe(invite.topVia.branch);
    expect(cancel.cseq.number).toBe(invite.cseq.number);
    expect(cancel.uriText).toBe(invite.uriText);
    expect(cancel.reason).toEqual(reason);
    expect(cancel.toTag).toBeUndefined();
    stage.peer.answer(cancel, 200);
    stage.peer.answer(invite, 487);
    await stage.peer.next('ACK');
    await poll('the end', () => session.state === 'ended');
    expect(stage.events).toEqual(['cancelled 200']);
  });

  test('a 200 that crosses CANCEL is acknowledged and hung up', async () => {
    const session = call();
    const invite = await stage.peer.nextRequest('INVITE');
    stage.peer.answer(invite, 180);
    await poll('ringing', () => stage.events.includes('progress 180'));
    session.cancel(reason);
    const cancel = await stage.peer.nextRequest('CANCEL');
    stage.peer.answer(invite, 200, { sdp: exampleSdp() });
    const ack = await stage.peer.nextRequest('ACK');
    expect(ack.cseq.number).toBe(invite.cseq.number);
    const bye = await stage.peer.nextRequest('BYE');
    expect(bye.reason).toEqual(reason);
    expect(bye.cseq.number).toBeGreaterThan(invite.cseq.number);
    stage.peer.answer(bye, 200);
    stage.peer.answer(cancel, 481);
    await poll('the end', () => session.state === 'ended');
    expect(stage.events).toEqual(['progress 180', 'cancelled 200']);
  });

  test('without any answer after CANCEL the session ends in 64*T1', async () => {
    const session = call();
    const invite = await stage.peer.nextRequest('INVITE');
    stage.peer.answer(invite, 180);
    await poll('ringing', () => stage.events.includes('progress 180'));
    session.cancel();
    await stage.peer.next('CANCEL');
    await stage.clock.advanceAsync(32_000);
    expect(stage.events).toEqual(['progress 180', 'cancelled']);
    expect(session.state).toBe('ended');
  });

  test('no answer at all is rejected as 408', async () => {
    call();
    await stage.peer.next('INVITE');
    await stage.clock.advanceAsync(32_000);
    expect(stage.events).toEqual(['rejected 408']);
  });

  test('ringing for ever is cancelled and rejected as 408', async () => {
    call();
    const invite = await stage.peer.nextRequest('INVITE');
    stage.peer.answer(invite, 180);
    await poll('ringing', () => stage.events.includes('progress 180'));
    await stage.clock.advanceAsync(180_000);
    stage.peer.answer(await stage.peer.nextRequest('CANCEL'), 200);
    stage.peer.answer(invite, 487);
    await poll('the end', () => stage.events.includes('rejected 408'));
  });

  test('each repeated 200 gets the same ACK again', async () => {
    const session = call();
    const invite = await stage.peer.nextRequest('INVITE');
    stage.peer.answer(invite, 200, { sdp: exampleSdp() });
    const first = await stage.peer.nextRequest('ACK');
    stage.peer.answer(invite, 200, { sdp: exampleSdp() });
    const second = await stage.peer.nextRequest('ACK');
    expect(second.topVia.branch).toBe(first.topVia.branch);
    expect(first.topVia.branch).not.toBe(invite.topVia.branch);
    expect(stage.events).toEqual(['accepted']);
    const ended = session.bye();
    stage.peer.answer(await stage.peer.nextRequest('BYE'), 200);
    await ended;
  });

  test('a second fork that answers is acknowledged and hung up; the first goes on', async () => {
    const session = call();
    const invite = await stage.peer.nextRequest('INVITE');
    stage.peer.answer(invite, 180, { toTag: 'one' });
    stage.peer.answer(invite, 180, { toTag: 'two' });
    stage.peer.answer(invite, 200, { toTag: 'one', sdp: exampleSdp() });
    expect((await stage.peer.nextRequest('ACK')).toTag).toBe('one');
    stage.peer.answer(invite, 200, { toTag: 'two', sdp: exampleSdp() });
    expect((await stage.peer.nextRequest('ACK')).toTag).toBe('two');
    const bye = await stage.peer.nextRequest('BYE');
    expect(bye.toTag).toBe('two');
    stage.peer.answer(bye, 200);
    expect(session.state).toBe('confirmed');
    expect(stage.events).toEqual(['progress 180', 'progress 180', 'accepted']);
    const ended = session.bye();
    const last = await stage.peer.nextRequest('BYE');
    expect(last.toTag).toBe('one');
    stage.peer.answer(last, 200);
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
      const invite = await stage.peer.nextRequest('INVITE');
      stage.peer.answer(invite, 200, { sdp: exampleSdp(), headers: [['record-route', routes.join(', ')]] });
      const ack = await stage.peer.nextRequest('ACK');
      expect(ack.uriText).toMatch(uri);
      expect(ack.headers.list('route')).toEqual(route.map((one) => expect.stringMatching(one)));
      const ended = session.bye();
      stage.peer.answer(await stage.peer.nextRequest('BYE'), 200);
      await ended;
    }
  });

  test('glare is tried again after the time of who owns the Call-ID', async () => {
    const session = call();
    stage.peer.answer(await stage.peer.nextRequest('INVITE'), 200, { sdp: exampleSdp() });
    await stage.peer.next('ACK');
    const renegotiated = session.reinvite(exampleSdp(3));
    stage.peer.answer(await stage.peer.nextRequest('INVITE'), 491);
    await stage.peer.next('ACK');
    await stage.clock.advanceAsync(2_099);
    expect(stage.peer.count('INVITE')).toBe(2);
    await stage.clock.advanceAsync(2_000);
    stage.peer.answer(await stage.peer.nextRequest('INVITE'), 200, { sdp: exampleSdp(9) });
    expect(await renegotiated).toBe(exampleSdp(9));
    const ended = session.bye();
    stage.peer.answer(await stage.peer.nextRequest('BYE'), 200);
    await ended;
  });

  test('while we wait after glare, theirs is taken, and ours goes out when it is done', async () => {
    const session = call();
    const invite = await stage.peer.nextRequest('INVITE');
    stage.peer.answer(invite, 200, { sdp: exampleSdp() });
    await stage.peer.next('ACK');
    const renegotiated = session.reinvite(exampleSdp(3));
    stage.peer.answer(await stage.peer.nextRequest('INVITE'), 491);
    await stage.peer.next('ACK');
    const dialog = { callId: invite.callId, toTag: invite.fromTag! };
    stage.peer.request('INVITE', { ...dialog, cseq: 7, sdp: exampleSdp(4) });
    expect((await stage.peer.next(200)).body.toString()).toBe(exampleSdp(2));
    await stage.clock.advanceAsync(4_100);
    expect(stage.peer.count('INVITE')).toBe(2);
    stage.peer.request('ACK', { ...dialog, cseq: 7 });
    stage.peer.answer(await stage.peer.nextRequest('INVITE'), 200, { sdp: exampleSdp(9) });
    expect(await renegotiated).toBe(exampleSdp(9));
  });

  test('a session that the other side no longer knows ends', async () => {
    const session = call();
    stage.peer.answer(await stage.peer.nextRequest('INVITE'), 200, { sdp: exampleSdp() });
    await stage.peer.next('ACK');
    const renegotiated = session.reinvite(exampleSdp(3));
    stage.peer.answer(await stage.peer.nextRequest('INVITE'), 481);
    await expect(renegotiated).rejects.toMatchObject({ status: 481 });
    expect(stage.events).toEqual(['accepted', 'ended remote']);
  });
});

describe('incoming', () => {
  let session: InviteSession;
  let outcome: string;

  /** An INVITE that the agent accepts at once; answers the To tag. */
  async function acceptCall(): Promise<string> {
    outcome = 'open';
    stage.incoming = (one) => {
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
    stage.peer.request('INVITE', { sdp: exampleSdp(), cseq: 1 });
    return (await stage.peer.next(200)).toTag!;
  }

  test('the 200 is repeated until its ACK comes', async () => {
    const toTag = await acceptCall();
    await stage.clock.advanceAsync(1_600);
    await stage.peer.next(200);
    await stage.peer.next(200);
    stage.peer.request('ACK', { toTag });
    await poll('the ACK', () => outcome === 'acknowledged');
    await stage.clock.advanceAsync(40_000);
    expect(stage.peer.count(200)).toBe(3);
    expect(session.state).toBe('confirmed');
  });

  test('a lost ACK ends the session by timeout, with BYE', async () => {
    await acceptCall();
    await stage.clock.advanceAsync(32_000);
    stage.peer.answer(await stage.peer.nextRequest('BYE'), 200);
    expect(outcome).toBe('failed');
    expect(stage.events).toEqual(['ended timeout']);
    expect(session.state).toBe('ended');
  });

  test('BYE waits for the ACK', async () => {
    const toTag = await acceptCall();
    const ended = session.bye();
    await stage.clock.advanceAsync(600);
    expect(stage.peer.count('BYE')).toBe(0);
    stage.peer.request('ACK', { toTag });
    stage.peer.answer(await stage.peer.nextRequest('BYE'), 200);
    await ended;
    expect(stage.events).toEqual(['ended local']);
  });

  test('BYE that waits for the ACK is done when theirs comes first', async () => {
    const toTag = await acceptCall();
    const ended = session.bye();
    stage.peer.request('BYE', { toTag, cseq: 2 });
    await ended;
    expect(stage.events).toEqual(['ended remote']);
    expect(stage.peer.count('BYE')).toBe(0);
  });

  test('CANCEL before the answer ends it with 487; after it, it has no effect', async () => {
    stage.incoming = (one) => listen(one).ring();
    stage.peer.request('INVITE', { sdp: exampleSdp(), branch: 'z9hG4bKearly', callId: 'early' });
    await stage.peer.next(180);
    stage.peer.request('CANCEL', {
      branch: 'z9hG4bKearly',
      callId: 'early',
      headers: [['reason', 'SIP;cause=200;text="Call completed elsewhere"']],
    });
    await stage.peer.next(487);
    await stage.peer.next(200);
    expect(stage.events).toEqual(['cancelled 200']);
    stage.peer.request('ACK', { branch: 'z9hG4bKearly', callId: 'early' });

    stage.incoming = (one) =>
      void listen(one)
        .accept(exampleSdp())
        .catch(() => {});
    stage.peer.request('INVITE', { sdp: exampleSdp(), branch: 'z9hG4bKlate' });
    const { toTag } = await stage.peer.next(200);
    stage.peer.request('CANCEL', { branch: 'z9hG4bKlate' });
    const answer = await stage.peer.next(200);
    expect(answer.cseq.method).toBe('CANCEL');
    stage.peer.request('ACK', { toTag: toTag! });
    expect(stage.events).toEqual(['cancelled 200']);
    expect(stage.agent.sessions.size).toBe(1);
  });

  test('CANCEL of nothing is 481', async () => {
    stage.peer.request('CANCEL', { callId: 'nothing' });
    await stage.peer.next(481);
  });

  test('BYE before the answer ends it as cancelled', async () => {
    stage.incoming = (one) => listen(one).ring();
    stage.peer.request('INVITE', { sdp: exampleSdp() });
    const { toTag } = await stage.peer.next(180);
    stage.peer.request('BYE', { toTag: toTag!, cseq: 2 });
    await stage.peer.next(200);
    await stage.peer.next(487);
    expect(stage.events).toEqual(['cancelled']);
  });

  test('a re-INVITE that crosses ours gets 491, a second of theirs 500', async () => {
    const toTag = await acceptCall();
    stage.peer.request('ACK', { toTag });
    await poll('the ACK', () => outcome === 'acknowledged');
    const renegotiated = session.reinvite(exampleSdp(3));
    const ours = await stage.peer.nextRequest('INVITE');
    stage.peer.request('INVITE', { toTag, cseq: 2, sdp: exampleSdp(4) });
    await stage.peer.next(491);
    stage.peer.answer(ours, 200, { sdp: exampleSdp(5) });
    expect(await renegotiated).toBe(exampleSdp(5));

    let answer: (sdp: string) => void = () => {};
    session.on = {
      reinvited: () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    };
    stage.peer.request('INVITE', { toTag, cseq: 3, sdp: exampleSdp(6) });
    stage.peer.request('INVITE', { toTag, cseq: 4, sdp: exampleSdp(7) });
    expect((await stage.peer.next(500)).headers.has('retry-after')).toBe(true);
    answer(exampleSdp(8));
    expect((await stage.peer.next(200)).body.toString()).toBe(exampleSdp(8));
    stage.peer.request('ACK', { toTag, cseq: 3 });
  });

  test('a re-INVITE without an offer gets one, and its answer comes with the ACK', async () => {
    const toTag = await acceptCall();
    stage.peer.request('ACK', { toTag });
    await poll('the ACK', () => outcome === 'acknowledged');
    let answered: string | undefined;
    session.on = {
      offerRequested: async () => exampleSdp(6),
      acknowledged: (sdp) => {
        answered = sdp;
      },
    };
    stage.peer.request('INVITE', { toTag, cseq: 2 });
    expect((await stage.peer.next(200)).body.toString()).toBe(exampleSdp(6));
    stage.peer.request('ACK', { toTag, cseq: 2, sdp: exampleSdp(7) });
    await poll('the answer', () => answered === exampleSdp(7));
  });

  test('inside a session: what is refused, and how', async () => {
    const toTag = await acceptCall();
    stage.peer.request('ACK', { toTag });
    await poll('the ACK', () => outcome === 'acknowledged');
    stage.peer.request('PUBLISH', { toTag, cseq: 2 });
    expect((await stage.peer.next(405)).headers.get('allow')).toContain('INVITE');
    stage.peer.request('INFO', { toTag, cseq: 3 });
    await stage.peer.next(415);
    stage.peer.request('OPTIONS', { toTag, cseq: 4 });
    await stage.peer.next(200);
    stage.peer.request('INFO', { toTag, cseq: 1 });
    await stage.peer.next(500); // lower than what came before
    stage.peer.request('BYE', { toTag: 'unknown', cseq: 5 });
    await stage.peer.next(481);
    stage.peer.request('BYE', { toTag, cseq: 6 });
    await stage.peer.next(200);
    await poll('the end', () => session.state === 'ended');
    expect(stage.events).toEqual(['ended remote']);
  });

  test('INFO: what is understood, a sign of life, a foreign body and a package that nobody asked for (RFC 6086)', async () => {
    const toTag = await acceptCall();
    stage.peer.request('ACK', { toTag });
    await poll('the ACK', () => outcome === 'acknowledged');
    const told: string[] = [];
    session.on = {
      ...session.on,
      info: (type, body) => void told.push(`${type} ${body}`),
      infoTypes: ['text/plain'],
    };
    stage.peer.request('INFO', { toTag, cseq: 2, body: 'key' });
    await stage.peer.next(200);
    stage.peer.request('INFO', { toTag, cseq: 3 });
    await stage.peer.next(200);
    stage.peer.request('INFO', { toTag, cseq: 4, sdp: 'v=0' });
    expect((await stage.peer.next(415)).headers.get('accept')).toBe('text/plain');
    stage.peer.request('INFO', { toTag, cseq: 5, body: 'key', headers: [['info-package', 'conference']] });
    expect((await stage.peer.next(469)).headers.get('recv-info')).toBe('');
    expect(told).toEqual(['text/plain key', ' ']);
  });

  test('left alone it is answered 408; proxies are reminded each minute until then', async () => {
    stage.incoming = (one) => listen(one).ring();
    stage.peer.request('INVITE', { sdp: exampleSdp() });
    await stage.peer.next(180);
    await stage.clock.advanceAsync(60_000);
    await stage.peer.next(180);
    await stage.clock.advanceAsync(240_000);
    await stage.peer.next(408);
    expect(stage.events).toEqual(['rejected 408']);
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
    stage.peer.request(method, parts as RawRequest);
    await stage.peer.next(status);
  });
});
