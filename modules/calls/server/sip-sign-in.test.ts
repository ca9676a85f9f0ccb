import { createInProcessBus } from '@liaison/core/bus';
import { loadSettings } from '@liaison/core/config';
import { createLog } from '@liaison/core/log';
import { createUserhash, type Flow, Headers, type SipRefusal, SipRequest } from '@liaison/sip';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createSipSignIn, type SipSignIn } from './sip-sign-in.ts';
import { createTrustedPeers } from './trusted-peers.ts';

/** An edge proxy of ours, in front of telephones at other addresses. */
const proxy = '10.0.0.5';
let signIn: SipSignIn;

beforeEach(() => {
  const bus = createInProcessBus({ error() {} });
  const peers = createTrustedPeers(loadSettings({ LIAISON_SIP_TRUSTED_PEERS: '10.0.0.5,fd00::/64' }));
  signIn = createSipSignIn({
    core: { bus, log: createLog({ level: 'silent' }) },
    devices: { find: async () => null },
    peers,
  });
});
afterEach(() => signIn.close());

const flowFrom = (address: string, protocol: Flow['protocol'] = 'udp') =>
  ({ protocol, remote: { address, port: 5060 } }) as Flow;

/** The status of a wrong try, or 401 as the engine would challenge it. */
async function guess(over: Flow, vias: string[], username: string): Promise<number> {
  const request = new SipRequest(
    'REGISTER',
    'sip:estuaria.example',
    new Headers(vias.map((via) => ['via', `SIP/2.0/UDP ${via};branch=z9hG4bKa`])),
    '',
  );
  await signIn.authenticate(request, 'estuaria.example', over);
  try {
    await signIn.credentials({
      realm: 'estuaria.example',
      username,
      isUserhash: /^[0-9a-f]{64}$/.test(username),
      algorithm: 'SHA-256',
      request,
    });
    return 401;
  } catch (error) {
    return (error as SipRefusal).status;
  }
}
async function guessMuch(over: Flow, vias: (count: number) => string[]): Promise<number> {
  let last = 0;
  for (let count = 0; count < 25; count++) last = await guess(over, vias(count), `nobody-${count}`);
  return last;
}

it('behind a trusted proxy the guesser is held up, and the other telephones behind it are not', async () => {
  const through = (client: string) => [`${proxy}:5060`, `192.168.1.7:5060;received=${client}`];
  const over = flowFrom(proxy);
  expect(await guessMuch(over, () => through('203.0.113.7'))).toBe(503);
  expect(await guess(over, through('203.0.113.8'), 'ines')).toBe(401);
  // Its own address in the Via of a client without NAT; and at another flow it is the same guesser.
  expect(await guess(over, [proxy, '203.0.113.7:5060'], 'ines')).toBe(503);
  expect(await guess(flowFrom('203.0.113.7'), ['203.0.113.7'], 'ines')).toBe(503);
});

it.each(['ines', 'nobody'])(
  'guesses at %s are counted together, whether named or hashed',
  async (username) => {
    const hash = createUserhash('SHA-256', username, 'estuaria.example');
    const over = flowFrom('203.0.113.7');
    const statuses: number[] = [];
    for (let count = 0; count < 10; count++)
      statuses.push(await guess(over, ['203.0.113.7'], count % 2 === 0 ? username : hash));
    expect(statuses).toEqual([...Array(8).fill(401), 403, 403]);
  },
);

it('through two trusted proxies it is the first of them that says where it came from', async () => {
  const through = (client: string) => [proxy, 'edge.example;received=fd00::7', `${client}:5060`];
  expect(await guessMuch(flowFrom(proxy), () => through('203.0.113.7'))).toBe(503);
  expect(await guess(flowFrom(proxy), through('203.0.113.8'), 'ines')).toBe(401);
});

it.each([
  ['who is nobody’s proxy', flowFrom('203.0.113.9')],
  ['a page of another site, whose web server stands there', flowFrom(proxy, 'wss')],
])('%s is not believed about others', async (_who, over) => {
  const forged = (count: number) => [over.remote.address, `198.51.100.${count}`];
  expect(await guessMuch(over, forged)).toBe(503);
});

it('what a telephone wrote below the proxy’s word of it is not believed', async () => {
  const forged = (count: number) => [proxy, '192.168.1.7;received=203.0.113.7', `198.51.100.${count}`];
  expect(await guessMuch(flowFrom(proxy), forged)).toBe(503);
});

it('a proxy that does not say where a request came from answers for it itself', async () => {
  expect(await guessMuch(flowFrom(proxy), () => [proxy, 'telephone.invalid'])).toBe(503);
  expect(await guess(flowFrom(proxy), [proxy], 'ines')).toBe(503);
});
