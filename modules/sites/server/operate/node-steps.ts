import { setTimeout as sleep } from 'node:timers/promises';
import type { Site, SiteNode } from '../../contract/index.ts';
import { DeployFailed } from './deploy.ts';
import { diskMend } from './disk-mend.ts';
import { type Docker, DockerFailed } from './docker.ts';
import { infoOf } from './managers.ts';
import type { Swarm, SwarmNode } from './swarm.ts';

type Say = (line: string) => void;

const nodeOf = async (swarm: Swarm, name: string): Promise<SwarmNode | undefined> => {
  const all = (await swarm.nodes()).filter(({ Description }) => Description.Hostname === name);
  // One that left and came back is there twice for a while.
  return all.find(({ Status }) => Status.State === 'ready') ?? all[0];
};

/** Whether the managers have given a node up. */
export const isDown = async (swarm: Swarm, name: string): Promise<boolean> =>
  (await nodeOf(swarm, name))?.Status.State === 'down';

/** Makes a machine the first manager of a swarm, unless it is in one. */
export async function beginSwarm(docker: Docker, node: SiteNode): Promise<void> {
  const { Swarm: now } = await infoOf(docker);
  if (now.ControlAvailable === true) return;
  await docker.run(['swarm', 'init', '--advertise-addr', node.address], { timeoutMs: 120_000 });
}

/**
 * Makes a machine a node, and waits until the others see it. Nothing is put on it yet: it is drained.
 *
 * @param image has bash, with which ports between the machines are tried
 */
export async function joinSwarm(options: {
  swarm: Swarm;
  site: Site;
  node: SiteNode;
  docker: Docker;
  image: string;
  say: Say;
}): Promise<void> {
  const { swarm, site, node, docker, image, say } = options;
  const manager = await swarm.manager();
  const known = await nodeOf(swarm, node.name);
  const { Swarm: now } = await infoOf(docker);
  if (now.LocalNodeState !== 'active' || known?.ID !== now.NodeID) {
    const to = site.nodes.find((one) => one.docker === manager.address);
    const token = await manager.run(['swarm', 'join-token', '--quiet', node.manager ? 'manager' : 'worker']);
    try {
      await docker.run(
        [
          ...['swarm', 'join', '--availability', 'drain', '--advertise-addr', node.address],
          ...['--token', token.trim(), `${to?.address}:2377`],
        ],
        { timeoutMs: 120_000 },
      );
    } catch (error) {
      if (!(error instanceof DockerFailed)) throw error;
      throw new DeployFailed(
        `${node.name} cannot join: ${error.complaint}`,
        diskMend(node.name, error.complaint) ??
          `open TCP 2377 of ${to?.name} (${to?.address}) for ${node.address}, and on all nodes TCP 7946, UDP 7946 and UDP 4789`,
      );
    }
  }
  say(`${node.name}: joined, waiting until the managers see it`);
  await until(
    async () => {
      const seen = await nodeOf(swarm, node.name);
      const reachable = !node.manager || seen?.ManagerStatus?.Reachability === 'reachable';
      return seen?.Status.State === 'ready' && reachable;
    },
    120_000,
    () =>
      new DeployFailed(
        `${node.name} joined and is not ready`,
        'look there with journalctl -u docker; TCP 2377 and 7946 must be open between all nodes',
      ),
  );
  const other = site.nodes.find((one) => one.docker === manager.address);
  if (other === undefined || other.name === node.name) return;
  for (const [from, at, to] of [
    [docker, node, other],
    [manager, other, node],
  ] as const) {
    await tryPort({ docker: from, image, from: at, to, port: 7946 });
  }
}

/** A container on the machine's own network tries a port of another; that its image is to be had there is found out too. */
async function tryPort(options: {
  docker: Docker;
  image: string;
  from: SiteNode;
  to: SiteNode;
  port: number;
}): Promise<void> {
  const { docker, image, from, to, port } = options;
  const attempt = `timeout 5 bash -c ': </dev/tcp/${to.address}/${port}' && echo open || echo closed`;
  let said: string;
  try {
    said = await docker.run(
      [
        ...['run', '--rm', '--network', 'host', '--read-only', '--cap-drop', 'ALL', '--no-healthcheck'],
        ...['--entrypoint', '/bin/bash', image, '-c', attempt],
      ],
      { timeoutMs: 600_000 },
    );
  } catch (error) {
    if (!(error instanceof DockerFailed)) throw error;
    throw new DeployFailed(
      `${from.name} cannot run ${image}: ${error.complaint}`,
      diskMend(from.name, error.complaint) ??
        'look that it reaches the registry of images, and log in to that where it asks (docker login)',
    );
  }
  if (said.includes('open')) return;
  throw new DeployFailed(
    `${from.name} does not reach TCP ${port} of ${to.name} (${to.address})`,
    'open TCP 7946, UDP 7946 and UDP 4789 between all nodes',
  );
}

/** Whether a node is given tasks; of a drained one it is waited for that it has none. */
export async function setAvailability(options: {
  swarm: Swarm;
  site: Site;
  node: string;
  to: 'active' | 'drain';
  say: Say;
}): Promise<void> {
  const { swarm, site, node, to, say } = options;
  const found = await nodeOf(swarm, node);
  if (found === undefined)
    throw new DeployFailed(`${node} is not in the swarm`, 'look with status what it is called there');
  const docker = await swarm.manager();
  await docker.run(['node', 'update', '--availability', to, found.ID]);
  if (to === 'active') return;
  let said = '';
  await until(
    async () => {
      // Of a node that is down nobody knows better.
      if (await isDown(swarm, node)) return true;
      const lines = await docker.run(['node', 'ps', '--format', '{{.Name}} {{.CurrentState}}', found.ID]);
      const left = lines
        .split('\n')
        .filter((line) => / (Running|Starting|Preparing|Ready|Assigned|Accepted)\b/.test(line))
        .map((line) => line.split(' ')[0] ?? '');
      const line = `${node}: ${left.length === 0 ? 'nothing runs any more' : `still ${left.join(', ')}`}`;
      if (line !== said) say(line);
      said = line;
      return left.length === 0;
    },
    (site.limits.drainMinutes + 5) * 60_000,
    () =>
      new DeployFailed(
        `${node} is not empty after ${site.limits.drainMinutes + 5} minutes: ${said}`,
        'end what is left there (docker ps), or wait',
      ),
  );
}

/** Makes a node a manager or a worker. */
export async function setRole(swarm: Swarm, node: string, to: 'manager' | 'worker'): Promise<void> {
  const found = await nodeOf(swarm, node);
  if (found === undefined || found.Spec.Role === to) return;
  const docker = await swarm.manager();
  await docker.run(['node', to === 'manager' ? 'promote' : 'demote', found.ID]);
  await until(
    async () => {
      try {
        const now = await nodeOf(swarm, node);
        return to === 'worker'
          ? now?.ManagerStatus === undefined
          : now?.ManagerStatus?.Reachability === 'reachable';
      } catch (error) {
        // It may have been the one that was asked.
        if (error instanceof DockerFailed) return false;
        throw error;
      }
    },
    60_000,
    () => new DeployFailed(`${node} did not become a ${to}`, 'look with status whether it is reached'),
  );
}

/** Takes a node out of the swarm, whether its machine answers or not. */
export async function leaveSwarm(swarm: Swarm, node: string, docker: Docker): Promise<void> {
  const found = await nodeOf(swarm, node);
  if (found === undefined) return;
  try {
    const { Swarm: now } = await infoOf(docker);
    if (now.LocalNodeState !== 'inactive') await docker.run(['swarm', 'leave'], { timeoutMs: 60_000 });
  } catch (error) {
    if (!(error instanceof DockerFailed)) throw error;
    // The machine is gone; the swarm forgets it all the same.
  }
  // Until the managers miss it they take it for ready, which a third of a minute later changes nothing.
  const manager = await swarm.manager();
  await manager.run(['node', 'rm', '--force', found.ID]);
}

/** Polls what nobody tells by itself. */
export async function until(
  find: () => Promise<boolean>,
  withinMs: number,
  late: () => Error,
): Promise<void> {
  for (const deadline = Date.now() + withinMs; Date.now() < deadline; await sleep(500)) {
    if (await find()) return;
  }
  throw late();
}
