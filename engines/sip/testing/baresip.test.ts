import { createSocket } from 'node:dgram';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { IncomingReferral, InviteSession } from '../src/index.ts';
import { type Baresip, isBaresipInstalled, startBaresip } from './baresip.ts';
import { createCertificate } from './certificate.ts';
import { poll } from './poll.ts';
import { address, exampleSdp, type RegistrarFixture, startRegistrar, userOf } from './registrar-fixture.ts';

const isInstalled = isBaresipInstalled();
const tls = createCertificate(['IP:127.0.0.1']);

if (!isInstalled) {
  test('baresip is not installed: its interop tests did not run', () => {
    process.stderr.write('DID NOT RUN: baresip interop tests (install the Debian package baresip-core)\n');
  });
}

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function setUp(
  transport: 'udp' | 'tcp' | 'tls',
  answerMode: 'manual' | 'auto' = 'manual',
  password = 'secret',
): Promise<{ server: RegistrarFixture; telephone: Baresip }> {
  const host = '127.0.0.1';
  const server = await startRegistrar(
    { marta: 'secret' },
    {
      transports: [
        { protocol: 'udp', host, port: 0 },
        { protocol: 'tcp', host, port: 0 },
        { protocol: 'tls', host, port: 0, tls },
      ],
    },
  );
  closing.push(() => server.stop());
  const workDir = await mkdtemp(join(tmpdir(), 'baresip-'));
  closing.push(() => rm(workDir, { recursive: true, force: true }));
  const telephone = await startBaresip({
    user: 'marta',
    domain: 'estuaria.example',
    password,
    server: { host: '127.0.0.1', port: server.ports[`${transport}Port`] ?? 0 },
    transport,
    answerMode,
    workDir,
    recordTo: join(workDir, 'recorded'),
  });
  closing.push(() => telephone.stop());
  return { server, telephone };
}

function ring(server: RegistrarFixture): { session: InviteSession; events: string[] } {
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
    progress: (status) => void events.push(`progress ${status}`),
    accepted: (sdp) => void events.push(sdp.includes('m=audio') ? 'accepted' : 'accepted without audio'),
    rejected: (status) => void events.push(`rejected ${status}`),
    cancelled: () => void events.push('cancelled'),
    ended: ({ by }) => void events.push(`ended ${by}`),
    reinvited: async (offer) => {
      events.push(offer.includes('a=sendonly') ? 'held' : 'resumed');
      return exampleSdp().replace(
        'a=rtpmap',
        offer.includes('a=sendonly') ? 'a=recvonly\r\na=rtpmap' : 'a=rtpmap',
      );
    },
  };
  return { session, events };
}

describe.runIf(isInstalled)('baresip', () => {
  for (const transport of ['udp', 'tcp', 'tls'] as const) {
    test(`registers over ${transport}, answers a call, holds it, resumes it and hangs up`, async () => {
      const { server, telephone } = await setUp(transport);
      await telephone.waitFor('REGISTER_OK');
      expect(server.registrations.at(-1)?.flow.protocol).toBe(transport);
      const { session, events } = ring(server);
      await telephone.waitFor('CALL_INCOMING');
      await poll('ringing', () => events.includes('progress 180'));
      await telephone.accept();
      await telephone.waitFor('CALL_ESTABLISHED');
      await poll('the answer', () => session.state === 'confirmed');
      await telephone.hold();
      await poll('hold', () => events.includes('held'));
      await telephone.resume();
      await poll('resume', () => events.includes('resumed'));
      await telephone.hangup();
      await poll('the end', () => session.state === 'ended');
      expect(events).toEqual(['progress 180', 'accepted', 'held', 'resumed', 'ended remote']);
    });
  }

  test('answers by itself and is hung up by us', async () => {
    const { server, telephone } = await setUp('udp', 'auto');
    await telephone.waitFor('REGISTER_OK');
    const { session, events } = ring(server);
    await telephone.waitFor('CALL_ESTABLISHED');
    await poll('the answer', () => session.state === 'confirmed');
    expect(await session.reinvite(exampleSdp(40_002))).toContain('m=audio');
    await session.bye();
    await telephone.waitFor('CALL_CLOSED');
    expect(events.at(-1)).toBe('ended local');
  });

  test('asks for a transfer, and hangs up when it is told that it went well', async () => {
    const { server, telephone } = await setUp('udp', 'auto');
    await telephone.waitFor('REGISTER_OK');
    const { session, events } = ring(server);
    const referred: IncomingReferral[] = [];
    session.on.referred = (referral) => void referred.push(referral);
    await telephone.waitFor('CALL_ESTABLISHED');
    await poll('the answer', () => session.state === 'confirmed');
    await telephone.command('transfer', 'sip:102@estuaria.example');
    const referral = await poll('the REFER', () => referred[0]);
    expect(referral.method).toBe('INVITE');
    expect('host' in referral.target.uri && referral.target.uri.user).toBe('102');
    referral.accept();
    referral.notify(180);
    referral.notify(200);
    await telephone.waitFor('CALL_CLOSED');
    await poll('the end', () => session.state === 'ended');
    expect(events.at(-1)).toBe('ended remote');
  });

  test('declines', async () => {
    const { server, telephone } = await setUp('udp');
    await telephone.waitFor('REGISTER_OK');
    const { events } = ring(server);
    await telephone.waitFor('CALL_INCOMING');
    await telephone.hangup();
    await poll('the refusal', () => events.some((event) => event.startsWith('rejected')));
    expect(events.at(-1)).toBe('rejected 486');
  });

  test('stops ringing when the call is cancelled', async () => {
    const { server, telephone } = await setUp('udp');
    await telephone.waitFor('REGISTER_OK');
    const { session, events } = ring(server);
    await telephone.waitFor('CALL_INCOMING');
    session.cancel({ protocol: 'SIP', cause: 200, text: 'Call completed elsewhere' });
    await telephone.waitFor('CALL_CLOSED');
    await poll('the end', () => session.state === 'ended');
    expect(events.at(-1)).toBe('cancelled');
  });

  for (const transport of ['udp', 'tcp', 'tls'] as const) {
    test(`calls us over ${transport}, with sign-in, and is hung up by us`, async () => {
      const { server, telephone } = await setUp(transport);
      await telephone.waitFor('REGISTER_OK');
      let incoming: InviteSession | undefined;
      server.onInvite = async (session) => {
        incoming = session;
        session.ring();
        await session.accept(exampleSdp());
      };
      await telephone.dial('sip:101@estuaria.example');
      await telephone.waitFor('CALL_RINGING');
      await telephone.waitFor('CALL_ESTABLISHED');
      expect(userOf(incoming!)).toBe('marta');
      expect(incoming!.principal).toBe('marta');
      expect(incoming!.requested?.user).toBe('101');
      await incoming!.bye({ protocol: 'Q.850', cause: 16 });
      await telephone.waitFor('CALL_CLOSED');
    });
  }

  test('sends DTMF and sound, and records what it said', async () => {
    const media = createSocket('udp4');
    closing.push(() => new Promise<void>((resolve) => media.close(() => resolve())));
    const digits: number[] = [];
    let voicePackets = 0;
    media.on('message', (packet) => {
      const type = packet[1]! & 0x7f;
      // RFC 4733 §2.3: the event's first packet has the marker bit.
      if (type === 101 && (packet[1]! & 0x80) !== 0) digits.push(packet[12]!);
      if (type === 0) voicePackets++;
    });
    await new Promise<void>((resolve) => media.bind(0, '127.0.0.1', resolve));
    const { server, telephone } = await setUp('udp', 'auto');
    await telephone.waitFor('REGISTER_OK');
    const { target, binding } = server.contactOf('marta')!;
    const offer = exampleSdp(media.address().port)
      .replace('RTP/AVP 0', 'RTP/AVP 0 101')
      .concat('a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n');
    const session = server.agent.invite({
      target,
      flow: binding.flow,
      from: address('tomás'),
      to: address('marta'),
      offer,
    });
    await telephone.waitFor('CALL_ESTABLISHED');
    await poll('sound', () => voicePackets > 20);
    await telephone.dtmf('15#');
    await poll('three digits', () => digits.length >= 3);
    expect(digits).toEqual([1, 5, 11]);
    await session.bye();
    await telephone.waitFor('CALL_CLOSED');
    await poll('the recording', async () =>
      (await telephone.recordings()).some((name) => name.endsWith('enc.wav')),
    );
  });

  test('gives up a call that rings', async () => {
    const { server, telephone } = await setUp('udp');
    await telephone.waitFor('REGISTER_OK');
    let cancelled = false;
    server.onInvite = (session) => {
      session.on = {
        cancelled: () => {
          cancelled = true;
        },
      };
      session.ring();
    };
    await telephone.dial('sip:101@estuaria.example');
    await telephone.waitFor('CALL_RINGING');
    await telephone.hangup();
    await poll('CANCEL', () => cancelled);
  });

  test('does not register with a wrong password', async () => {
    const { server, telephone } = await setUp('udp', 'manual', 'guess');
    const { param } = await telephone.waitFor('REGISTER_FAIL');
    expect(param).toMatch(/401|Auth|denied|Permission/i);
    expect(server.registrations).toHaveLength(0);
  });
});
