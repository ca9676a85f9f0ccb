import { expect, test } from 'vitest';
import { type Docker, DockerFailed } from './docker.ts';
import { firstManager } from './swarm.ts';

const saying = (address: string, control: boolean): Docker => ({
  address,
  run: async () =>
    JSON.stringify({
      Name: address,
      ServerVersion: '28.5.1',
      SystemTime: '2026-05-01T10:00:00Z',
      Swarm: { LocalNodeState: 'active', ControlAvailable: control },
    }),
});
const refusing = (address: string): Docker => ({
  address,
  run: () => Promise.reject(new DockerFailed('docker info', 'connection refused')),
});
/** As docker ends where ssh lets nobody in: with what it would have said, and the reason among it. */
const unreached = (address: string): Docker => ({
  address,
  run: async () =>
    JSON.stringify({ ID: '', ServerErrors: ['ssh: connect to host a:\r\nConnection refused'] }),
});
const silent = (address: string): Docker => ({ address, run: () => new Promise(() => {}) });

test('A manager that is gone without a word keeps nobody waiting for the next one', async () => {
  const { found } = await firstManager([silent('a'), saying('b', false), saying('c', true)], 20);
  expect(found?.address).toBe('c');
});

test('The first is asked alone while it may still answer; one that refuses is passed over at once', async () => {
  const hour = 3_600_000;
  expect((await firstManager([saying('a', true), silent('b')], hour)).found?.address).toBe('a');
  expect((await firstManager([refusing('a'), saying('b', true)], hour)).found?.address).toBe('b');
});

test('Where nobody is a manager, each says why', async () => {
  expect(await firstManager([refusing('a'), saying('b', false), unreached('c')], 20)).toEqual({
    found: undefined,
    reasons: ['connection refused', 'it is a worker', 'ssh: connect to host a: Connection refused'],
  });
});
