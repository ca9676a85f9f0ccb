import { expect, test } from 'vitest';
import { type Docker, DockerFailed } from './docker.ts';
import { createManagers, firstManager } from './managers.ts';

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

/** Two managers, of which one can be made to fail; says who was looked for, and asked what. */
function twoManagers() {
  const said: string[] = [];
  const failing = new Set<string>();
  const one = (address: string): Docker => ({
    address,
    async run([what = '']) {
      said.push(`${address} ${what}`);
      if (failing.has(address)) throw new DockerFailed(what, `${address} is gone`);
      return what;
    },
  });
  const [a, b] = [one('a'), one('b')];
  const managers = createManagers(async () => {
    said.push('who');
    const found = [a, b].find(({ address }) => !failing.has(address));
    if (found === undefined) throw new Error('nobody answers');
    return found;
  });
  return { managers, said, failing };
}

test('Who answers as a manager is asked once, however much is asked of it', async () => {
  const { managers, said } = twoManagers();
  await Promise.all([managers.any(), managers.any()]);
  await (await managers.any()).run(['update']);
  expect(await managers.read((docker) => docker.run(['ls']))).toBe('ls');
  expect(said).toEqual(['who', 'a update', 'a ls']);
});

test('When it is gone the other one is asked: at once where that can be read twice, else by the next', async () => {
  const { managers, said, failing } = twoManagers();
  const known = await managers.any();
  failing.add('a');
  await expect(known.run(['update'])).rejects.toThrow('a is gone');
  expect((await managers.any()).address).toBe('b');
  failing.clear();
  failing.add('b');
  expect(await managers.read((docker) => docker.run(['ls']))).toBe('ls');
  expect(said).toEqual(['who', 'a update', 'who', 'b ls', 'who', 'a ls']);
  failing.add('a');
  await expect(managers.read((docker) => docker.run(['ls']))).rejects.toThrow('nobody answers');
  // Nobody is remembered who was not there.
  failing.clear();
  expect((await managers.any()).address).toBe('a');
});
