import { createSocket } from 'node:dgram';
import { afterEach, describe, expect, test } from 'vitest';
import { poll } from '../../testing/poll.ts';
import { address, exampleSdp, startPhone, startRegistrar } from '../../testing/registrar-fixture.ts';
import { createManualClock, parseSipUri, SipRefusal } from '../index.ts';
import { locate, orderSrv } from './locate.ts';
import { createCachingResolver, type NaptrRecord, type Resolver, type SrvRecord } from './resolver.ts';
import type { Protocol } from './types.ts';

interface Zone {
  naptr?: Record<string, NaptrRecord[]>;
  srv?: Record<string, SrvRecord[]>;
  a?: Record<string, string[]>;
  aaaa?: Record<string, string[]>;
}

function resolverOf(zone: Zone, asked: string[] = []): Resolver {
  const answer = <T>(key: string, records: T[] | undefined) => {
    asked.push(key);
    return Promise.resolve({ records: records ?? [], ttlSeconds: 60 });
  };
  return {
    naptr: (name) => answer(`naptr ${name}`, zone.naptr?.[name]),
    srv: (name) => answer(`srv ${name}`, zone.srv?.[name]),
    addresses: (name, family) => answer(`${family} ${name}`, (family === 4 ? zone.a : zone.aaaa)?.[name]),
  };
}

const everything = new Map<Protocol, (4 | 6)[]>([
  ['udp', [4, 6]],
  ['tcp', [4]],
  ['tls', [4]],
]);
const naptr = (order: number, service: string, replacement: string): NaptrRecord => ({
  order,
  preference: 0,
  flags: 's',
  service,
  replacement,
});
const srv = (priority: number, weight: number, port: number, name: string): SrvRecord => ({
  priority,
  weight,
  port,
  name,
});

async function places(uri: string, zone: Zone, families = everything): Promise<string[]> {
  const found = await locate(parseSipUri(uri), { resolver: resolverOf(zone), families, random: () => 0 });
  return found.map(({ protocol, remote }) => `${protocol} ${remote.address} ${remote.port}`);
}

describe('where a request goes (RFC 3263 §4)', () => {
  const zone: Zone = {
    naptr: {
      'estuaria.example': [
        naptr(20, 'SIP+D2U', '_sip._udp.estuaria.example'),
        naptr(10, 'SIPS+D2T', '_sips._tcp.estuaria.example'),
        naptr(5, 'SIP+D2X', '_sip._x.estuaria.example'),
      ],
    },
    srv: {
      '_sips._tcp.estuaria.example': [
        srv(2, 1, 5063, 'b.estuaria.example'),
        srv(1, 1, 5062, 'a.estuaria.example'),
      ],
      '_sip._udp.estuaria.example': [srv(1, 1, 5070, 'a.estuaria.example')],
      '_sip._tcp.plain.example': [srv(1, 1, 5080, 'a.estuaria.example')],
      '_sip._udp.gone.example': [srv(1, 1, 5080, '.')],
    },
    a: {
      'a.estuaria.example': ['192.0.2.1'],
      'b.estuaria.example': ['192.0.2.2'],
      'bare.example': ['192.0.2.3'],
    },
    aaaa: { 'a.estuaria.example': ['2001:db8::1'] },
  };

  test.each([
    ['an address', 'sip:192.0.2.9', ['udp 192.0.2.9 5060']],
    ['an address and TLS', 'sips:192.0.2.9', ['tls 192.0.2.9 5061']],
    ['an IPv6 address', 'sip:[2001:db8::9]:5090', ['udp 2001:db8::9 5090']],
    ['an IPv6 address that our transport does not reach', 'sip:[2001:db8::9];transport=tcp', []],
    ['a port: no SRV', 'sip:a.estuaria.example:5099', ['udp 192.0.2.1 5099', 'udp 2001:db8::1 5099']],
    [
      'a transport named: its SRV',
      'sip:estuaria.example;transport=udp',
      ['udp 192.0.2.1 5070', 'udp 2001:db8::1 5070'],
    ],
    [
      'NAPTR: by order, and only what we speak',
      'sip:estuaria.example',
      ['tls 192.0.2.1 5062', 'tls 192.0.2.2 5063', 'udp 192.0.2.1 5070', 'udp 2001:db8::1 5070'],
    ],
    ['sips: only what is secure', 'sips:estuaria.example', ['tls 192.0.2.1 5062', 'tls 192.0.2.2 5063']],
    ['no NAPTR: SRV', 'sip:plain.example', ['tcp 192.0.2.1 5080']],
    ['neither: the address', 'sip:bare.example', ['udp 192.0.2.3 5060']],
    ['maddr', 'sip:x.example;maddr=192.0.2.7', ['udp 192.0.2.7 5060']],
    ['decidedly not there', 'sip:gone.example', []],
    ['a transport that we do not have', 'sip:192.0.2.1;transport=sctp', []],
  ])('%s', async (_what, uri, expected) => {
    expect(await places(uri, zone)).toEqual(expected);
  });

  test('SRV records of one priority are chosen by their weight (RFC 2782)', () => {
    const records = [srv(1, 90, 1, 'heavy'), srv(1, 10, 2, 'light'), srv(0, 0, 3, 'first')];
    let heavyFirst = 0;
    for (let round = 0; round < 100; round++) {
      const [first, second] = orderSrv(records, () => round / 100);
      expect(first!.name).toBe('first');
      if (second!.name === 'heavy') heavyFirst++;
    }
    expect(heavyFirst).toBe(90);
  });

  test('answers are remembered for their time, failures are not, and there is no end to neither', async () => {
    const clock = createManualClock();
    const asked: string[] = [];
    const below = resolverOf(zone, asked);
    let isDown = false;
    const resolver = createCachingResolver(
      { ...below, srv: (name) => (isDown ? Promise.reject(new Error('down')) : below.srv(name)) },
      clock.now,
    );
    await Promise.all([resolver.naptr('a'), resolver.naptr('a')]);
    expect(asked).toHaveLength(1);
    await clock.advanceAsync(61_000);
    await resolver.naptr('a');
    expect(asked).toHaveLength(2);
    isDown = true;
    await expect(resolver.srv('b')).rejects.toThrow('down');
    isDown = false;
    expect((await resolver.srv('b')).records).toEqual([]);
  });
});

describe('over real sockets', () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  test('the second place is tried when the first cannot be reached (RFC 3263 §4.3)', async () => {
    const answering = await startPhone((session) => session.reject(486));
    const { tcpPort } = answering.ports;
    const resolver = resolverOf({
      srv: {
        '_sip._tcp.estuaria.example': [srv(1, 1, 9, 'dead.example'), srv(2, 1, tcpPort!, 'alive.example')],
      },
      a: { 'dead.example': ['127.0.0.1'], 'alive.example': ['127.0.0.1'] },
    });
    const asking = await startPhone(undefined, { resolver });
    closing.push(
      () => asking.agent.stop(),
      () => answering.agent.stop(),
    );
    const target = parseSipUri('sip:b@estuaria.example;transport=tcp');
    const parties = { from: address('a'), to: address('b') };
    const response = await asking.agent.request({ method: 'OPTIONS', target, ...parties });
    expect(response.status).toBe(200);
    let status = 0;
    const { agent } = await startPhone(undefined, { resolver });
    closing.push(() => agent.stop());
    agent.invite({ target, ...parties, offer: exampleSdp() }).on = {
      rejected: (final) => {
        status = final;
      },
    };
    await poll('the refusal', () => status !== 0);
    expect(status).toBe(486);
  });

  /** Three servers of one domain, the first two of which do not serve, and somebody who asks. */
  async function threeServers(second: 'silent' | 'busy') {
    const busy = await startPhone((session) => session.reject(503), {
      handlers: { options: () => Promise.reject(new SipRefusal(503, 'Service Unavailable')) },
    });
    const silent = createSocket('udp4');
    await new Promise<void>((resolve) => silent.bind(0, '127.0.0.1', resolve));
    const answering = await startPhone((session) => session.reject(486));
    const first = busy.port;
    const ports = [first, second === 'silent' ? silent.address().port : first, answering.port];
    const name = (at: number) => `server${at}.example`;
    const resolver = resolverOf({
      srv: { '_sip._udp.estuaria.example': ports.map((port, at) => srv(at + 1, 1, port, name(at))) },
      a: Object.fromEntries(ports.map((_, at) => [name(at), ['127.0.0.1']])),
    });
    const asking = await startPhone(undefined, { resolver, timers: { t1: 10, t2: 40, t4: 50 } });
    closing.push(
      () => asking.agent.stop(),
      () => busy.agent.stop(),
      () => answering.agent.stop(),
      () => new Promise<void>((resolve) => silent.close(() => resolve())),
    );
    return asking.agent;
  }
  const target = parseSipUri('sip:b@estuaria.example;transport=udp');
  const parties = { from: address('a'), to: address('b') };

  test.each(['OPTIONS', 'INVITE'])(
    '%s: the next place is asked where one answers 503, and where one says nothing (RFC 3263 §4.3)',
    async (method) => {
      const agent = await threeServers('silent');
      if (method === 'OPTIONS') {
        expect((await agent.request({ method, target, ...parties })).status).toBe(200);
        return;
      }
      let status = 0;
      agent.invite({ target, ...parties, offer: exampleSdp() }).on = {
        rejected: (final) => {
          status = final;
        },
      };
      await poll('the refusal', () => status !== 0);
      expect(status).toBe(486);
    },
  );

  test('the next place is signed in to anew', async () => {
    const servers = await Promise.all([1, 2].map(() => startRegistrar({ a: 'secret' })));
    servers[0]!.onInvite = (session) => session.reject(503);
    servers[1]!.onInvite = (session) => session.reject(486);
    const resolver = resolverOf({
      srv: {
        '_sip._udp.estuaria.example': servers.map(({ port }, at) =>
          srv(at + 1, 1, port, `server${at}.example`),
        ),
      },
      a: { 'server0.example': ['127.0.0.1'], 'server1.example': ['127.0.0.1'] },
    });
    const { agent } = await startPhone(undefined, { resolver });
    closing.push(() => agent.stop(), ...servers.map((server) => () => server.stop()));
    const rejected: number[] = [];
    const auth = { username: 'a', password: 'secret' };
    agent.invite({ target, ...parties, auth, offer: exampleSdp() }).on = {
      rejected: (status) => void rejected.push(status),
    };
    await poll('the refusal', () => rejected.length > 0);
    expect(rejected).toEqual([486]);
  });

  test('no place is asked twice for one request, and a refusal that is not 503 ends the search', async () => {
    const asked: string[] = [];
    const options = async (request: { callId: string }) => {
      asked.push(request.callId);
      throw new SipRefusal(503, 'Service Unavailable');
    };
    const busy = await startPhone((session) => session.reject(503), { handlers: { options } });
    const { agent } = await startPhone();
    closing.push(
      () => agent.stop(),
      () => busy.agent.stop(),
    );
    const alone = parseSipUri(`sip:127.0.0.1:${busy.port}`);
    expect((await agent.request({ method: 'OPTIONS', target: alone, ...parties })).status).toBe(503);
    expect(asked.length).toBe(1);
    const rejected: number[] = [];
    agent.invite({ target: alone, ...parties, offer: exampleSdp() }).on = {
      rejected: (status) => void rejected.push(status),
    };
    await poll('the refusal', () => rejected.length > 0);
    expect(rejected).toEqual([503]);
  });

  test('what is too large for a datagram goes by TCP, and by UDP where TCP is refused (RFC 3261 §18.1.1)', async () => {
    const seen: string[] = [];
    const listening = await startPhone(undefined, {
      transports: [{ protocol: 'udp', host: '127.0.0.1', port: 0 }],
      handlers: { options: async (_request, flow) => void seen.push(flow.protocol) },
    });
    const { agent } = await startPhone();
    closing.push(() => agent.stop());
    const ask = (padding: number) =>
      agent.request({
        method: 'OPTIONS',
        target: parseSipUri(`sip:127.0.0.1:${listening.port}`),
        from: address('a'),
        to: address('b'),
        headers: [['subject', 'x'.repeat(padding)]],
      });
    expect((await ask(2000)).status).toBe(200);
    expect(seen).toEqual(['udp']);
    await listening.agent.stop();
    const both = await startPhone(undefined, {
      transports: [
        { protocol: 'udp', host: '127.0.0.1', port: listening.port },
        { protocol: 'tcp', host: '127.0.0.1', port: listening.port },
      ],
      handlers: { options: async (_request, flow) => void seen.push(flow.protocol) },
    });
    closing.push(() => both.agent.stop());
    const fresh = await startPhone();
    closing.push(() => fresh.agent.stop());
    for (const padding of [10, 2000]) {
      const response = await fresh.agent.request({
        method: 'OPTIONS',
        target: parseSipUri(`sip:127.0.0.1:${listening.port}`),
        from: address('a'),
        to: address('b'),
        headers: [['subject', 'x'.repeat(padding)]],
      });
      expect(response.status).toBe(200);
    }
    expect(seen).toEqual(['udp', 'udp', 'tcp']);
  });
});
