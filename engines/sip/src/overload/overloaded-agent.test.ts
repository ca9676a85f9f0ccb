import { existsSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { poll } from '../../testing/poll.ts';
import { startRawPeer } from '../../testing/raw-peer.ts';
import { startRegistrar } from '../../testing/registrar-fixture.ts';
import { createManualClock } from '../clock.ts';
import { serialise } from '../message/serialise.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** An agent whose user directory stands still for all but Marta, with as many requests under way as there may be. */
async function startOverloaded() {
  const clock = createManualClock();
  const registrar = await startRegistrar(
    { marta: 'secret' },
    {
      clock,
      overload: { leastPerSecond: 0 },
      handlers: {
        credentials: ({ username }) => (username === 'marta' ? Promise.resolve(null) : new Promise(() => {})),
      },
    },
  );
  ends.push(() => registrar.stop());
  const peer = await startRawPeer(registrar.port);
  ends.push(() => peer.close());
  const credentials = (username: string, nonce: string): [string, string] => [
    'authorization',
    `Digest username="${username}", realm="estuaria.example", nonce="${nonce}", uri="sip:estuaria.example", ` +
      `response="${'0'.repeat(32)}", algorithm=MD5, cnonce="c", qop=auth, nc=00000001`,
  ];
  let sent = 0;
  const register = (headers: [string, string][] = []) =>
    peer.request('REGISTER', { callId: `call-${sent++}`, uri: 'sip:estuaria.example', headers });
  register();
  const challenge = (await peer.next(401)).headers.get('www-authenticate') ?? '';
  const nonce = /nonce="([^"]+)"/.exec(challenge)?.[1] ?? '';
  const stuck = Array.from({ length: 48 }, (_, at) => register([credentials(`telephone-${at}`, nonce)]));
  // With the one that was challenged, which is forgotten at the next look.
  await poll('all of them under way', () => registrar.agent.load?.underWay === 49);
  clock.advance(1200);
  expect(registrar.agent.load).toMatchObject({ isOverloaded: true, mostUnderWay: 48, refused: 0 });
  return { registrar, peer, register, credentials, nonce, stuck };
}

test('a newcomer is refused from its bytes, whoever answers our challenge is let in', async () => {
  const { registrar, peer, register, credentials, nonce } = await startOverloaded();
  const newcomer = register();
  const refused = await peer.next(503);
  expect(refused).toMatchObject({ callId: newcomer.callId });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(refused.toTag).toBeDefined();
  expect(refused.topVia.params.get('rport')).toBe(String(peer.port));

  const strange = register([credentials('marta', 'x'.repeat(43))]);
  expect(await peer.next(503)).toMatchObject({ callId: strange.callId, toTag: refused.toTag });

  // Its digest is wrong, which only who has been let in is told.
  const known = register([credentials('marta', nonce)]);
  expect(await peer.next(401)).toMatchObject({ callId: known.callId });
  expect(registrar.agent.load).toMatchObject({ refused: 2 });
});

test('what is refused after parsing looks the same, and what was taken on is not refused when it comes again', async () => {
  const { registrar, peer, register, stuck } = await startOverloaded();
  peer.send(stuck[7]!);
  // Too long for a look.
  const long = register([['subject', 'x'.repeat(5000)]]);
  const refused = await peer.next(503);
  expect(refused).toMatchObject({ callId: long.callId });
  const short = register();
  const again = await peer.next(503);
  expect(again).toMatchObject({ callId: short.callId, toTag: refused.toTag });
  const names = (bytes: Buffer) => bytes.toString().match(/^[\w-]+(?=:)/gm);
  expect(names(serialise(again))).toEqual(names(serialise(refused)));
  expect(registrar.agent.load).toMatchObject({ refused: 2, underWay: 48 });
  expect(peer.count(503)).toBe(2);
});

test('how much the system holds for us is known', async () => {
  const { registrar } = await startOverloaded();
  const { askedBytes, grantedBytes } = registrar.agent.receiveQueue!;
  expect(grantedBytes).toBeGreaterThan(0);
  expect(grantedBytes).toBeLessThanOrEqual(2 * askedBytes);
  if (existsSync('/proc/net/udp')) expect(await registrar.agent.dropped()).toBe(0);
});
