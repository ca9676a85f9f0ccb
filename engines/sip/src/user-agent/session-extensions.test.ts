import { describe, expect, test } from 'vitest';
import { poll } from '../../testing/poll.ts';
import { exampleSdp } from '../../testing/registrar-fixture.ts';
import { useSessionStage } from '../../testing/session-stage.ts';
import { type InviteSession, SipRefusal, type SipRequest } from '../index.ts';

/* 100rel, UPDATE and session timers, against a peer that says only what a test tells it to; the clock is turned by hand. */

const portOf = (sdp: string) => /m=audio (\d+)/.exec(sdp)?.[1];
const stage = useSessionStage((tell) => ({
  progress: (status, sdp) => tell(`progress ${status}${sdp ? ' sdp' : ''}`),
  accepted: (sdp) => tell(`accepted ${portOf(sdp)}`),
  acknowledged: (sdp) => tell(`acknowledged ${portOf(sdp)}`),
  rejected: (status) => tell(`rejected ${status}`),
  cancelled: () => tell('cancelled'),
  ended: ({ by, reason }) => tell(`ended ${by}${reason?.text ? `: ${reason.text}` : ''}`),
  reinvited: async (offer) => offer.replace('audio', 'audio'),
}));
const { listen, call } = stage;

/** Their call, answered; the tag of our side. */
async function answeredCall(headers: [string, string][]): Promise<{ toTag: string; session: InviteSession }> {
  let session: InviteSession | undefined;
  stage.incoming = (one) => {
    session = listen(one);
    one.accept(exampleSdp(2)).catch(() => {});
  };
  stage.peer.request('INVITE', { sdp: exampleSdp(), headers });
  const response = await stage.peer.next(200);
  stage.peer.request('ACK', { toTag: response.toTag! });
  await poll('the ACK', () => session?.state === 'confirmed');
  return { toTag: response.toTag!, session: session! };
}

describe('session timers (RFC 4028)', () => {
  const timer: [string, string] = ['supported', 'timer'];

  test('an incoming session is refreshed by UPDATE at half of its time', async () => {
    const { session } = await answeredCall([timer, ['session-expires', '100'], ['allow', 'INVITE, UPDATE']]);
    const accepted = stage.peer.received.find((message) => message.kind === 'response')!;
    expect(accepted.headers.get('session-expires')).toBe('100;refresher=uas');
    await stage.clock.advanceAsync(50_000);
    const update = await stage.peer.nextRequest('UPDATE');
    expect(update.headers.get('session-expires')).toBe('100;refresher=uac');
    expect(update.body).toHaveLength(0);
    stage.peer.answer(update, 200, { headers: [['session-expires', '100;refresher=uac']] });
    await poll('the answer', async () => {
      await stage.clock.advanceAsync(0);
      return stage.peer.count('UPDATE') === 1;
    });
    await stage.clock.advanceAsync(50_000);
    await stage.peer.nextRequest('UPDATE');
    expect(session.state).toBe('confirmed');
  });

  test('no answer to the refresh ends it, with the reason', async () => {
    await answeredCall([timer, ['session-expires', '400'], ['allow', 'INVITE, UPDATE']]);
    await stage.clock.advanceAsync(200_000 + 32_000);
    const bye = await stage.peer.nextRequest('BYE');
    expect(bye.reason).toMatchObject({ protocol: 'SIP', cause: 408 });
    expect(stage.events).toEqual(['ended timeout: Session refresh failed']);
    stage.peer.answer(bye, 200);
  });

  test('without UPDATE it is refreshed by re-INVITE, with what was said before', async () => {
    await answeredCall([timer, ['session-expires', '100'], ['allow', 'INVITE, BYE']]);
    await stage.clock.advanceAsync(50_000);
    const reinvite = await stage.peer.nextRequest('INVITE');
    expect(reinvite.body.toString()).toBe(exampleSdp(2));
    stage.peer.answer(reinvite, 200, {
      sdp: exampleSdp(),
      headers: [['session-expires', '100;refresher=uac']],
    });
    await stage.peer.next('ACK');
  });

  test('an outgoing session that the other side was to refresh ends when it does not', async () => {
    const session = call();
    const invite = await stage.peer.nextRequest('INVITE');
    expect(invite.headers.get('session-expires')).toBe('1800');
    expect(invite.headers.get('supported')).toContain('timer');
    stage.peer.answer(invite, 200, {
      sdp: exampleSdp(),
      headers: [['session-expires', '120;refresher=uas']],
    });
    await stage.peer.next('ACK');
    await poll('the answer', () => session.state === 'confirmed');
    await stage.clock.advanceAsync(60_000);
    // Their refresh starts it over.
    stage.peer.request('UPDATE', {
      toTag: invite.fromTag!,
      callId: invite.callId,
      headers: [timer, ['session-expires', '120;refresher=uac']],
    });
    const answer = await stage.peer.next(200);
    expect(answer.headers.get('session-expires')).toBe('120;refresher=uac');
    expect(answer.headers.get('require')).toBe('timer');
    await stage.clock.advanceAsync(80_000);
    expect(session.state).toBe('confirmed');
    await stage.clock.advanceAsync(10_000);
    const bye = await stage.peer.nextRequest('BYE');
    expect(bye.reason).toEqual({ protocol: 'SIP', cause: 408, text: 'Session timer expired' });
    stage.peer.answer(bye, 200);
  });

  test('too short an interval is refused by both sides, and asked for again', async () => {
    stage.incoming = (one) => void one.ring();
    stage.peer.request('INVITE', { sdp: exampleSdp(), headers: [timer, ['session-expires', '60']] });
    expect((await stage.peer.next(422)).headers.get('min-se')).toBe('90');
    const session = call();
    const first = await stage.peer.nextRequest('INVITE');
    stage.peer.answer(first, 422, { headers: [['min-se', '2400']] });
    const second = await stage.peer.nextRequest('INVITE');
    expect(second.headers.get('session-expires')).toBe('2400');
    expect(second.headers.get('min-se')).toBe('2400');
    expect(second.cseq.number).toBe(first.cseq.number + 1);
    // Somebody who always wants more is not followed for ever.
    for (const [index, more] of ['3600', '4800', '6000'].entries()) {
      const request = index === 0 ? second : await stage.peer.nextRequest('INVITE');
      stage.peer.answer(request, 422, { headers: [['min-se', more]] });
    }
    await poll('the end', () => session.state === 'ended');
    expect(stage.events).toEqual(['rejected 422']);
  });

  test('who supports no timers is asked for none', async () => {
    const { session } = await answeredCall([]);
    const accepted = stage.peer.received.find((message) => message.kind === 'response')!;
    expect(accepted.headers.has('session-expires')).toBe(false);
    await stage.clock.advanceAsync(7_200_000);
    expect(session.state).toBe('confirmed');
  });
});

describe('reliable provisional responses (RFC 3262)', () => {
  const supported: [string, string] = ['supported', '100rel'];

  test('ours is repeated until PRACK, and the 2xx waits for it', async () => {
    let session: InviteSession | undefined;
    stage.incoming = (one) => {
      session = listen(one);
      one.progress(exampleSdp(4));
      one.accept(exampleSdp(4)).catch(() => {});
    };
    const invite = stage.peer.request('INVITE', { sdp: exampleSdp(), headers: [supported] });
    const early = await stage.peer.next(183);
    expect(early.headers.get('require')).toBe('100rel');
    await stage.clock.advanceAsync(500);
    await stage.peer.next(183);
    await stage.clock.advanceAsync(1000);
    await stage.peer.next(183);
    expect(stage.peer.count(200)).toBe(0);
    const toTag = early.toTag!;
    const rseq = Number(early.headers.get('rseq'));
    stage.peer.request('PRACK', { toTag, cseq: 2, headers: [['rack', `${rseq + 1} 1 INVITE`]] });
    await stage.peer.next(481);
    stage.peer.request('PRACK', { toTag, cseq: 3, headers: [['rack', `${rseq} 1 INVITE`]] });
    const first = await stage.peer.next(200);
    const second = await stage.peer.next(200);
    expect([first, second].map(({ cseq }) => cseq.method).sort()).toEqual(['INVITE', 'PRACK']);
    stage.peer.request('ACK', { toTag, cseq: invite.cseq.number });
    await poll('the session', () => session?.state === 'confirmed');
  });

  test('nobody acknowledges: the call is refused', async () => {
    stage.incoming = (one) => listen(one).progress(exampleSdp(4));
    stage.peer.request('INVITE', { sdp: exampleSdp(), headers: [supported] });
    await stage.peer.next(183);
    await stage.clock.advanceAsync(32_000);
    await stage.peer.next(504);
    expect(stage.events).toEqual(['rejected 504']);
  });

  test('one at a time, in order; a caller without 100rel gets them as ever', async () => {
    stage.incoming = (one) => {
      listen(one).ring();
      one.progress(exampleSdp(4));
    };
    stage.peer.request('INVITE', { sdp: exampleSdp(), headers: [['require', '100rel']] });
    const ringing = await stage.peer.next(180);
    expect(stage.peer.count(183)).toBe(0);
    const rseq = Number(ringing.headers.get('rseq'));
    stage.peer.request('PRACK', { toTag: ringing.toTag!, cseq: 2, headers: [['rack', `${rseq} 1 INVITE`]] });
    expect((await stage.peer.next(183)).headers.get('rseq')).toBe(String(rseq + 1));
    stage.peer.request('INVITE', { callId: 'plain', fromTag: 'plain', sdp: exampleSdp() });
    expect((await stage.peer.next(180)).headers.has('rseq')).toBe(false);
    expect((await stage.peer.next(183)).headers.has('rseq')).toBe(false);
  });

  test('our offer goes in one, when the INVITE brings none; PRACK answers it', async () => {
    stage.incoming = (one) => {
      listen(one).progress(exampleSdp(4));
      one.accept(exampleSdp(4)).catch(() => {});
    };
    stage.peer.request('INVITE', { headers: [supported] });
    const early = await stage.peer.next(183);
    const toTag = early.toTag!;
    const headers: [string, string][] = [['rack', `${early.headers.get('rseq')} 1 INVITE`]];
    stage.peer.request('PRACK', { toTag, cseq: 2, headers, sdp: exampleSdp(6) });
    await stage.peer.next(200);
    const accepted = await poll('200 to INVITE', () =>
      stage.peer.received.find(
        (one) => one.kind === 'response' && one.status === 200 && one.cseq.method === 'INVITE',
      ),
    );
    expect(accepted.body).toHaveLength(0);
    expect(stage.events).toEqual(['acknowledged 6']);
    stage.peer.request('ACK', { toTag });
  });

  test('theirs are acknowledged once each, in order; what they answered holds', async () => {
    const session = call();
    const invite = await stage.peer.nextRequest('INVITE');
    const reliable = (rseq: number): [string, string][] => [
      ['require', '100rel'],
      ['rseq', String(rseq)],
    ];
    stage.peer.answer(invite, 183, { sdp: exampleSdp(8), headers: reliable(7) });
    const prack = await stage.peer.nextRequest('PRACK');
    expect(prack.headers.get('rack')).toBe(`7 ${invite.cseq.number} INVITE`);
    stage.peer.answer(prack, 200);
    stage.peer.answer(invite, 183, { sdp: exampleSdp(8), headers: reliable(7) });
    stage.peer.answer(invite, 180, { headers: reliable(9) });
    stage.peer.answer(invite, 180, { headers: reliable(8) });
    const next = await stage.peer.nextRequest('PRACK');
    expect(next.headers.get('rack')).toBe(`8 ${invite.cseq.number} INVITE`);
    expect(next.cseq.number).toBe(prack.cseq.number + 1);
    stage.peer.answer(next, 200);
    stage.peer.answer(invite, 200);
    await stage.peer.next('ACK');
    await poll('the answer', () => session.state === 'confirmed');
    expect(stage.events).toEqual(['progress 183 sdp', 'progress 180', 'accepted 8']);
    expect(stage.peer.count('PRACK')).toBe(2);
    const bye = session.bye();
    const request = await stage.peer.nextRequest('BYE');
    expect(request.cseq.number).toBe(next.cseq.number + 1);
    stage.peer.answer(request, 200);
    await bye;
  });

  test('required, or left out', async () => {
    call({ reliable: 'required' }).cancel();
    call({ reliable: 'required' });
    expect((await stage.peer.nextRequest('INVITE')).headers.get('require')).toBe('100rel');
    call({ offer: null });
    expect((await stage.peer.nextRequest('INVITE')).headers.get('supported')).not.toContain('100rel');
  });
});

describe('UPDATE (RFC 3311)', () => {
  test('theirs renegotiates; two at once and glare are refused as the RFC says', async () => {
    const { toTag, session } = await answeredCall([]);
    let release: () => void = () => {};
    session.on.updated = (offer) =>
      new Promise((resolve) => {
        release = () => resolve(offer);
      });
    stage.peer.request('UPDATE', { toTag, cseq: 2, sdp: exampleSdp(12) });
    stage.peer.request('UPDATE', { toTag, cseq: 3, sdp: exampleSdp(14) });
    expect((await stage.peer.next(500)).headers.has('retry-after')).toBe(true);
    release();
    expect((await stage.peer.next(200)).body.toString()).toBe(exampleSdp(12));
    const ours = session.update(exampleSdp(16));
    const update = await stage.peer.nextRequest('UPDATE');
    stage.peer.request('UPDATE', { toTag, cseq: 4, sdp: exampleSdp(18) });
    await stage.peer.next(491);
    stage.peer.answer(update, 200, { sdp: exampleSdp(20) });
    expect(await ours).toBe(exampleSdp(20));
    session.on.updated = async () => {
      throw new SipRefusal(488, 'Not Acceptable Here');
    };
    stage.peer.request('UPDATE', { toTag, cseq: 5, sdp: exampleSdp(22) });
    await stage.peer.next(488);
    expect(session.state).toBe('confirmed');
  });

  test('before the answer: refused while our offer has none, taken once it was answered reliably', async () => {
    const session = call();
    const invite = await stage.peer.nextRequest('INVITE');
    const update = (cseq: number): SipRequest =>
      stage.peer.request('UPDATE', {
        callId: invite.callId,
        fromTag: 'peer',
        toTag: invite.fromTag!,
        cseq,
        sdp: exampleSdp(30),
      });
    stage.peer.answer(invite, 180, {
      headers: [
        ['require', '100rel'],
        ['rseq', '1'],
      ],
    });
    stage.peer.answer(await stage.peer.nextRequest('PRACK'), 200);
    update(1);
    await stage.peer.next(491);
    await expect(session.update(exampleSdp(31))).rejects.toThrow();
    stage.peer.answer(invite, 183, {
      sdp: exampleSdp(8),
      headers: [
        ['require', '100rel'],
        ['rseq', '2'],
      ],
    });
    stage.peer.answer(await stage.peer.nextRequest('PRACK'), 200);
    update(2);
    await stage.peer.next(200);
    const ours = session.update(exampleSdp(31));
    stage.peer.answer(await stage.peer.nextRequest('UPDATE'), 200, { sdp: exampleSdp(32) });
    expect(await ours).toBe(exampleSdp(32));
    stage.peer.answer(invite, 486);
    await poll('the end', () => session.state === 'ended');
    update(3);
    await stage.peer.next(481);
  });
});
