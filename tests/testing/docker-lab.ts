import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, rmdir } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type DockerEngine, startEngine } from './docker-engine.ts';
import { whyNoNetworks } from './networks.ts';

/**
 * Docker engines on this machine, each in a network namespace of its own on one bridge, as if each had a machine. Nothing of
 * them touches an engine or a network that the machine may have.
 *
 *   this process 198.18.N.1 ── bridge ─┬─ 198.18.N.11 first engine
 *                                      ├─ 198.18.N.12 second engine
 *                                      └─ 198.18.N.13 third engine
 *
 * Everything ends with `close`, and with this process however that ends; what a killed one left is swept by the next.
 */
export interface DockerLab {
  /** Where the engines and their containers reach this process. */
  readonly address: string;
  readonly engines: readonly DockerEngine[];
  /** Pulls an engine's cable, or puts it in again. */
  connect(engine: DockerEngine, connected: boolean): Promise<void>;
  close(): Promise<void>;
}

/** What Debian's engine consists of here; the client that comes first on PATH may be another's. */
const programs = ['/usr/sbin/dockerd', '/usr/bin/docker', '/usr/bin/docker-init', '/usr/bin/containerd'];

const run = promisify(execFile);
const marker = 'liadk';
let made = 0;

/** Why no Docker engine can be started here; undefined when one can. */
export async function whyNoDocker(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'Docker engines of our own take root';
  const missing = programs.find((program) => !existsSync(program));
  if (missing !== undefined) return `${missing} is missing (Debian package docker.io)`;
  if (!existsSync('/usr/sbin/debootstrap')) return 'debootstrap is missing (Debian package debootstrap)';
  return whyNoNetworks();
}

/**
 * Starts `engines` engines. Whoever opens the lab closes it.
 *
 * @param keep a folder in which the first engine keeps its images and what it built from run to run; one run at a time has
 *   it, others wait.
 */
export async function openDockerLab(options: {
  engines: number;
  keep?: string;
  /** Registries that speak HTTP without TLS, as `host:port`. */
  insecureRegistries?: readonly string[];
}): Promise<DockerLab> {
  await sweep();
  made += 1;
  const name = `${marker}${process.pid}x${made}`;
  const net = freeNetwork();
  const folder = await mkdtemp(join(tmpdir(), `${name}-`));
  const bridge = `${name}-lan`;
  const namespaces: string[] = [];
  const engines: DockerEngine[] = [];
  const ports = new Map<DockerEngine, string>();

  const ip = (...args: string[]) => run('ip', args);
  async function namespace(made: string): Promise<void> {
    await ip('netns', 'add', made);
    namespaces.push(made);
    await ip('-n', made, 'link', 'set', 'lo', 'up');
  }
  async function close(): Promise<void> {
    await Promise.all(engines.map((engine) => engine.stop()));
    await removeCgroups(name);
    for (const each of namespaces.splice(0).reverse()) await ip('netns', 'delete', each);
    // A link goes some time after its namespace; the address must not stay for the next.
    await ip('link', 'delete', name).catch(() => {});
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }

  try {
    await namespace(bridge);
    await ip('-n', bridge, 'link', 'add', 'lan', 'type', 'bridge');
    await ip('-n', bridge, 'link', 'set', 'lan', 'up');
    await ip('link', 'add', name, 'type', 'veth', 'peer', 'name', 'test', 'netns', bridge);
    await ip('-n', bridge, 'link', 'set', 'test', 'master', 'lan', 'up');
    await ip('address', 'add', `${net}.1/24`, 'dev', name);
    await ip('link', 'set', name, 'up');
    for (let at = 1; at <= options.engines; at++) {
      const place = `${name}-${at}`;
      const address = `${net}.${10 + at}`;
      await namespace(place);
      await ip(
        '-n',
        bridge,
        'link',
        'add',
        `port${at}`,
        'type',
        'veth',
        'peer',
        'name',
        'lan',
        'netns',
        place,
      );
      await ip('-n', bridge, 'link', 'set', `port${at}`, 'master', 'lan', 'up');
      await ip('-n', place, 'address', 'add', `${address}/24`, 'dev', 'lan');
      await ip('-n', place, 'link', 'set', 'lan', 'up');
      await ip('-n', place, 'route', 'add', 'default', 'via', `${net}.1`);
      const engine = await startEngine({
        name: `node${at}`,
        namespace: place,
        address,
        folder: join(folder, String(at)),
        runFolder: `/run/${place}`,
        cgroup: name,
        insecureRegistries: options.insecureRegistries ?? [],
        ...(at === 1 && options.keep !== undefined ? { keep: options.keep } : {}),
      });
      engines.push(engine);
      ports.set(engine, `port${at}`);
    }
    await Promise.all(engines.map((engine) => engine.ready()));
  } catch (error) {
    await close();
    throw error;
  }

  return {
    address: `${net}.1`,
    engines,
    async connect(engine, connected) {
      const port = ports.get(engine);
      if (port === undefined) throw new Error(`${engine.name} is not of this lab`);
      await ip('-n', bridge, 'link', 'set', port, connected ? 'up' : 'down');
    },
    close,
  };
}

/** Removes what labs left whose process was killed: their engines died with it, names and folders stay. */
async function sweep(): Promise<void> {
  const dead = (name: string): boolean => {
    const pid = new RegExp(`^${marker}(\\d+)x`).exec(name)?.[1];
    return pid !== undefined && !existsSync(`/proc/${pid}`);
  };
  const listed = async (folder: string) => readdir(folder).catch((): string[] => []);
  for (const name of (await listed('/run/netns')).filter(dead)) await run('ip', ['netns', 'delete', name]);
  for (const name of Object.keys(networkInterfaces()).filter(dead))
    await run('ip', ['link', 'delete', name]).catch(() => {});
  for (const place of ['/run', tmpdir()]) {
    for (const name of (await listed(place)).filter(dead))
      await rm(join(place, name), { recursive: true, force: true });
  }
  const labs = (await listed('/sys/fs/cgroup')).concat(
    ...(await Promise.all((await listed('/sys/fs/cgroup')).map((each) => listed(`/sys/fs/cgroup/${each}`)))),
  );
  for (const name of new Set(labs.filter(dead))) await removeCgroups(name);
}

/** The control groups of a lab, in the one hierarchy of version 2 or in each of version 1; nothing runs in them any more. */
async function removeCgroups(name: string): Promise<void> {
  const root = '/sys/fs/cgroup';
  const removeTree = async (folder: string): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) if (entry.isDirectory()) await removeTree(join(folder, entry.name));
    await rmdir(folder).catch(() => {});
  };
  const hierarchies = await readdir(root).catch((): string[] => []);
  for (const folder of [root, ...hierarchies.map((each) => join(root, each))]) {
    if (existsSync(join(folder, name))) await removeTree(join(folder, name));
  }
}

/** A /24 of the network that is set aside for tests between networks, 198.18.0.0/15, which this machine has not. */
function freeNetwork(): string {
  const taken = new Set(
    Object.values(networkInterfaces()).flatMap((all) =>
      (all ?? []).map(({ address }) => address.split('.').slice(0, 3).join('.')),
    ),
  );
  for (let step = 0; step < 256; step++) {
    const net = `198.19.${(process.pid + made + step) % 256}`;
    if (!taken.has(net)) return net;
  }
  throw new Error('No free network');
}
