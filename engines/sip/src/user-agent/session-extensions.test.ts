import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { poll } from '../../testing/poll.ts';
import { type RawPeer, startRawPeer } from '../../testing/raw-peer.ts';
import { address, exampleSdp, startPhone } from '../../testing/registrar-fixture.ts';
import {
  createManualClock,
  type InviteSession,
  type ManualClock,
  parseSipUri,
  SipRefusal,
  type SipRequest,
  type UserAgent,
} from '../index.ts';

/* 100rel, UPDATE and session timers, against a peer that says only what a test tells it to; the clock is turned by hand. */

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
    progress: (status, sdp) => void events.push(`progress ${status}${sdp ? ' sdp' : ''}`),
    accepted: (sdp) => void events.push(`accepted ${/m=audio (\d+)/.exec(sdp)?.[1]}`),
    acknowledged: (sdp) => void events.push(`acknowledged ${/m=audio (\d+)/.exec(sdp)?.[1]}`),
    rejected: (status) => void events.push(`rejected ${status}`),
    cancelled: () => void events.push('cancelled'),
    ended: ({ by, reason }) => void events.push(`ended ${by}${reason?.text ? `: ${reason.text}` : ''}`),
    reinvited: async (offer) => offer.replace('audio', 'audio'),
  };
  return session;
}

function call(
  extra: { reliable?: 'none' | 'supported' | 'required'; offer?: string | null } = {},
): InviteSession {
  const { offer = exampleSdp(), ...rest } = extra;
  return listen(
    agent.invite({
      target: parseSipUri(`sip:peer@127.0.0.1:${peer.port}`),
      from: address('tomás'),
      to: address('marta'),
      ...(offer !== null && { offer }),
      ...rest,
    }),
  );
}

/** Their call, answered; the tag of our side. */
async function answeredCall(headers: [string, string][]): Promise<{ toTag: string; session: InviteSession }> {
  let session: InviteSession | undefined;
  incoming = (one) => {
    session = listen(one);
    one.accept(exampleSdp(2)).catch(() => {});
  };
  peer.request('INVITE', { sdp: exampleSdp(), headers });
  const response = await peer.next(200);
  peer.request('ACK', { toTag: response.toTag! });
  await poll('the ACK', () => session?.state === 'confirmed');
  return { toTag: response.toTag!, session: session! };
}

describe('session timers (RFC 4028)', () => {
  const timer: [string, string] = ['supported', 'timer'];

  test('an incoming session is refreshed by UPDATE at half of its time', async () => {
    const { session } = await answeredCall([timer, ['session-expires', '100'], ['allow', 'INVITE, UPDATE']]);
    const accepted = peer.received.find((message) => message.kind === 'response')!;
    expect(accepted.headers.get('session-expires')).toBe('100;refresher=uas');
    await clock.advanceAsync(50_000);
    const update = await peer.nextRequest('UPDATE');
    expect(update.headers.get('session-expires')).toBe('100;refresher=uac');
    expect(update.body).toHaveLength(0);
    peer.answer(update, 200, { headers: [['session-expires', '100;refresher=uac']] });
    await poll('the answer', async () => {
      await clock.advanceAsync(0);
      return peer.count('UPDATE') === 1;
    });
    await clock.advanceAsync(50_000);
    await peer.nextRequest('UPDATE');
    expect(session.state).toBe('confirmed');
  });

  test('no answer to the refresh ends it, with the reason', async () => {
    await answeredCall([timer, ['session-expires', '400'], ['allow', 'INVITE, UPDATE']]);
    await clock.advanceAsync(200_000 + 32_000);
    const bye = await peer.nextRequest('BYE');
    expect(bye.reason).toMatchObject({ protocol: 'SIP', cause: 408 });
    expect(events).toEqual(['ended timeout: Session refresh failed']);
    peer.answer(bye, 200);
  });

  test('without UPDATE it is refreshed by re-INVITE, with what was said before', async () => {
    await answeredCall([timer, ['session-expires', '100'], ['allow', 'INVITE, BYE']]);
    await clock.advanceAsync(50_000);
    const reinvite = await peer.nextRequest('INVITE');
    expect(reinvite.body.toString()).toBe(exampleSdp(2));
    peer.answer(reinvite, 200, { sdp: exampleSdp(), headers: [['session-expires', '100;refresher=uac']] });
    await peer.next('ACK');
  });

  test('an outgoing session that the other side was to refresh ends when it does not', async () => {
    const session = call();
    const invite = await peer.nextRequest('INVITE');
    expect(invite.headers.get('session-expires')).toBe('1800');
    expect(invite.headers.get('supported')).toContain('timer');
    peer.answer(invite, 200, { sdp: exampleSdp(), headers: [['session-expires', '120;refresher=uas']] });
    await peer.next('ACK');
    await poll('the answer', () => session.state === 'confirmed');
    await clock.advanceAsync(60_000);
    // Their refresh starts it over.
    peer.request('UPDATE', {
      toTag: invite.fromTag!,
      callId: invite.callId,
      headers: [timer, ['session-expires', '120;refresher=uac']],
    });
    const answer = await peer.next(200);
    expect(answer.headers.get('session-expires')).toBe('120;refresher=uac');
    expect(answer.headers.get('require')).toBe('timer');
    await clock.advanceAsync(80_000);
    expect(session.state).toBe('confirmed');
    await clock.advanceAsync(10_000);
    const bye = await peer.nextRequest('BYE');
    expect(bye.reason).toEqual({ protocol: 'SIP', cause: 408, text: 'Session timer expired' });
    peer.answer(bye, 200);
  });

  test('too short an interval is refused by both sides, and asked for again', async () => {
    incoming = (one) => void one.ring();
    peer.request('INVITE', { sdp: exampleSdp(), headers: [timer, ['session-expires', '60']] });
    expect((await peer.next(422)).headers.get('min-se')).toBe('90');
    const session = call();
    const first = await peer.nextRequest('INVITE');
    peer.answer(first, 422, { headers: [['min-se', '2400']] });
    const second = await peer.nextRequest('INVITE');
    expect(second.headers.get('session-expires')).toBe('2400');
    expect(second.headers.get('min-se')).toBe('2400');
    expect(second.cseq.number).toBe(first.cseq.number + 1);
    // Somebody who always wants more is not followed for ever.
    for (const [index, more] of ['3600', '4800', '6000'].entries()) {
      const request = index === 0 ? second : await peer.nextRequest('INVITE');
      peer.answer(request, 422, { headers: [['min-se', more]] });
    }
    await poll('the end', () => session.state === 'ended');
    expect(events).toEqual(['rejected 422']);
  });

  test('who supports no timers is asked for none', async () => {
    const { session } = await answeredCall([]);
    const accepted = peer.received.find((message) => message.kind === 'response')!;
    expect(accepted.headers.has('session-expires')).toBe(false);
    await clock.advanceAsync(7_200_000);
    expect(session.state).toBe('confirmed');
  });
});

describe('reliable provisional responses (RFC 3262)', () => {
  const supported: [string, string] = ['supported', '100rel'];

  test('ours is repeated until PRACK, and the 2xx waits for it', async () => {
    let session: InviteSession | undefined;
    incoming = (one) => {
      session = listen(one);
      one.progress(exampleSdp(4));
      one.accept(exampleSdp(4)).catch(() => {});
    };
    const invite = peer.request('INVITE', { sdp: exampleSdp(), headers: [supported] });
    const early = await peer.next(183);
    expect(early.headers.get('require')).toBe('100rel');
    await clock.advanceAsync(500);
    await peer.next(183);
    await clock.advanceAsync(1000);
    await peer.next(183);
    expect(peer.count(200)).toBe(0);
    const toTag = early.toTag!;
    const rseq = Number(early.headers.get('rseq'));
    peer.request('PRACK', { toTag, cseq: 2, headers: [['rack', `${rseq + 1} 1 INVITE`]] });
    await peer.next(481);
    peer.request('PRACK', { toTag, cseq: 3, headers: [['rack', `${rseq} 1 INVITE`]] });
    const first = await peer.next(200);
    const second = await peer.next(200);
    expect([first, second].map(({ cseq }) => cseq.method).sort()).toEqual(['INVITE', 'PRACK']);
    peer.request('ACK', { toTag, cseq: invite.cseq.number });
    await poll('the session', () => session?.state === 'confirmed');
  });

  test('nobody acknowledges: the call is refused', async () => {
    incoming = (one) => listen(one).progress(exampleSdp(4));
    peer.request('INVITE', { sdp: exampleSdp(), headers: [supported] });
    await peer.next(183);
    await clock.advanceAsync(32_000);
    await peer.next(504);
    expect(events).toEqual(['rejected 504']);
  });

  test('one at a time, in order; a caller without 100rel gets them as ever', async () => {
    incoming = (one) => {
      listen(one).ring();
      one.progress(exampleSdp(4));
    };
    peer.request('INVITE', { sdp: exampleSdp(), headers: [['require', '100rel']] });
    const ringing = await peer.next(180);
    expect(peer.count(183)).toBe(0);
    const rseq = Number(ringing.headers.get('rseq'));
    peer.request('PRACK', { toTag: ringing.toTag!, cseq: 2, headers: [['rack', `${rseq} 1 INVITE`]] });
    expect((await peer.next(183)).headers.get('rseq')).toBe(String(rseq + 1));
    peer.request('INVITE', { callId: 'plain', fromTag: 'plain', sdp: exampleSdp() });
    expect((await peer.next(180)).headers.has('rseq')).toBe(false);
    expect((await peer.next(183)).headers.has('rseq')).toBe(false);
  });

  test('our offer goes in one, when the INVITE brings none; PRACK answers it', async () => {
    incoming = (one) => {
      listen(one).progress(exampleSdp(4));
      one.accept(exampleSdp(4)).catch(() => {});
    };
    peer.request('INVITE', { headers: [supported] });
    const early = await peer.next(183);
    const toTag = early.toTag!;
    const headers: [string, string][] = [['rack', `${early.headers.get('rseq')} 1 INVITE`]];
    peer.request('PRACK', { toTag, cseq: 2, headers, sdp: exampleSdp(6) });
    await peer.next(200);
    const accepted = await poll('200 to INVITE', () =>
      peer.received.find(
        (one) => one.kind === 'response' && one.status === 200 && one.cseq.method === 'INVITE',
      ),
    );
    expect(accepted.body).toHaveLength(0);
    expect(events).toEqual(['acknowledged 6']);
    peer.request('ACK', { toTag });
  });

  test('theirs are acknowledged once each, in order; what they answered holds', async () => {
    const session = call();
    const invite = await peer.nextRequest('INVITE');
    const reliable = (rseq: number): [string, string][] => [
      ['require', '100rel'],
      ['rseq', String(rseq)],
    ];
    peer.answer(invite, 183, { sdp: exampleSdp(8), headers: reliable(7) });
    const prack = await peer.nextRequest('PRACK');
    expect(prack.headers.get('rack')).toBe(`7 ${invite.cseq.number} INVITE`);
    peer.answer(prack, 200);
    peer.answer(invite, 183, { sdp: exampleSdp(8), headers: reliable(7) });
    peer.answer(invite, 180, { headers: reliable(9) });
    peer.answer(invite, 180, { headers: reliable(8) });
    const next = await peer.nextRequest('PRACK');
    expect(next.headers.get('rack')).toBe(`8 ${invite.cseq.number} INVITE`);
    expect(next.cseq.number).toBe(prack.cseq.number + 1);
    peer.answer(next, 200);
    peer.answer(invite, 200);
    await peer.next('ACK');
    await poll('the answer', () => session.state === 'confirmed');
    expect(events).toEqual(['progress 183 sdp', 'progress 180', 'accepted 8']);
    expect(peer.count('PRACK')).toBe(2);
    const bye = session.bye();
    const request = await peer.nextRequest('BYE');
    expect(request.cseq.number).toBe(next.cseq.number + 1);
    peer.answer(request, 200);
    await bye;
  });

  test('required, or left out', async () => {
    call({ reliable: 'required' }).cancel();
    call({ reliable: 'required' });
    expect((await peer.nextRequest('INVITE')).headers.get('require')).toBe('100rel');
    call({ offer: null });
    expect((await peer.nextRequest('INVITE')).headers.get('supported')).not.toContain('100rel');
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
    peer.request('UPDATE', { toTag, cseq: 2, sdp: exampleSdp(12) });
    peer.request('UPDATE', { toTag, cseq: 3, sdp: exampleSdp(14) });
    expect((await peer.next(500)).headers.has('retry-after')).toBe(true);
    release();
    expect((await peer.next(200)).body.toString()).toBe(exampleSdp(12));
    const ours = session.update(exampleSdp(16));
    const update = await peer.nextRequest('UPDATE');
    peer.request('UPDATE', { toTag, cseq: 4, sdp: exampleSdp(18) });
    await peer.next(491);
    peer.answer(update, 200, { sdp: exampleSdp(20) });
    expect(await ours).toBe(exampleSdp(20));
    session.on.updated = async () => {
      throw new SipRefusal(488, 'Not Acceptable Here');
    };
    peer.request('UPDATE', { toTag, cseq: 5, sdp: exampleSdp(22) });
    await peer.next(488);
    expect(session.state).toBe('confirmed');
  });

  test('before the answer: refused while our offer has none, taken once it was answered reliably', async () => {
    const session = call();
    const invite = await peer.nextRequest('INVITE');
    const update = (cseq: number): SipRequest =>
      peer.request('UPDATE', {
        callId: invite.callId,
        fromTag: 'peer',
        toTag: invite.fromTag!,
        cseq,
        sdp: exampleSdp(30),
      });
    peer.answer(invite, 180, {
      headers: [
        ['require', '100rel'],
        ['rseq', '1'],
      ],
    });
    peer.answer(await peer.nextRequest('PRACK'), 200);
    update(1);
    await peer.next(491);
    await expect(session.update(exampleSdp(31))).rejects.toThrow();
    peer.answer(invite, 183, {
      sdp: exampleSdp(8),
      headers: [
        ['require', '100rel'],
        ['rseq', '2'],
      ],
    });
    peer.answer(await peer.nextRequest('PRACK'), 200);
    update(2);
    await peer.next(200);
    const ours = session.update(exampleSdp(31));
    peer.answer(await peer.nextRequest('UPDATE'), 200, { sdp: exampleSdp(32) });
    expect(await ours).toBe(exampleSdp(32));
    peer.answer(invite, 486);
    await poll('the end', () => session.state === 'ended');
    update(3);
    await peer.next(481);
  });
});
