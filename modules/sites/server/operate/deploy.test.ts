import { expect, test } from 'vitest';
import type { Site } from '../../contract/index.ts';
import { awaitServices } from './deploy.ts';
import type { RunningService, RunningTask, Swarm, SwarmNode } from './swarm.ts';

const container = { Image: 'x:1' } as RunningTask['Spec']['ContainerSpec'];
const front = {
  ID: 's',
  Spec: {
    Name: 'lab-eu_front',
    TaskTemplate: { ContainerSpec: container },
    Mode: { Replicated: { Replicas: 2 } },
  },
} as RunningService;
const task = (ID: string, State: string, DesiredState: string, Err?: string) =>
  ({
    ...{ ID, ServiceID: 's', NodeID: 'n', DesiredState, CreatedAt: '2026-11-23T00:00:00Z' },
    ...{ Spec: { ContainerSpec: container }, Status: { State, Err } },
  }) as RunningTask;
const refused = (count: number, why: string, as = 'new') =>
  Array.from({ length: count }, (_, at) => task(`${as}-${at}`, 'rejected', 'shutdown', why));
const one = task('a', 'running', 'running');
const other = task('b', 'running', 'running');
const full = 'mkdir /var/lib/docker/containers/x: no space left on device';

/** Waits for two of `front`, while the swarm says in turn what tasks there are; the last of it again and again. */
const waitsFor = (...said: RunningTask[][]) =>
  awaitServices({
    swarm: {
      stack: 'lab-eu',
      services: async () => [front],
      tasks: async () => (said.length > 1 ? said.shift() : said[0]) ?? [],
      nodes: async () => [{ ID: 'n', Description: { Hostname: 'lisbon-2' } } as SwarmNode],
    } as unknown as Swarm,
    site: { limits: { drainMinutes: 0 } } as Site,
    services: ['front'],
    say: () => {},
  });

test('A node whose disk refuses every task is named with what mends it, and nobody waits any longer', async () => {
  await expect(waitsFor([one], [one, ...refused(6, full)])).rejects.toMatchObject({
    message: `front cannot run on lisbon-2: ${full}`,
    mend: expect.stringMatching(/make room on lisbon-2.*node drain/),
  });
  const readOnly = 'error creating overlay mount: read-only file system';
  await expect(waitsFor([one], [one, ...refused(6, readOnly)])).rejects.toMatchObject({
    mend: expect.stringContaining('look at the disk of lisbon-2'),
  });
});

test('While another node may still be found, and for refusals of before, it is waited for', async () => {
  const old = refused(9, full, 'old');
  await waitsFor(old, [one, ...refused(5, full), ...old], [one, other, ...refused(5, full), ...old]);
  await waitsFor([], [one, ...refused(9, 'no such image')], [one, other]);
});
