import { once } from 'node:events';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartError, storageError } from '../config/index.ts';
import type { Log } from '../log/index.ts';
import { type Binaries, prepareBinaries, removeOldBinaries } from './binaries.ts';
import {
  checkVersion,
  clusterError,
  createCluster,
  databaseUrl,
  hasCluster,
  readPassword,
  removePartialClusters,
  writeAccessRules,
} from './cluster.ts';
import { lockPlace } from './lock.ts';
import { abandonedPlaces, findPlace, type Place, preparePlace } from './place.ts';
import {
  endLeftovers,
  type Guarded,
  processesOf,
  readPostmaster,
  sendSignal,
  spawnGuarded,
} from './processes.ts';

export interface EmbeddedPostgres {
  /** Address for the superuser, password included: never log it. It stays the same until `stop`. */
  readonly url: string;
  readonly port: number;
  /** Process id of the running server; another one after it had to be started again. */
  readonly pid: number;
  /** Where its files are. */
  readonly place: Place;
  /** Shuts it down: open transactions are rolled back, a checkpoint is written. May be called twice. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** The data folder; made where it is missing. */
  dataFolder: string;
  log: Log;
  /** Told what takes long, one short line each. */
  onProgress?: (line: string) => void;
  /** Told once when the server ended by itself and could not be kept running. */
  onLost?: (error: Error) => void;
  /** Where databases go that the data folder cannot hold; see `preparePlace`. */
  systemFolder?: string;
  /** PostgreSQL's settings over ours, by their names there. For tests, whose rows nobody needs after a power cut. */
  serverSettings?: Readonly<Record<string, string>>;
  /** How long it may take to be ready; a restore that plays its log takes longer than a start. */
  readyWithinMs?: number;
}

/** Small on purpose: one organisation on one machine. Durability stays at PostgreSQL's own defaults. */
const serverSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '60',
  shared_buffers: '32MB',
  jit: 'off',
  io_method: 'sync', // spares the three worker processes; the cache is the kernel's anyway
  huge_pages: 'off',
  max_wal_size: '512MB',
  min_wal_size: '32MB',
  wal_level: 'replica',
  // What backups have not shipped is kept; a store that stays away must not fill the disk.
  max_slot_wal_keep_size: '4GB',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  timezone: 'UTC',
  log_timezone: 'UTC',
  logging_collector: 'off',
  log_destination: 'stderr',
  log_line_prefix: '',
  // No statement and no value of a row in the log: people's words are in them.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
} as const;

const usualReadyWithinMs = 120_000;

/**
 * Starts the PostgreSQL that comes with Liaison, on a free port of the loopback, and keeps it running until `stop`.
 * It makes what is missing, recovers from whatever an earlier run left, and throws a `StartError` for what it cannot
 * mend. The caller stops it; if this process dies without doing so, the server shuts itself down.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const dataFolder = resolve(options.dataFolder);
  const log = options.log.child({ part: 'postgres' });
  const progress = options.onProgress ?? (() => {});
  const place = await preparePlace({ ...options, dataFolder });
  const lock = await lockPlace(place.folder, dataFolder);
  try {
    await reportPlace(place, dataFolder, log, progress);
    const binaries = await prepareBinaries(place, () => progress('Unpacking PostgreSQL'));
    await recover(place, log, progress);
    await removeOldBinaries(place);
    if (!(await hasCluster(place))) {
      progress('Creating the database');
      await createCluster(place, binaries);
    }
    await checkVersion(place, binaries);
    const password = await readPassword(place);
    if (password === undefined) {
      const mend = `put ${place.passwordFile} back from a backup`;
      throw new StartError({
        what: 'the password of the embedded database is missing',
        setting: 'LIAISON_DATA',
        mend,
      });
    }
    await writeAccessRules(place);
    return await superviseServer({
      place,
      binaries,
      password,
      log,
      serverSettings: { ...serverSettings, ...options.serverSettings },
      readyWithinMs: options.readyWithinMs ?? usualReadyWithinMs,
      onLost: options.onLost,
      release: lock.release,
    });
  } catch (error) {
    await lock.release();
    throw storageError(error, place.folder);
  }
}

/** The running embedded server of a data folder, for commands beside the server, or undefined. */
export async function findRunningPostgres(
  dataFolder: string,
): Promise<{ url: string; pid: number; place: Place } | undefined> {
  const place = await findPlace(resolve(dataFolder));
  if (place === undefined) return undefined;
  const postmaster = await readPostmaster(place.cluster);
  if (!postmaster?.ready || !(await processesOf(place.cluster)).includes(postmaster.pid)) return undefined;
  const password = await readPassword(place);
  return password === undefined
    ? undefined
    : { url: databaseUrl(password, postmaster.port), pid: postmaster.pid, place };
}

async function reportPlace(
  place: Place,
  dataFolder: string,
  log: Log,
  progress: (line: string) => void,
): Promise<void> {
  if (place.folder.startsWith(`${dataFolder}/`)) return;
  if (!(await hasCluster(place))) {
    progress(`The database lies in ${place.folder}, because its user may not enter ${dataFolder}`);
  }
  for (const folder of await abandonedPlaces(dataFolder, place)) {
    log.warn(
      { folder },
      'a database of an earlier data folder of this name is still there; remove it if nobody needs it',
    );
  }
}

async function recover(place: Place, log: Log, progress: (line: string) => void): Promise<void> {
  await removePartialClusters(place);
  await endLeftovers(place.cluster, (pids) => {
    progress('Ending the database server of an earlier run');
    log.warn({ pids }, 'an earlier run left its database server; it is shut down first');
  });
}

async function superviseServer(options: {
  place: Place;
  binaries: Binaries;
  password: string;
  log: Log;
  serverSettings: Readonly<Record<string, string>>;
  readyWithinMs: number;
  onLost: ((error: Error) => void) | undefined;
  release: () => Promise<void>;
}): Promise<EmbeddedPostgres> {
  const { place, log, password } = options;
  let server = await startServer(options, undefined);
  const { port } = server;
  const restarts: number[] = [];
  let stopping: Promise<void> | undefined;
  let restarting: Promise<void> | undefined;

  const restart = async () => {
    try {
      await endLeftovers(place.cluster, () => {});
      if (stopping !== undefined) return;
      // The same port, so that the pools' next connection succeeds.
      server = await startServer(options, port);
      watch();
      log.warn({ pid: server.pid }, 'the database server runs again');
    } catch (error) {
      log.fatal({ err: error }, 'the database server could not be started again');
      options.onLost?.(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const watch = () => {
    void server.ended.then(({ code, signal }) => {
      if (stopping !== undefined) return;
      const now = Date.now();
      log.error({ status: code, signal }, 'the database server ended by itself');
      while (restarts[0] !== undefined && restarts[0] < now - 60_000) restarts.shift();
      if (restarts.push(now) > 5) {
        options.onLost?.(new Error('the database server ended five times within a minute'));
        return;
      }
      restarting = restart();
    });
  };
  watch();
  log.info({ pid: server.pid, port }, 'the database server is ready');

  return {
    port,
    place,
    url: databaseUrl(password, port),
    get pid() {
      return server.pid;
    },
    stop() {
      stopping ??= (async () => {
        await restarting;
        await stopServer(server);
        await options.release();
        log.info('the database server has ended');
      })();
      return stopping;
    },
  };
}

interface Server extends Guarded {
  port: number;
}

async function startServer(
  options: {
    place: Place;
    binaries: Binaries;
    log: Log;
    serverSettings: Readonly<Record<string, string>>;
    readyWithinMs: number;
  },
  fixedPort: number | undefined,
): Promise<Server> {
  for (let attempt = 1; ; attempt++) {
    const port = fixedPort ?? (await freePort());
    const lines: string[] = [];
    const server = await launchServer({ ...options, port, lines });
    const outcome = await waitUntilReady(server, options.place, options.readyWithinMs);
    if (outcome === 'ready') return { ...server, port };
    await stopServer(server);
    // Somebody else took the port between our look and PostgreSQL's.
    if (lines.some((line) => line.includes('could not bind')) && attempt < 10) {
      await sleep(fixedPort === undefined ? 0 : 200);
      continue;
    }
    throw clusterError(
      lines,
      options.place.folder,
      outcome === 'ended' ? 'did not start' : 'was not ready in time',
    );
  }
}

async function launchServer(options: {
  place: Place;
  binaries: Binaries;
  log: Log;
  serverSettings: Readonly<Record<string, string>>;
  port: number;
  lines: string[];
}): Promise<Guarded> {
  const { place, binaries, log, port, lines } = options;
  const settings = Object.entries(options.serverSettings).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  return spawnGuarded({
    program: binaries.postgres,
    args: ['-D', place.cluster, '-p', String(port), ...settings],
    environment: binaries.environment,
    user: place.user,
    onLine: (line) => {
      lines.push(line);
      if (lines.length > 50) lines.shift();
      const level = /^(PANIC|FATAL):/.test(line) ? 'warn' : 'debug';
      log[level]({ line: line.slice(0, 500) }, 'server says');
    },
  });
}

async function waitUntilReady(
  server: Guarded,
  place: Place,
  readyWithinMs: number,
): Promise<'ready' | 'ended' | 'late'> {
  const deadline = Date.now() + readyWithinMs;
  let hasEnded = false;
  void server.ended.then(() => {
    hasEnded = true;
  });
  while (Date.now() < deadline) {
    if (hasEnded) return 'ended';
    const postmaster = await readPostmaster(place.cluster);
    if (postmaster?.pid === server.pid && postmaster.ready) return 'ready';
    await sleep(5);
  }
  return 'late';
}

async function stopServer(server: Guarded): Promise<void> {
  const steps: [NodeJS.Signals, number][] = [
    ['SIGINT', 60_000],
    ['SIGQUIT', 10_000],
    ['SIGKILL', 10_000],
  ];
  for (const [signal, waitMs] of steps) {
    if (server.child.exitCode !== null || server.child.signalCode !== null) return;
    sendSignal(server.pid, signal);
    const timer = new AbortController();
    await Promise.race([server.ended, sleep(waitMs, undefined, { signal: timer.signal }).catch(() => {})]);
    timer.abort();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('the loopback gave no port');
  return address.port;
}
