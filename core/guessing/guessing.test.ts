import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bus, createNatsBus } from '../bus/index.ts';
import { createNatsServer } from '../bus/testing/index.ts';
import { Problem } from '../contract/index.ts';
import { createGuessing, devicePolicy, type GuessingPolicy, networkOf, peoplePolicy } from './index.ts';

const target = 'password:ines@estuaria.example';

function clock(policy: GuessingPolicy = peoplePolicy) {
  let at = 1_000_000;
  const guessing = createGuessing({ name: 'test', policy, now: () => at });
  /** Seconds to wait, or 0 when the try was let through (and failed). */
  const fail = (ip: string, more: { knownBrowser?: string; target?: string } = {}): number => {
    try {
      guessing.begin({ target, ip, ...more });
      return 0;
    } catch (error) {
      return (error as Problem).retryAfterSeconds!;
    }
  };
  return { guessing, fail, pass: (ms: number) => (at += ms) };
}

it('lets a few tries through, then doubles the wait up to a quarter of an hour', () => {
  const { fail, pass } = clock();
  expect([1, 2, 3, 4, 5].map(() => fail('192.0.2.1'))).toEqual([0, 0, 0, 0, 0]);
  const waits = [];
  for (let i = 0; i < 12; i++) {
    const wait = fail('192.0.2.1');
    waits.push(wait);
    pass(wait * 1000);
    expect(fail('192.0.2.1')).toBe(0);
  }
  expect(waits.slice(0, 5)).toEqual([1, 2, 4, 8, 16]);
  expect(Math.max(...waits)).toBeLessThanOrEqual(900);
});

it('holds up the guesser and nobody else', () => {
  const { fail, pass } = clock();
  for (let i = 0; i < 30; i++) fail('192.0.2.1');
  expect(fail('192.0.2.1')).toBeGreaterThan(0);
  expect(fail('198.51.100.7')).toBe(0);
  expect(fail('192.0.2.1', { knownBrowser: 'mine' })).toBe(0);
  expect(fail('192.0.2.1', { target: 'password:amina@estuaria.example' })).toBe(0);
  pass(60 * 60_000);
  expect(fail('192.0.2.1')).toBe(0);
});

it('gives new networks less while an account is attacked from many', () => {
  const { fail } = clock();
  for (let i = 0; i < 110; i++) fail(`10.0.${i}.1`);
  expect([fail('203.0.113.9'), fail('203.0.113.9')]).toEqual([0, 0]);
  expect(fail('203.0.113.9')).toBeGreaterThan(0);
});

it('forgets the failures of whoever succeeds, not those of a network', () => {
  const { guessing, fail } = clock();
  for (let i = 0; i < 4; i++) fail('192.0.2.1');
  guessing.begin({ target, ip: '192.0.2.1' }).succeeded();
  expect([1, 2, 3, 4, 5].map(() => fail('192.0.2.1'))).toEqual([0, 0, 0, 0, 0]);
  for (let i = 0; i < 80; i++) fail('192.0.2.1', { target: `password:${i}` });
  expect(fail('192.0.2.1', { target: 'password:new' })).toBeGreaterThan(0);
});

it('stays within its memory', () => {
  const guessing = createGuessing({ name: 'test', maxEntries: 100 });
  for (let i = 0; i < 1000; i++) guessing.begin({ target: `t${i}`, ip: `10.${i >> 8}.${i & 255}.1` });
  expect(() => guessing.begin({ target: 't', ip: '::1' })).not.toThrow(Problem);
});

it('counts an IPv6 network as one', () => {
  expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe(networkOf('2001:db8:1:2::9'));
  expect(networkOf('2001:db8:1:2::9')).not.toBe(networkOf('2001:db8:1:3::9'));
  expect(networkOf('::ffff:192.0.2.1')).toBe('192.0.2.1');
  fc.assert(fc.property(fc.ipV6(), (ip) => networkOf(ip).endsWith('::/64') || networkOf(ip).includes('.')));
});

describe('telephones', () => {
  const telephone = 'sip:ines-x7f3q@estuaria.example';

  it('hold a guesser up within 20 tries, whatever names it tries, and for longer each time', () => {
    const { fail, pass } = clock(devicePolicy);
    const tries = Array.from({ length: 20 }, (_, i) =>
      fail('192.0.2.1', { target: `sip:10${i}@estuaria.example` }),
    );
    expect(tries.filter((wait) => wait === 0).length).toBeLessThan(20);
    expect(tries.at(-1)).toBeGreaterThanOrEqual(60);
    pass(61_000);
    expect(fail('192.0.2.1')).toBe(0);
    expect(fail('192.0.2.1')).toBeGreaterThan(60);
    expect(fail('198.51.100.7', { target: telephone })).toBe(0);
  });

  it('go on in a network that is held up, where they signed in before', () => {
    const { guessing, fail } = clock(devicePolicy);
    guessing.begin({ target: telephone, ip: '192.0.2.1' }).succeeded();
    for (let i = 0; i < 40; i++) fail('192.0.2.1', { target: `sip:10${i}@estuaria.example` });
    expect(fail('192.0.2.1', { target: 'sip:other@estuaria.example' })).toBeGreaterThan(0);
    for (let i = 0; i < 40; i++) guessing.begin({ target: telephone, ip: '192.0.2.1' }).succeeded();
    // Its own wrong tries count against itself.
    const waits = Array.from({ length: 12 }, () => fail('192.0.2.1', { target: telephone }));
    expect(waits.at(-1)).toBeGreaterThan(0);
  });
});

describe('in several processes', () => {
  const log = { info() {}, warn() {}, error() {} };
  let server: Awaited<ReturnType<typeof createNatsServer>>;
  const buses: Bus[] = [];
  beforeAll(async () => {
    server = await createNatsServer();
    await server.start();
  });
  afterAll(async () => {
    for (const bus of buses) await bus.close();
    await server.kill();
  });

  it('what fails at one is counted by all, and who succeeds there is known everywhere', async () => {
    const [one, other] = await Promise.all(
      [1, 2].map(async () => {
        const bus = createNatsBus({ url: `nats://127.0.0.1:${server.port}`, log });
        buses.push(bus);
        const guessing = createGuessing({ name: 'test', bus, policy: devicePolicy });
        await bus.connected;
        return guessing;
      }),
    );
    const refusedAt = (guessing: typeof one, name: string) => {
      try {
        guessing!.begin({ target: name, ip: '192.0.2.1' });
        return false;
      } catch {
        return true;
      }
    };
    one!.begin({ target: 'sip:known@estuaria.example', ip: '192.0.2.1' }).succeeded();
    for (let i = 0; i < 30; i++) refusedAt(one, `sip:${i}@estuaria.example`);
    await expect
      .poll(() => refusedAt(other, `sip:${Math.random()}@estuaria.example`), { timeout: 5000 })
      .toBe(true);
    expect(refusedAt(other, 'sip:known@estuaria.example')).toBe(false);
    one!.close();
    other!.close();
  });
});
