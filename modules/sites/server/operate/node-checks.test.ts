import { expect, test } from 'vitest';
import { checked, threeNodes } from '../testing/any-deployment.ts';
import { type Docker, DockerFailed, dockerArguments } from './docker.ts';
import { checkNodes, nodeFaults } from './node-checks.ts';

const [node] = checked(threeNodes()).sites[0]?.nodes ?? [];
if (node === undefined) throw new Error('no node');
const machine = node;

const engine = (change: object = {}, clockMs = 0): Docker => ({
  address: 'unix:///x',
  run: async () =>
    JSON.stringify({
      Name: 'n1',
      ServerVersion: '20.10.24+dfsg1',
      SystemTime: new Date(Date.now() + clockMs).toISOString(),
      Swarm: { LocalNodeState: 'inactive', NodeID: '' },
      ...change,
    }),
});
const check = (docker: Docker, manager: Docker | undefined = engine()) =>
  checkNodes({ nodes: [machine], engine: () => docker, manager, members: new Set(['member']) });

test('A prepared machine is taken, one of the swarm too', async () => {
  await check(engine());
  await check(engine({ Swarm: { LocalNodeState: 'active', NodeID: 'member' } }));
});

test('What is not prepared is named with its mend', async () => {
  await expect(check(engine({ Name: 'other' }))).rejects.toThrow(/calls itself other.*set-hostname n1/);
  await expect(check(engine({ ServerVersion: '19.03.1' }))).rejects.toThrow(
    /Docker 19\.03\.1 · install 20\.10/,
  );
  await expect(check(engine({}, 7000))).rejects.toThrow(/clock of n1 is 7 s ahead of.*timedatectl/);
  await expect(check(engine({}, -7000))).rejects.toThrow(/7 s behind/);
  await expect(check(engine({ Swarm: { LocalNodeState: 'active', NodeID: 'x' } }))).rejects.toThrow(
    /another swarm/,
  );
  const away: Docker = {
    address: 'ssh://n1',
    run: () => Promise.reject(new DockerFailed('docker info', 'connection refused')),
  };
  await expect(check(away)).rejects.toThrow(/does not answer at ssh:.*connection refused · install Docker/);
});

test('An answer that took long makes no clock wrong, and all that is wrong is told at once', () => {
  const info = { Name: 'x', ServerVersion: '19.1', SystemTime: '', Swarm: { LocalNodeState: 'inactive' } };
  const swarm = {
    ...info.Swarm,
    ControlAvailable: undefined,
    NodeID: undefined,
    Error: undefined,
    Cluster: undefined,
  };
  const asked = { info: { ...info, Swarm: swarm }, clockMs: 3500, uncertainMs: 2000 };
  const against = { clockMs: 0, uncertainMs: 10 };
  const faults = nodeFaults({ node: machine, asked, against, members: new Set() });
  expect(faults.map(({ what }) => what)).toEqual([
    expect.stringContaining('calls itself'),
    expect.stringContaining('19.1'),
  ]);
});

test('An engine is reached by a socket, over ssh, or by a context', () => {
  expect(dockerArguments('ssh://operator@n1')).toEqual(['--host', 'ssh://operator@n1']);
  expect(dockerArguments('context:n1')).toEqual(['--context', 'n1']);
});
