import { afterEach, describe, expect, test } from 'vitest';
import { poll } from '../../testing/poll.ts';
import { startRawPeer } from '../../testing/raw-peer.ts';
import {
  address,
  exampleSdp,
  type RegistrarFixture,
  startPhone,
  startRegistrar,
} from '../../testing/registrar-fixture.ts';
import { answerChallenge } from '../digest/client.ts';
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

describe('sign-in', () => {
  test('a captured REGISTER sent again is not taken', async () => {
    const server = await registrar({ marta: 'secret' });
    const peer = await startRawPeer(server.port);
    open.push({ stop: () => peer.close() });
    const uri = 'sip:estuaria.example';
    const to = '<sip:marta@estuaria.example>';
    peer.request('REGISTER', { uri, to });
    const challenge = (await peer.next(401)) as SipResponse;
    const credentials = { username: 'marta', password: 'secret' };
    const [name, value] = answerChallenge(challenge, { method: 'REGISTER', uriText: uri }, credentials)!;
    peer.request('REGISTER', { uri, cseq: 2, to, headers: [[name, value]] });
    await peer.next(200);
    peer.request('REGISTER', { uri, cseq: 3, to, headers: [[name, value]] });
    const refused = await peer.next(401);
    expect(refused.headers.get('www-authenticate')).toMatch(/stale=true/);
    expect(server.registrations).toHaveLength(1);
  });

  test('CANCEL while the caller is being looked up ends the call before it begins', async () => {
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let calls = 0;
    const server = await registrar(
      {},
      {
        authenticate: async () => {
          await held;
          return { principal: 'marta' };
        },
      },
    );
    server.onInvite = () => {
      calls++;
    };
    const peer = await startRawPeer(server.port);
    open.push({ stop: () => peer.close() });
    peer.request('INVITE', { branch: 'z9hG4bKslow', sdp: exampleSdp() });
    await peer.next(100);
    peer.request('CANCEL', { branch: 'z9hG4bKslow' });
    await peer.next(487);
    release();
    peer.request('OPTIONS', { callId: 'marker' });
    await poll('the marker', () => peer.received.some((message) => message.callId === 'marker'));
    expect(calls).toBe(0);
  });

  test('what a handler throws becomes the answer', async () => {
    const logged: string[] = [];
    const server = await registrar(
      { marta: 'secret', joana: 'other' },
      {
        log: (level, message) => void logged.push(`${level} ${message}`),
        handlers: {
          async message() {
            throw new Error('broken');
          },
        },
      },
    );
    const client = await phone();
    const forbidden = await client.agent.request({
      method: 'REGISTER',
      target: parseSipUri(`sip:127.0.0.1:${server.port}`),
      from: address('marta'),
      to: address('marta'),
      auth: { username: 'joana', password: 'other' },
    });
    expect(forbidden.status).toBe(403);
    const broken = await client.agent.request({
      method: 'MESSAGE',
      target: parseSipUri(`sip:127.0.0.1:${server.port}`),
      from: address('marta'),
      to: address('joana'),
      auth: { username: 'marta', password: 'secret' },
      body: { contentType: 'text/plain', content: 'Olá' },
    });
    expect(broken.status).toBe(500);
    expect(logged).toContain('error A handler threw');
  });

  test('nobody there is 408, no way there is 503', async () => {
    const { agent } = await phone(undefined, { timers: { t1: 2, t2: 8, t4: 10 } });
    const ask = (target: string) =>
      agent.request({ method: 'OPTIONS', target: parseSipUri(target), from: address('a'), to: address('b') });
    expect((await ask('sip:127.0.0.1:9')).status).toBe(408);
    expect((await ask('sip:127.0.0.1:9;transport=tcp')).status).toBe(503);
    expect((await ask('sips:127.0.0.1:9')).status).toBe(503);
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
    // The transaction of its INVITE knows it for half a minute more, and nobody's call by it.
    expect([session.state, session.on]).toEqual(['ended', {}]);
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
