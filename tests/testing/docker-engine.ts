import { execFile, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** One Docker engine of Debian, in namespaces of its own. */
export interface DockerEngine {
  /** Its host name. */
  readonly name: string;
  readonly address: string;
  /** For other programs: the value of `DOCKER_HOST`. */
  readonly host: string;
  /** What Debian's client needs in its environment to reach this engine and nothing of the user's. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Runs Debian's client; answers what it printed, without the last line break, with what it wrote to standard error where
   * that is asked for. Throws with what it complained of.
   */
  docker(args: readonly string[], options?: { timeoutMs?: number; complaintsToo?: boolean }): Promise<string>;
  /** Runs a program of this machine where the engine runs, among its processes and in its network. */
  inside(command: readonly string[]): Promise<string>;
  /** Resolves once it answers. */
  ready(): Promise<void>;
  /** As its operator would; what runs in it is stopped. */
  stop(): Promise<void>;
  /** As when the machine loses power: engine and containers are gone at once. */
  kill(): Promise<void>;
  /** As when it hangs: it takes connections and answers nobody, and what runs in it goes on. */
  hang(): Promise<void>;
  /** After `hang`; does nothing where it does not hang. */
  goOn(): Promise<void>;
  /** Starts it again after `kill`, with the images, volumes and swarm that it had. */
  start(): Promise<void>;
}

interface EngineOptions {
  name: string;
  /** Name of the network namespace. */
  namespace: string;
  address: string;
  /** For its log and settings. */
  folder: string;
  /** A short path for its sockets, whose names have 107 characters at most. */
  runFolder: string;
  cgroup: string;
  insecureRegistries: readonly string[];
  /** A folder for its images and build cache that outlives it; without one they are in `folder`. */
  keep?: string;
}

/** Another run may be using the folder that is kept. */
const waitForKeptMs = 600_000;
const readyWithinMs = 120_000;
const startsAgain = 3;
const stopWithinMs = 20_000;

/**
 * Runs inside of the new namespaces. Mounts and processes end with its first process; a system's containerd is out of sight,
 * so that the engine starts its own.
 */
const inside = `
hostname "$1"; shift
mkdir -p /run/containerd
mount -t tmpfs tmpfs /run/containerd
exec /usr/bin/docker-init -- "$@"
`;

export async function startEngine(options: EngineOptions): Promise<DockerEngine> {
  const { name, folder, runFolder } = options;
  const dataRoot = join(options.keep ?? folder, 'engine');
  const clientFolder = join(folder, 'client');
  const logFile = join(folder, 'log');
  const socket = join(runFolder, 'engine.sock');
  const host = `unix://${socket}`;
  for (const each of [folder, runFolder, dataRoot, clientFolder]) await mkdir(each, { recursive: true });
  await writeFile(
    join(folder, 'daemon.json'),
    JSON.stringify({
      'data-root': dataRoot,
      'exec-root': join(runFolder, 'x'),
      pidfile: join(runFolder, 'pid'),
      hosts: [host],
      'exec-opts': ['native.cgroupdriver=cgroupfs'],
      'cgroup-parent': `/${options.cgroup}`,
      'insecure-registries': options.insecureRegistries,
      'live-restore': false,
      // As operators are told: a program for each published port is a hundred of them.
      'userland-proxy': false,
      'shutdown-timeout': 5,
      // Of what was built and kept, beside all else that it does.
      builder: { gc: { enabled: true, defaultKeepStorage: '3GB' } },
      'log-level': 'warn',
    }),
  );
  const environment = {
    PATH: `/usr/bin:/usr/sbin:/bin:${process.env.PATH ?? ''}`,
    HOME: clientFolder,
    DOCKER_CONFIG: clientFolder,
    DOCKER_HOST: host,
    DOCKER_BUILDKIT: '1',
  };

  /** The process outside of the namespaces; undefined while the engine is off. */
  let outer: { pid: number; ended: Promise<void>; hasEnded: () => boolean } | undefined;

  async function start(): Promise<void> {
    await rm(join(runFolder, 'pid'), { force: true });
    const log = openSync(logFile, 'a');
    // However this process ends, the kernel kills the outer one, and then all that is inside.
    const chain = [
      ...['/usr/bin/setpriv', '--pdeathsig', 'KILL'],
      ...(options.keep === undefined
        ? []
        : ['flock', '--no-fork', '--wait', String(waitForKeptMs / 1000), join(options.keep, 'lock')]),
      ...['nsenter', `--net=/run/netns/${options.namespace}`],
      ...['unshare', '--uts', '--mount', '--pid', '--fork', '--kill-child=KILL', '--mount-proc'],
      ...['bash', '-c', inside, 'engine', name],
      ...['/usr/sbin/dockerd', '--config-file', join(folder, 'daemon.json')],
    ];
    const child = spawn(chain[0] ?? '', chain.slice(1), {
      stdio: ['ignore', log, log],
      env: { PATH: environment.PATH, HOME: folder, TMPDIR: '/tmp' },
    });
    closeSync(log);
    let hasEnded = false;
    const ended = new Promise<void>((resolve) => {
      const end = () => {
        hasEnded = true;
        resolve();
      };
      child.once('exit', end);
      child.once('error', end);
    });
    outer = { pid: child.pid ?? 0, ended, hasEnded: () => hasEnded };
  }

  async function ready(): Promise<void> {
    const within = readyWithinMs + (options.keep === undefined ? 0 : waitForKeptMs);
    const log = async () => (await readFile(logFile, 'utf8').catch(() => '')).trimEnd();
    let again = 0;
    for (const deadline = Date.now() + within; Date.now() < deadline; await sleep(50)) {
      if (outer === undefined) break;
      if (outer.hasEnded()) {
        // An engine gives its containerd fifteen seconds, which on a busy machine may be too few.
        const isSlow = (await log()).endsWith('timeout waiting for containerd to start');
        again += 1;
        if (!isSlow || again > startsAgain) break;
        await start();
      }
      if (await answers(socket)) return;
    }
    throw new Error(
      `the engine ${name} did not get ready:\n${(await log()).split('\n').slice(-20).join('\n')}`,
    );
  }

  async function kill(): Promise<void> {
    const running = outer;
    outer = undefined;
    if (running === undefined || running.hasEnded()) return;
    process.kill(running.pid, 'SIGKILL');
    await running.ended;
    await until(async () => !(await answers(socket)), `the engine ${name} is dead`);
  }

  /** The engine itself, of all that the first process inside has started and was left. */
  async function signal(name: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    const [first] = outer === undefined ? [] : await childrenOf(outer.pid);
    const within = first === undefined ? [] : await childrenOf(first);
    const names = await Promise.all(
      within.map((pid) => readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')),
    );
    const engine = within[names.indexOf('dockerd\n')];
    if (engine === undefined) throw new Error(`the engine ${options.name} is off`);
    process.kill(engine, name);
  }

  await start();
  return {
    name,
    address: options.address,
    host,
    environment,
    ready,
    kill,
    hang: () => signal('SIGSTOP'),
    goOn: () => signal('SIGCONT'),
    async start() {
      if (outer === undefined || outer.hasEnded()) await start();
      await ready();
    },
    async stop() {
      const running = outer;
      if (running === undefined) return;
      if (!running.hasEnded()) {
        // The first process inside hands the signal on to the engine.
        for (const pid of await childrenOf(running.pid)) process.kill(pid, 'SIGTERM');
        await Promise.race([running.ended, sleep(stopWithinMs, undefined, { ref: false })]);
      }
      await kill();
      await rm(runFolder, { recursive: true, force: true });
    },
    async inside(command) {
      const [first] = outer === undefined ? [] : await childrenOf(outer.pid);
      if (first === undefined) throw new Error(`the engine ${name} is off`);
      const namespaces = ['--pid', '--mount', '--net', '--uts'];
      const { stdout } = await run('nsenter', ['--target', String(first), ...namespaces, ...command], {
        timeout: 30_000,
      });
      return stdout;
    },
    docker: (args, { timeoutMs = 60_000, complaintsToo = false } = {}) =>
      new Promise((resolve, reject) => {
        execFile(
          '/usr/bin/docker',
          [...args],
          { env: environment, timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: 64 * 2 ** 20 },
          (error, out, err) => {
            if (error === null) return resolve((complaintsToo ? out + err : out).replace(/\n$/, ''));
            const said = `${out}\n${err}`.trim().split('\n').slice(-30).join('\n');
            reject(new Error(`docker ${args.slice(0, 3).join(' ')} on ${name}: ${said || error.message}`));
          },
        );
      }),
  };
}

async function childrenOf(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return children.trim().split(' ').filter(Boolean).map(Number);
}

/** Whether an engine answers at that socket. */
function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ socketPath, path: '/_ping', timeout: 2000, agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}

async function until(find: () => Promise<boolean>, what: string, withinMs = 10_000): Promise<void> {
  for (const deadline = Date.now() + withinMs; Date.now() < deadline; await sleep(25))
    if (await find()) return;
  throw new Error(`not within ${withinMs} ms: ${what}`);
}
