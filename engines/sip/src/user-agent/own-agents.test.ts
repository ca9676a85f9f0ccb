import { afterEach, expect, test } from 'vitest';
import { poll } from '../../testing/poll.ts';
import { address, exampleSdp, startPhone } from '../../testing/registrar-fixture.ts';
import { type InviteSession, type ObservedMessage, parseSipUri, summariseMessage } from '../index.ts';

/* Two user agents of ours, over each transport that has retransmissions and one that has none. */

const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.stop();
});

test.each(['udp', 'tcp'] as const)(
  'reliable early media, UPDATE, another answer, and refreshes over %s',
  async (protocol) => {
    const seen: string[] = [];
    const observer = ({ direction, bytes }: ObservedMessage) => {
      if (direction === 'in') seen.push(summariseMessage(bytes)?.title ?? '');
    };
    // Refreshed at half of it, and given up a third before its end: a second is between for a machine that stands still.
    const sessionTimers = { minSeconds: 1, expiresSeconds: 6 };
    let called: InviteSession | undefined;
    const events: string[] = [];
    const bob = await startPhone(
      (session) => {
        called = session;
        session.on = {
          updated: async (offer) => {
            events.push(offer);
            return exampleSdp(50);
          },
        };
        session.progress(exampleSdp(10));
      },
      { observer, sessionTimers },
    );
    const alice = await startPhone(undefined, { sessionTimers });
    open.push(alice.agent, bob.agent);
    const port = protocol === 'udp' ? bob.ports.udpPort : bob.ports.tcpPort;
    const session = alice.agent.invite({
      target: parseSipUri(`sip:b@127.0.0.1:${port};transport=${protocol}`),
      from: address('a'),
      to: address('b'),
      offer: exampleSdp(),
    });
    const media: string[] = [];
    session.on = {
      progress: (_status, sdp) => void (sdp && media.push('early')),
      accepted: (sdp) => void media.push(sdp === exampleSdp(10) ? 'as early' : 'other'),
      reinvited: async (offer) => {
        media.push(offer === exampleSdp(20) ? 'then 20' : 'other');
        return exampleSdp(30);
      },
      ended: ({ by }) => void media.push(`ended ${by}`),
    };
    await poll('PRACK', () => seen.includes('PRACK'));
    await poll('early media', () => media.includes('early'));
    // The answer came reliably, so that either side may offer anew before the call is taken.
    expect(await session.update(exampleSdp(40))).toBe(exampleSdp(50));
    expect(events).toEqual([exampleSdp(40)]);
    await called!.accept(exampleSdp(20));
    await poll('what has changed since', () => media.includes('then 20'));
    expect(media.slice(0, 2)).toEqual(['early', 'as early']);
    const before = seen.filter((title) => title === 'UPDATE' || title === '200 OK').length;
    await poll(
      'two refreshes',
      () => seen.filter((title) => title === 'UPDATE' || title === '200 OK').length >= before + 2,
    );
    expect(session.state).toBe('confirmed');
    await called!.bye();
    await poll('the end', () => session.state === 'ended');
    expect(media.at(-1)).toBe('ended remote');
  },
);
