import { createInProcessBus } from '@liaison/core/bus';
import type { Ownership } from '@liaison/core/owned';
import { createTestCore, type TestCore } from '@liaison/core/testing';
import { type Binding, createUserAgent, type InviteSession, parseSipUri, type UserAgent } from '@liaison/sip';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { TelephoneDialog } from '../sip-leg.ts';
import { createFarTelephones, type FarTelephones } from './far-telephones.ts';
import { createLineDriver, type LineDriver } from './line-driver.ts';

/** The call's process and the telephone's: two floors on one database and bus, and real SIP to a telephone of a few lines. */
let calling: TestCore;
let holding: TestCore;
let far: FarTelephones;
let driver: LineDriver;
let server: UserAgent;
let telephone: UserAgent;
let binding: Binding;
let ownership: Ownership;
let call: { id: string; orgId: string };
/** What the telephone does with a call. */
let rung: (session: InviteSession) => void = () => {};

const sdp = (port: number, direction = 'sendrecv') =>
  [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=audio ${port} RTP/AVP 0`,
    `a=${direction}`,
    '',
  ].join('\r\n');
const agent = (handlers: Partial<Parameters<typeof createUserAgent>[0]['handlers']>) =>
  createUserAgent({
    userAgent: 'test',
    transports: [{ protocol: 'udp', host: '127.0.0.1', port: 0 }],
    advertise: '127.0.0.1',
    authenticate: async () => ({ principal: 'anybody' }),
    handlers: {
      realmFor: () => 'estuaria.example',
      credentials: async () => null,
      register: async () => [],
      invite: async (session) => session.reject(480),
      ...handlers,
    },
  });

beforeAll(async () => {
  const bus = createInProcessBus({ error() {} });
  calling = await createTestCore({ bus, environment: { LIAISON_DUTIES: 'api,live' } });
  holding = await createTestCore({ bus, testDb: calling.testDb, environment: { LIAISON_DUTIES: 'sip' } });
  await calling.core.owned.start();
  await holding.core.owned.start();
  far = createFarTelephones(calling.core);
  server = agent({});
  telephone = agent({ invite: (session) => rung(session) });
  const [mine, theirs] = await Promise.all([server.start(), telephone.start()]);
  driver = createLineDriver({ core: holding.core, userAgent: server });
  await driver.claim();
  const remote = { address: '127.0.0.1', port: theirs.udpPort! };
  const local = { address: '127.0.0.1', port: mine.udpPort! };
  binding = {
    uri: `sip:desk@127.0.0.1:${theirs.udpPort}`,
    q: 1,
    params: '',
    callId: 'registration',
    cseq: 1,
    expiresAtMs: Date.now() + 60_000,
    flow: { id: `udp:${local.port}:${remote.address}:${remote.port}`, protocol: 'udp', remote, local },
  };
  expect(parseSipUri(binding.uri).host).toBe('127.0.0.1');
});
afterAll(async () => {
  await server.stop();
  await driver.stop();
  await telephone.stop();
  for (const test of [holding, calling]) await test.core.owned.stop();
  await holding.close();
  await calling.close();
});
beforeEach(async () => {
  const { ids, owned } = calling.core;
  call = { id: ids.next(), orgId: ids.next() };
  ownership = await owned.claim(
    { kind: 'call', ...call },
    { command: (_name, params) => far.heard(params), lost() {} },
  );
});
afterEach(async () => {
  await ownership.release();
  await expect.poll(() => driver.lines, { timeout: 10_000 }).toBe(0);
  rung = () => {};
});

function ring(over = binding): { dialog: TelephoneDialog; said: string[] } {
  const said: string[] = [];
  const dialog = far.invite({
    processId: holding.core.owned.processId,
    legId: calling.core.ids.next(),
    call,
    binding: over,
    from: { name: 'Alice', user: '4101', host: 'estuaria.example' },
    to: { name: 'Bob', user: '4102', host: 'estuaria.example' },
    offer: sdp(4000),
  });
  dialog.on = {
    accepted: (answer) => void said.push(`accepted ${/m=audio (\d+)/.exec(answer)?.[1]}`),
    rejected: (status) => void said.push(`rejected ${status}`),
    cancelled: () => void said.push('cancelled'),
    ended: ({ by }) => void said.push(`ended by ${by}`),
    reinvited: async (offer) => {
      said.push(offer.includes('a=sendonly') ? 'held' : 'resumed');
      return sdp(4000, 'recvonly');
    },
  };
  return { dialog, said };
}

it('is answered, held and hung up by the telephone, each told once and in order', async () => {
  let session: InviteSession | undefined;
  rung = (incoming) => {
    session = incoming;
    incoming.ring();
    void incoming.accept(sdp(5000));
  };
  const { said } = ring();
  await expect.poll(() => said).toEqual(['accepted 5000']);
  expect(session?.remote.displayName).toBe('Alice');
  expect(await session?.reinvite(sdp(5000, 'sendonly'))).toContain('a=recvonly');
  await session?.bye();
  await expect.poll(() => said).toEqual(['accepted 5000', 'held', 'ended by remote']);
});

it('is refused by the telephone with its own status', async () => {
  rung = (incoming) => incoming.reject(486);
  const { said } = ring();
  await expect.poll(() => said).toEqual(['rejected 486']);
});

it('is taken back while it rings, and hung up once it talks', async () => {
  const heard: string[] = [];
  rung = (incoming) => {
    incoming.on = { cancelled: (reason) => void heard.push(`cancelled ${reason?.cause}`) };
    incoming.ring();
  };
  const first = ring();
  await expect.poll(() => driver.lines).toBe(1);
  await expect.poll(() => telephone.sessions.size).toBe(1);
  first.dialog.cancel({ protocol: 'SIP', cause: 200, text: 'Call completed elsewhere' });
  await expect.poll(() => heard).toEqual(['cancelled 200']);

  rung = (incoming) => {
    incoming.on = { ended: ({ by }) => void heard.push(`ended by ${by}`) };
    void incoming.accept(sdp(5000));
  };
  const second = ring();
  await expect.poll(() => second.said).toEqual(['accepted 5000']);
  // A cancel that was under way while it was answered hangs it up.
  second.dialog.cancel();
  await expect.poll(() => heard).toEqual(['cancelled 200', 'ended by remote']);
});

it('ends when its call is gone: at the next thing it has to say, or when somebody looks', async () => {
  const heard: string[] = [];
  let answer = () => {};
  rung = (incoming) => {
    incoming.on = {
      cancelled: () => void heard.push('cancelled'),
      ended: ({ by }) => void heard.push(`ended by ${by}`),
    };
    incoming.ring();
    answer = () => void incoming.accept(sdp(5000));
  };
  ring();
  await expect.poll(() => telephone.sessions.size).toBe(1);
  await ownership.release();
  answer();
  await expect.poll(() => heard, { timeout: 10_000 }).toEqual(['ended by remote']);

  ring();
  await expect.poll(() => telephone.sessions.size).toBe(1);
  await driver.sweep();
  await expect.poll(() => heard).toEqual(['ended by remote', 'cancelled']);
});

it('is over at once where the flow is closed or nobody holds it', async () => {
  const flow = { ...binding.flow, id: 'tcp:gone', protocol: 'tcp' as const };
  const closed = ring({ ...binding, flow });
  await expect.poll(() => closed.said).toEqual(['rejected 503']);
  const said: string[] = [];
  const nobody = far.invite({
    processId: calling.core.ids.next(),
    legId: calling.core.ids.next(),
    call,
    binding,
    from: { name: 'Alice', user: '4101', host: 'estuaria.example' },
    to: { name: 'Bob', user: '4102', host: 'estuaria.example' },
    offer: sdp(4000),
  });
  nobody.on = { rejected: (status) => void said.push(`rejected ${status}`) };
  await expect.poll(() => said).toEqual(['rejected 503']);
  expect(await far.heard({ event: 'accepted', legId: 'nobody', sdp: sdp(1) })).toEqual({ gone: true });
  await far.settled();
});
