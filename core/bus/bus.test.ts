import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type Bus,
  BusRefused,
  BusTimeout,
  createBus,
  createInProcessBus,
  createNatsBus,
  maxPayloadBytes,
} from './index.ts';
import { createNatsServer } from './testing/nats-server.ts';

const logged: { message: string; fields: Record<string, unknown> }[] = [];
const note = (fields: Record<string, unknown>, message: string) => void logged.push({ fields, message });
const log = { info: note, warn: note, error: note };
const opened: Bus[] = [];
const servers: { kill(): Promise<void> }[] = [];
let server: Awaited<ReturnType<typeof createNatsServer>>;

beforeAll(async () => {
  server = await createNatsServer();
  await server.start();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((bus) => bus.close()));
  for (const extra of servers.splice(0)) await extra.kill();
  logged.length = 0;
});
afterAll(() => server.kill());

const keep = <B extends Bus>(bus: B): B => {
  opened.push(bus);
  return bus;
};
const openNats = async (options: { url?: string; prefix?: string; pingIntervalMs?: number } = {}) => {
  const bus = keep(
    createNatsBus({ url: `nats://127.0.0.1:${server.port}`, log, reconnectMs: 50, ...options }),
  );
  await bus.connected;
  return bus;
};
const until = (check: () => unknown, timeout = 10_000) => vi.waitUntil(check, { timeout, interval: 10 });

/** Waits until what was published before has arrived: a request goes the same way after it. */
let rounds = 0;
async function settled(from: Bus, to: Bus) {
  const subject = `settled.${rounds++}`;
  const end = to.respond(subject, async () => 'yes');
  await until(() =>
    from.request(subject, null, { timeoutMs: 500 }).then(
      () => true,
      () => false,
    ),
  );
  end();
}

describe.each([
  [
    'in one process',
    async () => {
      const bus = keep(createInProcessBus(log));
      return [bus, bus] as const;
    },
  ],
  [
    'over NATS, to itself',
    async () => {
      const bus = await openNats();
      return [bus, bus] as const;
    },
  ],
  ['over NATS, to another process', async () => [await openNats(), await openNats()] as const],
] as const)('the bus %s', (where, open) => {
  it('gives each message once to every subscriber, as a copy', async () => {
    const [here, there] = await open();
    const got: unknown[][] = [[], []];
    there.subscribe('chat.wake', (data) => got[0]!.push(data));
    there.subscribe('chat.wake', (data) => got[1]!.push(data));
    there.subscribe('chat.other', () => expect.unreachable());
    await settled(here, there);
    const data = { list: [1, 2, { three: 'drei ü 🎈' }], at: new Date(0), none: undefined };
    here.publish('chat.wake', data);
    here.publish('chat.wake', undefined);
    await settled(here, there);
    const arrived = { list: [1, 2, { three: 'drei ü 🎈' }], at: '1970-01-01T00:00:00.000Z' };
    expect(got).toEqual([
      [arrived, null],
      [arrived, null],
    ]);
    expect(got[0]![0]).not.toBe(data);
  });

  it('keeps the order of one publisher', async () => {
    const [here, there] = await open();
    const got: unknown[] = [];
    there.subscribe('order', (data) => got.push(data));
    await settled(here, there);
    for (let i = 0; i < 1000; i++) here.publish('order', i);
    await until(() => got.length === 1000);
    expect(got).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  });

  it('goes on when a handler throws, and says so', async () => {
    const [here, there] = await open();
    const got: unknown[] = [];
    there.subscribe('s', () => {
      throw new Error('broken handler');
    });
    there.subscribe('s', (data) => got.push(data));
    await settled(here, there);
    here.publish('s', 1);
    here.publish('s', 2);
    await settled(here, there);
    expect(got).toEqual([1, 2]);
    expect(logged.filter(({ message }) => message === 'a bus handler failed')).toHaveLength(2);
  });

  it('gives nothing to a subscription that has ended', async () => {
    const [here, there] = await open();
    const got: unknown[] = [];
    const end = there.subscribe('s', (data) => got.push(data));
    await settled(here, there);
    here.publish('s', 1);
    await settled(here, there);
    end();
    end();
    await settled(here, there);
    here.publish('s', 2);
    await settled(here, there);
    expect(got).toEqual([1]);
  });

  it('carries a request and its answer', async () => {
    const [here, there] = await open();
    there.respond('ask.one', async (data) => ({ got: data, none: undefined }));
    there.respond('ask.nothing', async () => undefined);
    await settled(here, there);
    expect(await here.request('ask.one', { a: [1] }, { timeoutMs: 10_000 })).toEqual({ got: { a: [1] } });
    expect(await here.request('ask.nothing', null, { timeoutMs: 10_000 })).toBeNull();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => here.request('ask.one', i, { timeoutMs: 10_000 })),
    );
    expect(answers).toEqual(Array.from({ length: 50 }, (_, i) => ({ got: i })));
  });

  it('says that nobody answered, and that the outcome is unknown when it took too long', async () => {
    const [here, there] = await open();
    await expect(here.request('nobody', null, { timeoutMs: 500 })).rejects.toBeInstanceOf(BusTimeout);
    let finish = () => {};
    there.respond(
      'slow',
      () =>
        new Promise((resolve) => {
          finish = () => resolve(1);
        }),
    );
    await settled(here, there);
    const asked = performance.now();
    await expect(here.request('slow', null, { timeoutMs: 100 })).rejects.toBeInstanceOf(BusTimeout);
    expect(performance.now() - asked).toBeGreaterThan(90);
    finish();
    await settled(here, there);
  });

  it('brings the refusal of the other side back', async () => {
    const [here, there] = await open();
    there.respond('no', async () => {
      throw Object.assign(new Error('not now'), { code: 'busy' });
    });
    await settled(here, there);
    const refusal = await here.request('no', null, { timeoutMs: 10_000 }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(BusRefused);
    expect(refusal).toMatchObject({ code: 'busy', message: 'not now' });
  });

  it('refuses what is too large in each direction, and lives on', async () => {
    const [here, there] = await open();
    const got: unknown[] = [];
    there.subscribe('big', (data) => got.push(data));
    there.respond('ask.size', async (data) => 'x'.repeat(data as number));
    await settled(here, there);
    const fits = 'x'.repeat(maxPayloadBytes - 2);
    here.publish('big', `${fits}x`);
    here.publish('big', 'é'.repeat(maxPayloadBytes / 2));
    here.publish('big', fits);
    await until(() => got.length > 0);
    await settled(here, there);
    expect(got).toEqual([fits]);
    expect(logged.filter(({ message }) => message === 'a bus message was dropped')).toHaveLength(2);
    await expect(here.request('ask.size', `${fits}x`, { timeoutMs: 10_000 })).rejects.toMatchObject({
      code: 'too-large',
    });
    await expect(here.request('ask.size', maxPayloadBytes, { timeoutMs: 10_000 })).rejects.toMatchObject({
      code: 'too-large',
    });
    expect(await here.request('ask.size', maxPayloadBytes - 2, { timeoutMs: 10_000 })).toBe(fits);
  });

  it('refuses what is no subject', async () => {
    const [here] = await open();
    for (const subject of ['', 'a b', 'a.>', '*', 'a..b', 'x'.repeat(100), 'a\r\nPUB b 0']) {
      expect(() => here.publish(subject, 1)).toThrow('not a bus subject');
      expect(() => here.subscribe(subject, () => {})).toThrow('not a bus subject');
    }
  });

  it(`is ${where === 'in one process' ? 'not ' : ''}shared, and is picked by the settings`, async () => {
    const [here] = await open();
    expect(here.shared).toBe(where !== 'in one process');
    expect(keep(createBus(undefined, log)).shared).toBe(false);
    expect(keep(createBus(`nats://127.0.0.1:${server.port}`, log)).shared).toBe(true);
  });
});

describe('over NATS', () => {
  it('another installation on the same server hears nothing', async () => {
    const [one, other, stranger] = [await openNats(), await openNats(), await openNats({ prefix: 'other' })];
    const got: unknown[] = [];
    const strange: unknown[] = [];
    other.subscribe('s', (data) => got.push(data));
    stranger.subscribe('s', (data) => strange.push(data));
    await settled(one, other);
    one.publish('s', 1);
    await until(() => got.length === 1);
    stranger.publish('s', 2);
    await until(() => strange.length === 1);
    expect(strange).toEqual([2]);
    expect(got).toEqual([1]);
  });

  it('a process goes on alone while the server is away, and finds the others when it is back', async () => {
    const own = await createNatsServer();
    servers.push(own);
    await own.start();
    const url = `nats://127.0.0.1:${own.port}`;
    const [one, other] = [await openNats({ url }), await openNats({ url })];
    const here: unknown[] = [];
    const there: unknown[] = [];
    one.subscribe('s', (data) => here.push(data));
    other.subscribe('s', (data) => there.push(data));
    await settled(one, other);
    await own.kill();
    await until(() => !one.isConnected && !other.isConnected);
    one.publish('s', 'lost to others');
    await until(() => here.length === 1);
    const asked = performance.now();
    await expect(one.request('away', null, { timeoutMs: 5000 })).rejects.toBeInstanceOf(BusTimeout);
    expect(performance.now() - asked).toBeLessThan(4000);
    await own.start();
    await until(() => one.isConnected && other.isConnected);
    await settled(one, other);
    one.publish('s', 'heard');
    await until(() => there.length > 0);
    await settled(one, other);
    expect(there).toEqual(['heard']);
    expect(here).toEqual(['lost to others', 'heard']);
  });

  it('holds nothing back for later while the server is away', async () => {
    const own = await createNatsServer();
    servers.push(own);
    await own.start();
    const one = await openNats({ url: `nats://127.0.0.1:${own.port}` });
    await own.kill();
    await until(() => !one.isConnected);
    const before = process.memoryUsage();
    const load = 'x'.repeat(100_000);
    for (let i = 0; i < 2000; i++) {
      one.publish('nobody-here', load);
      if (i % 50 === 0) await new Promise(setImmediate);
    }
    const { arrayBuffers, external } = process.memoryUsage();
    // 200 MB were published.
    expect(arrayBuffers + external - before.arrayBuffers - before.external).toBeLessThan(50e6);
  });

  it('a server that stands still is given up, and joined again', async () => {
    const own = await createNatsServer();
    servers.push(own);
    await own.start();
    const one = await openNats({ url: `nats://127.0.0.1:${own.port}`, pingIntervalMs: 100 });
    own.pause();
    try {
      await until(() => !one.isConnected);
    } finally {
      own.resume();
    }
    await until(() => one.isConnected, 20_000);
  });

  it('starts before its server does, with what was subscribed meanwhile', async () => {
    const own = await createNatsServer();
    servers.push(own);
    const url = `nats://127.0.0.1:${own.port}`;
    const early = [0, 1].map(() => keep(createNatsBus({ url, log, reconnectMs: 50 })));
    const got: unknown[] = [];
    early[1]!.subscribe('s', (data) => got.push(data));
    early[1]!.respond('ask', async () => 'early');
    early[0]!.publish('s', 'lost');
    await until(() => logged.some(({ message }) => message.includes('does not answer')));
    await own.start();
    await Promise.all(early.map((bus) => bus.connected));
    expect(await early[0]!.request('ask', null, { timeoutMs: 10_000 })).toBe('early');
    early[0]!.publish('s', 'heard');
    await until(() => got.length > 0);
    expect(got).toEqual(['heard']);
  });

  it('can be closed while it still looks for its server', async () => {
    const own = await createNatsServer();
    const bus = createNatsBus({ url: `nats://127.0.0.1:${own.port}`, log, reconnectMs: 60_000 });
    await until(() => logged.some(({ message }) => message.includes('does not answer')));
    await bus.close();
    await bus.connected;
    await bus.close();
  });

  it('signs in with the user and password of the address', async () => {
    const own = await createNatsServer(['--user', 'liaison', '--pass', 'p:ä/w']);
    servers.push(own);
    await own.start();
    const good = await openNats({
      url: `nats://liaison:${encodeURIComponent('p:ä/w')}@127.0.0.1:${own.port}`,
    });
    expect(good.isConnected).toBe(true);
    const bad = keep(
      createNatsBus({ url: `nats://liaison:wrong@127.0.0.1:${own.port}`, log, reconnectMs: 50 }),
    );
    await until(() => logged.some(({ message }) => message.includes('does not answer')));
    expect(bad.isConnected).toBe(false);
  });

  it('reads nothing from a stranger that is not JSON', async () => {
    const one = await openNats();
    const got: unknown[] = [];
    one.subscribe('s', (data) => got.push(data));
    one.respond('ask', async (data) => data);
    await settled(await openNats(), one);
    const { connect } = await import('@nats-io/transport-node');
    const stranger = await connect({ servers: `127.0.0.1:${server.port}` });
    stranger.publish('liaison.s', '{"broken');
    stranger.publish('liaison.s', 'x'.repeat(maxPayloadBytes + 1));
    stranger.publish('liaison.s', '"fine"');
    const answer = await stranger.request('liaison.ask', '{"broken', { timeout: 10_000 });
    expect(answer.json()).toEqual({ refused: { code: 'invalid', message: 'the request could not be read' } });
    await stranger.close();
    await until(() => got.length > 0);
    expect(got).toEqual(['fine']);
  });
});
