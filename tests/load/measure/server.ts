import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

/** With one core nothing can be kept apart; with two and more the server has one and the generator another. */
export const serverCore = 0;
export const generatorCore = cpus().length > 1 ? 1 : 0;

export const repository = fileURLToPath(new URL('../../../', import.meta.url));

export interface RunningServer {
  readonly pid: number;
  readonly url: string;
  /** From spawning to the first `/readyz` that answers ready. */
  readonly readyMs: number;
  readonly output: () => string;
  stop(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('the loopback gave no port');
  return address.port;
}

const started = new Map<ChildProcess, () => void>();

/** Whoever ends the benchmark early ends what it started with it. */
export function endOnSignal(child: ChildProcess, end: () => void = () => void child.kill('SIGTERM')): void {
  if (started.size === 0) {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        for (const endOne of started.values()) endOne();
        process.exit(130);
      });
    }
  }
  started.set(child, end);
  child.once('exit', () => started.delete(child));
}

/** A program of ours on one core, its children too. */
export function pinned(core: number, program: string, args: readonly string[]): [string, string[]] {
  return ['taskset', ['-c', String(core), program, ...args]];
}

/** Settings under which a measured server runs: everything on the loopback, nothing on a fixed port. */
export const environmentOf = (dataFolder: string, httpPort: number, sipPort = 0) => ({
  LIAISON_DATA: dataFolder,
  LIAISON_BIND: '127.0.0.1',
  LIAISON_ADVERTISE: '127.0.0.1',
  LIAISON_HTTP_PORT: String(httpPort),
  LIAISON_HTTPS_PORT: '0',
  LIAISON_SIP_PORT: String(sipPort),
  LIAISON_SIPS_PORT: '0',
  LIAISON_RTP_PORTS: '0',
  LIAISON_LOG_LEVEL: 'warn',
});

/** Starts the real program on a data folder and waits until it says that it is ready. */
export async function startServer(options: {
  dataFolder: string;
  /** One that a server before had, for pages that outlive it. */
  httpPort?: number;
  sipPort?: number;
  pin?: boolean;
  arguments?: readonly string[];
  nodeArguments?: readonly string[];
  /** Over what every measured server is told. */
  environment?: Readonly<Record<string, string>>;
}): Promise<RunningServer> {
  const httpPort = options.httpPort ?? (await freePort());
  const command = [...(options.nodeArguments ?? []), 'apps/server/main.ts', ...(options.arguments ?? [])];
  const [program, args] =
    options.pin === false ? [process.execPath, command] : pinned(serverCore, process.execPath, command);
  const startedMs = performance.now();
  const child = spawn(program, args, {
    cwd: repository,
    env: {
      ...process.env,
      ...environmentOf(options.dataFolder, httpPort, options.sipPort),
      ...options.environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endOnSignal(child);
  return whenReady(child, `http://localhost:${httpPort}`, startedMs);
}

/** @throws when the program ends first, or is not ready within `deadlineMs`. */
export async function whenReady(
  child: ChildProcess,
  url: string,
  startedMs: number,
  deadlineMs = 60_000,
): Promise<RunningServer> {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output = (output + String(chunk)).slice(-20_000);
    });
  }
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
    await ended;
    clearTimeout(late);
  };
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}: ${output}`);
    const ready = await fetch(`${url}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ready) break;
    if (performance.now() - startedMs > deadlineMs) {
      await stop();
      throw new Error(`the server was not ready after ${deadlineMs} ms: ${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return { pid: child.pid!, url, readyMs: performance.now() - startedMs, output: () => output, stop };
}
