import { createInProcessBus } from '@liaison/core/bus';
import type { SipCredentials } from '@liaison/people';
import { beforeEach, expect, it } from 'vitest';
import { createKnownDevices } from './known-devices.ts';

const credentials: SipCredentials = {
  ha1: 'a'.repeat(64),
  deviceId: 'desk',
  personId: 'ines',
  orgId: 'estuaria',
};
const query = { realm: 'estuaria.example', username: 'ines-desk', algorithm: 'SHA-256' } as const;

let asked: number;
let found: SipCredentials | null;
/** Resolves what was asked, once it is let. */
let hold: Promise<void> | undefined;
let nowMs: number;
const people = {
  async sipCredentials() {
    asked += 1;
    const answer = found;
    await hold;
    return answer;
  },
};
const now = () => nowMs;
const quiet = { error() {} };

beforeEach(() => {
  asked = 0;
  found = credentials;
  hold = undefined;
  nowMs = 1_000_000;
});

function known(shared = false) {
  const bus = { ...createInProcessBus(quiet), shared };
  return { bus, devices: createKnownDevices({ bus, people, now }) };
}

it('asks once for a telephone that signs in again', async () => {
  const { devices } = known();
  for (let times = 0; times < 3; times += 1) expect(await devices.find(query)).toEqual(credentials);
  expect(asked).toBe(1);
  expect(await devices.find({ ...query, algorithm: 'MD5' })).toEqual(credentials);
  expect(asked).toBe(2);
});

it('does not remember who is nobody: a new telephone is known at once', async () => {
  const { devices } = known();
  found = null;
  expect(await devices.find(query)).toBeNull();
  found = credentials;
  expect(await devices.find(query)).toEqual(credentials);
});

it.each([{ deviceId: 'desk' }, { personId: 'ines' }])(
  'forgets at a word about %o, and nobody else',
  async (whose) => {
    const { bus, devices } = known();
    await devices.find(query);
    bus.publish('calls.credentials-forgotten', { deviceId: 'another' });
    bus.publish('calls.credentials-forgotten', 'nonsense');
    await expect.poll(() => devices.find(query)).toEqual(credentials);
    expect(asked).toBe(1);
    found = null;
    bus.publish('calls.credentials-forgotten', whose);
    await expect.poll(() => devices.find(query)).toBeNull();
  },
);

it('keeps nothing that was asked for before a revocation and answered after it', async () => {
  const { bus, devices } = known();
  let letGo = () => {};
  hold = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const early = devices.find(query);
  bus.publish('calls.credentials-forgotten', { deviceId: 'desk' });
  await new Promise((resolve) => setImmediate(resolve));
  letGo();
  await early;
  found = null;
  expect(await devices.find(query)).toBeNull();
});

it('believes them for five seconds where the word of a revocation may be lost', async () => {
  const { devices } = known(true);
  await devices.find(query);
  found = null;
  nowMs += 4_999;
  expect(await devices.find(query)).toEqual(credentials);
  nowMs += 2;
  expect(await devices.find(query)).toBeNull();
});
