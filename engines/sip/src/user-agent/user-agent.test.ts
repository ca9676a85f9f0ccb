import { afterEach, describe, expect, test } from 'vitest';
import { poll } from '../../testing/poll.ts';
import {
  address,
  exampleSdp,
  type RegistrarFixture,
  startPhone,
  startRegistrar,
} from '../../testing/registrar-fixture.ts';
import { type InviteSession, parseSipUri, type SipResponse, type UserAgent } from '../index.ts';

const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.stop();
});

async function registrar(...args: Parameters<typeof startRegistrar>): Promise<RegistrarFixture> {
  const fixture = await startRegistrar(...args);
  open.push(fixture);
  return fixture;
}

async function phone(...args: Parameters<typeof startPhone>): Promise<{ agent: UserAgent; port: number }> {
  const started = await startPhone(...args);
  open.push(started.agent);
  return started;
}

function register(
  from: { agent: UserAgent; port: number },
  to: RegistrarFixture,
  user: string,
  password: string,
  extra: {
    contact?: string;
    cseq?: number;
    callId?: string;
    headers?: [string, string][];
    tcp?: boolean;
  } = {},
): Promise<SipResponse> {
  return from.agent.request({
    method: 'REGISTER',
    target: parseSipUri(extra.tcp ? `sip:127.0.0.1:${to.tcpPort};transport=tcp` : `sip:127.0.0.1:${to.port}`),
    from: address(user),
    to: address(user),
    auth: { username: user, password },
    headers: [['contact', extra.contact ?? `<sip:${user}@127.0.0.1:${from.port}>`], ...(extra.headers ?? [])],
    ...(extra.cseq !== undefined && { cseq: extra.cseq }),
    ...(extra.callId !== undefined && { callId: extra.callId }),
  });
}

describe('REGISTER over UDP', () => {
  test('binds the contact and answers what is bound', async () => {
    const server = await registrar({ inês: 'secret' });
    const client = await phone();
    const response = await register(client, server, 'inês', 'secret');
    expect(response.status).toBe(200);
    expect(response.headers.get('contact')).toMatch(/expires=3600/);
    expect(server.bindings.get('inês')).toHaveLength(1);
    expect(server.bindings.get('inês')![0]!.flow.remote.port).toBe(client.port);
  });

  test('a wrong password and an unknown user get the same answer', async () => {
    const server = await registrar({ marta: 'secret' });
    const client = await phone();
    const wrong = await register(client, server, 'marta', 'guess');
    const unknown = await register(client, server, 'nobody', 'guess');
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    const shape = (response: SipResponse) =>
      response.headers.all('www-authenticate').map((value) => value.replace(/nonce="[^"]+"/, ''));
    expect(shape(wrong)).toEqual(shape(unknown));
    expect(wrong.headers.get('www-authenticate')).not.toMatch(/stale/);
    expect(server.registrations).toHaveLength(0);
  });

  test('a nonce past its time is answered stale, and the client signs in again', async () => {
    const server = await registrar({ marta: 'secret' }, { nonceLifetimeMs: -1 });
    const client = await phone();
    const response = await register(client, server, 'marta', 'secret');
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(/stale=true/);
  });
});

describe('a call over UDP', () => {
  async function callPair(answer: (session: InviteSession) => void | Promise<void>) {
    const server = await registrar({ marta: 'secret' });
    const callee = await phone(answer);
    await register(callee, server, 'marta', 'secret');
    const { target, binding } = server.contactOf('marta')!;
    const events: string[] = [];
    const session = server.agent.invite({
      target,
      flow: binding.flow,
      from: address('tomás'),
      to: address('marta'),
      offer: exampleSdp(),
    });
    session.on = {
      progress: (status, sdp) => void events.push(`progress ${status}${sdp ? ' sdp' : ''}`),
      accepted: (sdp) => void events.push(`accepted ${sdp.length}`),
      rejected: (status) => void events.push(`rejected ${status}`),
      cancelled: () => void events.push('cancelled'),
      ended: ({ by, reason }) => void events.push(`ended ${by}${reason ? ` ${reason.cause}` : ''}`),
      reinvited: async () => exampleSdp(40_010),
    };
    return { server, callee, session, events };
  }

  test('rings, is answered, renegotiated from both sides, and hung up with a reason', async () => {
    let theirs: InviteSession | undefined;
    const told: string[] = [];
    const { session, events } = await callPair(async (incoming) => {
      theirs = incoming;
      incoming.on = {
        reinvited: async () => exampleSdp(40_020),
        info: (type, body) => void told.push(`${type} ${body}`),
        ended: ({ by, reason }) => void told.push(`ended ${by} ${reason?.text}`),
      };
      incoming.ring();
      incoming.progress(exampleSdp());
      await incoming.accept(exampleSdp());
      told.push('acknowledged');
    });
    await poll('the answer', () => session.state === 'confirmed');
    await poll('the ACK', () => told.includes('acknowledged'));
    expect(events).toEqual(['progress 180', 'progress 183 sdp', `accepted ${exampleSdp().length}`]);
    expect(await session.reinvite(exampleSdp(40_001))).toBe(exampleSdp(40_020));
    expect(await theirs!.reinvite(exampleSdp(40_002))).toBe(exampleSdp(40_010));
    await session.info('application/dtmf-relay', 'Signal=5');
    await session.bye({ protocol: 'Q.850', cause: 16, text: 'Normal call clearing' });
    expect(events.at(-1)).toBe('ended local 16');
    expect(told).toEqual([
      'acknowledged',
      'application/dtmf-relay Signal=5',
      'ended remote Normal call clearing',
    ]);
    expect(session.state).toBe('ended');
  });

  test('is declined', async () => {
    const { events } = await callPair((incoming) => incoming.reject(486));
    await poll('the refusal', () => events.length > 0);
    expect(events).toEqual(['rejected 486']);
  });

  test('is cancelled while ringing, and the reason arrives', async () => {
    let reason: string | undefined;
    const { session, events } = await callPair((incoming) => {
      incoming.on = {
        cancelled: (why) => {
          reason = why?.text;
        },
      };
      incoming.ring();
    });
    await poll('ringing', () => events.includes('progress 180'));
    session.cancel({ protocol: 'SIP', cause: 200, text: 'Call completed elsewhere' });
    await poll('the end', () => session.state === 'ended');
    expect(events).toEqual(['progress 180', 'cancelled']);
    expect(reason).toBe('Call completed elsewhere');
  });

  test('without an offer: the answer comes in the ACK', async () => {
    const server = await registrar({ marta: 'secret' });
    let answered: string | undefined;
    server.onInvite = async (incoming) => {
      expect(incoming.remoteOffer).toBeUndefined();
      expect(incoming.principal).toBe('marta');
      incoming.on = {
        acknowledged: (sdp) => {
          answered = sdp;
        },
      };
      await incoming.accept(exampleSdp(1));
    };
    const caller = await phone();
    const session = caller.agent.invite({
      target: parseSipUri(`sip:101@127.0.0.1:${server.port}`),
      from: address('marta'),
      to: address('101'),
      auth: { username: 'marta', password: 'secret' },
    });
    session.on = { accepted: () => session.acknowledge(exampleSdp(2)) };
    await poll('the answer in the ACK', () => answered);
    expect(answered).toBe(exampleSdp(2));
    await session.bye();
  });
});
