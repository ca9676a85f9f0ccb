import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from '@liaison/core/config';
import { parse, stringify } from 'yaml';
import type { Site } from '../../contract/index.ts';
import { diskMend } from './disk-mend.ts';
import { DockerFailed } from './docker.ts';
import { parseStack } from './facts.ts';
import { writeWhole } from './journal.ts';
import { standingOf, versionOf } from './standing.ts';
import { type RunningService, type RunningTask, type Swarm, shortName } from './swarm.ts';

/** A service did not get to what was described. */
export class DeployFailed extends Error {
  override readonly name = 'DeployFailed';
  readonly mend: string;

  constructor(what: string, mend: string) {
    super(what);
    this.mend = mend;
  }
}

type Say = (line: string) => void;

const askEveryMs = 500;
/** A task that no node takes for that long waits for somebody to change something. */
const noPlaceMs = 45_000;
/** Swarm passes a node over that five tasks of a service failed on: until then another one may still be found. */
const mostOnBadDisk = 6;

/**
 * Gives some services of the stack file in `folder` to the swarm, and waits until they run so. Throws a `DeployFailed` when one
 * went back by itself, finds no place, or takes longer than its tasks may.
 */
export async function deployServices(options: {
  swarm: Swarm;
  folder: string;
  /** Its name, for a stack beside the site's own. */
  stack?: string;
  file?: string;
  site: Site;
  services: readonly string[];
  say: Say;
}): Promise<void> {
  const { swarm, folder, services, file = 'stack.yaml' } = options;
  const names = async (kind: 'config' | 'secret') =>
    new Set((await swarm.read((docker) => docker.run([kind, 'ls', '--format', '{{.Name}}']))).split('\n'));
  const part = partOf(await readFile(join(folder, file), 'utf8'), services, {
    configs: await names('config'),
    secrets: await names('secret'),
  });
  const partFile = join(folder, '.deploying.yaml');
  await writeWhole(partFile, part);
  try {
    const docker = await swarm.manager();
    await docker.run(
      [
        ...['stack', 'deploy', '--with-registry-auth', '--resolve-image', 'changed'],
        ...['--compose-file', partFile, options.stack ?? swarm.stack],
      ],
      { timeoutMs: 300_000 },
    );
  } catch (error) {
    if (!(error instanceof DockerFailed)) throw error;
    throw new DeployFailed(`Docker refused ${services.join(', ')}: ${error.complaint}`, 'mend what it says');
  } finally {
    await rm(partFile, { force: true });
  }
  await awaitServices(options);
}

/** Waits as `deployServices` does. */
export async function awaitServices(options: {
  swarm: Swarm;
  site: Site;
  services: readonly string[];
  say: Say;
}): Promise<void> {
  const { swarm, site, services, say } = options;
  const said = new Map<string, string>();
  const waiting = new Map<string, number>();
  const checkDisks = await watchDisks(swarm, services);
  const begun = Date.now();
  for (;;) {
    const all = await swarm.services();
    const tasks = await swarm.tasks(services, { all: true });
    const open: string[] = [];
    for (const name of services) {
      const service = all.find(({ Spec }) => shortName(swarm.stack, Spec.Name) === name);
      if (service === undefined)
        throw new DeployFailed(`${name} is not in the swarm`, 'give the command again');
      const standing = standingOf(service, tasks);
      if (standing.state === 'returned') {
        throw new DeployFailed(
          `${name} did not hold: ${await whyFailed(swarm, name)}; Swarm went back with it (${standing.text})`,
          'mend what the log says, and try again',
        );
      }
      const line =
        standing.state === 'done'
          ? `${name}: ${standing.running} run as described`
          : `${name}: ${standing.running} of ${standing.wanted} run as described${standing.text === '' ? '' : ` (${standing.text})`}`;
      if (said.get(name) !== line) say(line);
      said.set(name, line);
      if (standing.state === 'done') continue;
      open.push(name);
      await checkDisks(service, tasks);
      const since = /^pending: /.test(standing.text) ? (waiting.get(name) ?? Date.now()) : undefined;
      if (since === undefined) waiting.delete(name);
      else waiting.set(name, since);
      if (since !== undefined && Date.now() - since > noPlaceMs) {
        throw new DeployFailed(
          `${name} finds no node: ${standing.text}`,
          'look with status which nodes are away or drained, or describe fewer replicas',
        );
      }
      if (Date.now() - begun > mostMs(site, service.Spec.Mode.Replicated?.Replicas ?? 1)) {
        throw new DeployFailed(
          `${name} did not get there within ${Math.round((Date.now() - begun) / 60_000)} minutes: ${await whyFailed(swarm, name)}`,
          'mend what the log says, and try again',
        );
      }
    }
    if (open.length === 0) return;
    await sleep(askEveryMs);
  }
}

/** Tells of a service whose tasks a machine's disk refuses, again and again from now on: nobody has to wait for what will not be. */
async function watchDisks(
  swarm: Swarm,
  services: readonly string[],
): Promise<(service: RunningService, tasks: readonly RunningTask[]) => Promise<void>> {
  const refusedBy = ({ Status }: RunningTask) => diskMend('', Status.Err ?? '') !== undefined;
  const ofDisk = (tasks: readonly RunningTask[]) => tasks.filter((task) => hasEnded(task) && refusedBy(task));
  const before = new Set(ofDisk(await swarm.tasks(services, { all: true })).map(({ ID }) => ID));
  const since = new Map<string, Set<string>>();
  return async ({ ID: id, Spec }, tasks) => {
    const own = ofDisk(tasks).filter(({ ID, ServiceID }) => ServiceID === id && !before.has(ID));
    const seen = since.get(id) ?? new Set();
    for (const { ID } of own) seen.add(ID);
    since.set(id, seen);
    const [newest] = own;
    if (newest === undefined || seen.size < mostOnBadDisk) return;
    const nodes = await swarm.nodes();
    const node = nodes.find(({ ID }) => ID === newest.NodeID)?.Description.Hostname ?? 'that node';
    const { Err = '' } = newest.Status;
    throw new DeployFailed(
      `${shortName(swarm.stack, Spec.Name)} cannot run on ${node}: ${Err}`,
      `${diskMend(node, Err)}; or empty it meanwhile with node drain`,
    );
  };
}

/** Each replica in turn may wait for its calls to end, then starts. */
const mostMs = ({ limits }: Site, replicas: number): number =>
  (5 + replicas * (limits.drainMinutes + 2)) * 60_000;

/** What the newest failed task of a service said, from the swarm and from its own log. */
export async function whyFailed(swarm: Swarm, service: string): Promise<string> {
  const all = await swarm.tasks([service], { all: true });
  // One that still waits for a place says less than one that had it.
  const failed =
    all.find(hasEnded) ?? all.find(({ Status }) => Status.Err !== undefined && Status.Err !== '');
  if (failed === undefined) return 'no task says why';
  const version = versionOf(failed.Spec.ContainerSpec.Image);
  const reason = failed.Status.Err ?? failed.Status.State;
  const log = await lastLines(swarm, failed);
  return `version ${version}: ${reason}${log === '' ? '' : `; its log ends: ${log}`}`;
}

const hasEnded = ({ Status }: RunningTask): boolean => ['failed', 'rejected'].includes(Status.State);

async function lastLines(swarm: Swarm, { ID }: RunningTask): Promise<string> {
  const docker = await swarm.manager();
  try {
    const text = await docker.run(['service', 'logs', '--raw', '--tail', '3', ID], {
      complaintsToo: true,
      timeoutMs: 15_000,
    });
    return text.trim().split('\n').slice(-3).join(' / ').slice(0, 400);
  } catch {
    // Of a task that never started, or a node that is away, there is no log; the swarm's own word stands.
    return '';
  }
}

/** Ends services, and waits until none of their tasks is left. */
export async function endServices(
  swarm: Swarm,
  services: readonly string[],
  stack = swarm.stack,
): Promise<void> {
  const listed = await swarm.read((docker) => docker.run(['service', 'ls', '--format', '{{.Name}}']));
  const there = new Set(listed.split('\n'));
  const names = services.map((name) => `${stack}_${name}`).filter((name) => there.has(name));
  if (names.length === 0) return;
  const docker = await swarm.manager();
  await docker.run(['service', 'rm', ...names]);
}

/**
 * The part of a stack file with some services. What the swarm has already is referred to: it cannot be given another content, and a
 * secret's file may have been replaced since.
 */
export function partOf(
  yaml: string,
  services: readonly string[],
  there: { readonly configs: ReadonlySet<string>; readonly secrets: ReadonlySet<string> },
): string {
  parseStack(yaml);
  const file = parse(yaml, { version: '1.1', maxAliasCount: 0 }) as Record<string, unknown>;
  const all = file.services as Record<
    string,
    { configs?: Source[]; secrets?: Source[]; volumes?: Mounted[] }
  >;
  const chosen = Object.fromEntries(Object.entries(all).filter(([name]) => services.includes(name)));
  const missing = services.find((name) => !(name in chosen));
  if (missing !== undefined) {
    throw new StartError({
      what: `the rendered stack has no service ${missing}`,
      mend: 'render the site again with site render',
    });
  }
  const granted = (kind: 'configs' | 'secrets') => {
    const used = new Set(
      Object.values(chosen).flatMap((one) => (one[kind] ?? []).map(({ source }) => source)),
    );
    const defined = (file[kind] ?? {}) as Record<string, { name?: string }>;
    return Object.fromEntries(
      Object.entries(defined)
        .filter(([name]) => used.has(name))
        .map(([name, one]) =>
          one.name !== undefined && there[kind].has(one.name)
            ? [name, { external: true, name: one.name }]
            : [name, one],
        ),
    );
  };
  return stringify(
    { ...file, services: chosen, configs: granted('configs'), secrets: granted('secrets') },
    { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false },
  );
}

interface Source {
  readonly source: string;
}
interface Mounted {
  readonly source?: string;
}
