import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createIdentity } from '@liaison/core/backup';
import { readSecrets, renderSite, writeFolder } from '@liaison/sites/server';
import { containersOf, type RunningContainer, servicesOf } from '../../testing/docker-api.ts';
import type { DockerEngine } from '../../testing/docker-engine.ts';
import { type DockerLab, openDockerLab } from '../../testing/docker-lab.ts';
import { atFirst, describeSite, descriptionOf, host, type Wanted } from './lab-description.ts';
import { makeImages } from './lab-images.ts';

const run = promisify(execFile);
const contract = fileURLToPath(new URL('../../../modules/sites/contract/index.ts', import.meta.url));
const program = fileURLToPath(new URL('../../../apps/cli/main.ts', import.meta.url));

/** A site on three machines that are engines of this one: deployed from its description as any other. */
export interface SiteLab {
  readonly lab: DockerLab;
  readonly nodes: readonly DockerEngine[];
  /** The authority that signed the edge's certificate. */
  readonly authority: string;
  readonly wanted: Wanted;
  /** Where its backups lie, as the operator's program takes it, and who reads them. */
  readonly backups: { readonly place: string; readonly identity: string };
  /** Seconds from prepared machines, which have the images, to a whole site. */
  readonly deployedInSeconds: number;
  /** A manager that answers. */
  manager(): DockerEngine;
  /** Containers of a service that are healthy, on the engines that answer. */
  healthy(service: string): Promise<RunningContainer[]>;
  /** A service's name in the swarm. */
  serviceName(service: string): string;
  /** Changes the description, renders it and deploys it. */
  deploy(change: Partial<Wanted>): Promise<void>;
  /**
   * The operator's program in a process of its own; SITE stands for the site's folder. What it changed is what is wanted from then on.
   * Throws with what it complained of.
   */
  liaison(...words: string[]): Promise<string>;
  /** The same with a description that says otherwise, which is taken away again. */
  liaisonWith(change: Partial<Wanted>, ...words: string[]): Promise<string>;
  /** Waits until every service has as many healthy containers as it wants, and none changes. */
  whole(withinMs: number): Promise<void>;
  /** A node is gone at once, as without power and cable. */
  lose(node: DockerEngine): Promise<void>;
  regain(node: DockerEngine): Promise<void>;
  /** Regains every node that is lost. */
  regainAll(): Promise<void>;
  close(): Promise<void>;
}

/**
 * @param say told of each step, which takes from seconds to minutes
 * @param sources a checkout that the image is built from; this one unless told
 */
export async function openSiteLab(options: {
  say: (line: string) => void;
  sources?: string;
}): Promise<SiteLab> {
  const { say } = options;
  const folder = await mkdtemp(join(tmpdir(), 'liaison-site-'));
  // Containers' users pass through it.
  await chmod(folder, 0o755);
  let lab: DockerLab | undefined;
  try {
    const images = await makeImages(folder, options);
    say('three engines, and the images on them');
    lab = await openDockerLab({ engines: 3 });
    const nodes = lab.engines;
    await Promise.all(
      nodes.map((node) => node.docker(['load', '--quiet', '--input', images], { timeoutMs: 600_000 })),
    );
    await rm(images);
    const begun = performance.now();
    say('the swarm');
    await makeSwarm(nodes);
    const opened = await siteOn(lab, folder);
    say('the stack');
    await opened.deploy({});
    await opened.whole(600_000);
    // Not a copy of it: what is wanted changes, and is asked for each time.
    return Object.assign(opened, { deployedInSeconds: (performance.now() - begun) / 1000 });
  } catch (error) {
    if (lab) for (const line of await stateOf(lab.engines)) say(line);
    await lab?.close();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function siteOn(lab: DockerLab, folder: string): Promise<SiteLab> {
  const { engines: nodes } = lab;
  const lost = new Set<DockerEngine>();
  const { identity, recipient } = await createIdentity();
  const places = { blobs: join(folder, 'blobs'), backups: join(folder, 'backups'), recipient };
  for (const place of [places.blobs, places.backups]) {
    await mkdir(place);
    await chmod(place, 0o777);
  }
  const rendered = join(folder, 'rendered');
  const secretsFolder = join(rendered, 'secrets');
  await mkdir(secretsFolder, { recursive: true, mode: 0o700 });
  await makeCertificate(secretsFolder);
  let wanted = atFirst;
  const manager = (): DockerEngine => {
    const answering = nodes.find((node) => !lost.has(node));
    if (answering === undefined) throw new Error('every node is lost');
    return answering;
  };
  const regain = async (node: DockerEngine) => {
    await lab.connect(node, true);
    await node.start();
    lost.delete(node);
  };
  const describe = (as: Wanted) =>
    writeFile(
      join(folder, 'site.ts'),
      `import { defineDeployment } from ${JSON.stringify(contract)};\n\nexport default defineDeployment(${JSON.stringify(descriptionOf(nodes, places, as))});\n`,
    );
  const operate = async (words: readonly string[]): Promise<string> => {
    const args = [program, ...words.map((word) => (word === 'SITE' ? folder : word))];
    const env = { ...nodes[0]?.environment };
    const { stdout, stderr } = await run(process.execPath, args, { env, timeout: 600_000 }).catch(
      (error: { stdout?: string; stderr?: string; message: string }) => {
        throw new Error(`liaison ${words.join(' ')}: ${error.stderr ?? error.message} ${error.stdout ?? ''}`);
      },
    );
    return stdout + stderr;
  };
  const stateFile = join(folder, 'state.json');
  const takeState = async () => {
    const text = await readFile(stateFile, 'utf8').catch(() => '{}');
    await rm(stateFile, { force: true });
    const { sites } = JSON.parse(text) as {
      sites?: { eu?: { postgres?: { primary: string; standby?: string; epoch: number } } };
    };
    const moved = sites?.eu?.postgres;
    if (moved === undefined) return;
    const at = (name: string | undefined) => nodes.findIndex((node) => node.name === name);
    const standby = at(moved.standby);
    wanted = {
      ...wanted,
      primary: at(moved.primary),
      standby: standby < 0 ? undefined : standby,
      epoch: moved.epoch,
    };
  };
  const serviceName = (service: string) => `lab-eu_${service}`;
  return {
    lab,
    nodes,
    authority: await readFile(join(secretsFolder, 'certificate'), 'utf8'),
    get wanted() {
      return wanted;
    },
    backups: { place: join(places.backups, 'eu'), identity },
    deployedInSeconds: Number.NaN,
    manager,
    serviceName,
    healthy: async (service) =>
      (await containersOf(nodes)).filter((one) => one.healthy && one.service === serviceName(service)),
    async deploy(change) {
      wanted = { ...wanted, ...change };
      const deployment = describeSite(nodes, places, wanted);
      const [site] = deployment.sites;
      if (site === undefined) throw new Error('no site is described');
      const { secrets: names } = renderSite(deployment, site, () => '');
      const secrets = await readSecrets({ site, names, folder: secretsFolder, make: true });
      const { files, labels, main, name } = renderSite(deployment, site, secrets.mark);
      await writeFolder(rendered, files);
      for (const [node, ofNode] of labels) {
        const added = ofNode.flatMap((label) => ['--label-add', `${label}=yes`]);
        await manager().docker(['node', 'update', ...added, node]);
      }
      // As `site render` prints it, but that there is no registry to ask.
      const stack = ['stack', 'deploy', '--prune', '--resolve-image', 'never'];
      await manager().docker([...stack, '--compose-file', join(rendered, main), name], {
        timeoutMs: 120_000,
      });
    },
    async liaison(...words) {
      await describe(wanted);
      try {
        return await operate(words);
      } finally {
        await takeState();
      }
    },
    async liaisonWith(change, ...words) {
      await describe({ ...wanted, ...change });
      return operate(words);
    },
    whole: (withinMs) => untilWhole(manager, nodes, withinMs),
    async lose(node) {
      lost.add(node);
      await Promise.all([lab.connect(node, false), node.kill()]);
    },
    regain,
    async regainAll() {
      for (const node of [...lost]) await regain(node);
    },
    async close() {
      await lab.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** As an operator has one: for the site's name, of an authority that this run trusts. */
async function makeCertificate(secretsFolder: string): Promise<void> {
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`],
    ...['-keyout', join(secretsFolder, 'certificate-key'), '-out', join(secretsFolder, 'certificate')],
  ]);
}

/** The last one leads: what its loss does is not also that of the primary, which is on the first. */
async function makeSwarm(nodes: readonly DockerEngine[]): Promise<void> {
  const [first, ...others] = nodes.toReversed();
  if (first === undefined) return;
  await first.docker(['swarm', 'init', '--advertise-addr', first.address]);
  const token = await first.docker(['swarm', 'join-token', '--quiet', 'manager']);
  for (const { docker, address } of others) {
    const at = ['--advertise-addr', address, '--token', token, `${first.address}:2377`];
    await docker(['swarm', 'join', ...at], { timeoutMs: 120_000 });
  }
  await allReachable(first);
}

/** Waits until every manager takes part. */
export async function allReachable(manager: DockerEngine, withinMs = 120_000): Promise<void> {
  await until(
    async () => {
      const states = await manager.docker(['node', 'ls', '--format', '{{.Status}} {{.ManagerStatus}}']);
      return states.split('\n').every((state) => /^Ready (Leader|Reachable)$/.test(state));
    },
    'every manager is reachable',
    withinMs,
    500,
  );
}

/** What is not as it should be, for whoever reads why a run failed. */
async function stateOf(nodes: readonly DockerEngine[]): Promise<string[]> {
  const [first] = nodes;
  if (first === undefined) return [];
  const tasks = await first
    .docker(['service', 'ls', '--format', '{{.Name}} {{.Replicas}}'])
    .catch((reason: Error) => reason.message);
  const format = '{{.Name}} on {{.Node}}: {{.CurrentState}} {{.Error}}';
  const names = tasks.split('\n').map((line) => line.split(' ', 1)[0] ?? '');
  const states = await first
    .docker(['service', 'ps', '--no-trunc', '--format', format, ...names])
    .catch((reason: Error) => reason.message);
  return [...tasks.split('\n'), ...states.split('\n').slice(0, 60)];
}

async function untilWhole(
  manager: () => DockerEngine,
  nodes: readonly DockerEngine[],
  withinMs: number,
): Promise<void> {
  let missing = '';
  await until(
    async () => {
      const [services, containers] = await Promise.all([servicesOf(manager()), containersOf(nodes)]);
      const short = services.filter(({ name, running, wanted, update }) => {
        const well = containers.filter((one) => one.healthy && one.service === name).length;
        return (
          running !== wanted || well !== wanted || update === 'updating' || update === 'rollback_started'
        );
      });
      missing = short.map(({ name, running, wanted }) => `${name} ${running}/${wanted}`).join(', ');
      return services.length > 0 && short.length === 0;
    },
    () => `every service has its containers, healthy (not ${missing})`,
    withinMs,
    250,
  );
}

/** What a node has of the database goes, once nothing uses it. */
export async function forgetDatabase(site: SiteLab, node: DockerEngine): Promise<void> {
  const volume = site.serviceName('postgres');
  await until(
    async () => {
      const left = await node.docker(['ps', '--all', '--quiet', '--filter', `volume=${volume}`]);
      if (left.trim() !== '') await node.docker(['rm', '--force', ...left.trim().split('\n')]);
      await node.docker(['volume', 'rm', '--force', volume]);
      return (await node.docker(['volume', 'ls', '--quiet', '--filter', `name=${volume}`])) === '';
    },
    `nothing of the database is on ${node.name}`,
    60_000,
  );
}

/** Polls, as the command line would be asked again and again. */
export async function until(
  find: () => Promise<boolean>,
  what: string | (() => string),
  withinMs = 180_000,
  pauseMs = 100,
): Promise<void> {
  for (const deadline = Date.now() + withinMs; Date.now() < deadline; await sleep(pauseMs)) {
    if (await find().catch(() => false)) return;
  }
  throw new Error(`not within ${withinMs / 1000} s: ${typeof what === 'string' ? what : what()}`);
}
