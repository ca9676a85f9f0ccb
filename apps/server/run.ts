import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createBlobs } from '@liaison/core/blobs';
import { createBus } from '@liaison/core/bus';
import {
  type Environment,
  listenError,
  loadSettings,
  type Settings,
  StartError,
  storageError,
  unknownSettings,
} from '@liaison/core/config';
import { createDb, MigrationRefused, migrate } from '@liaison/core/db';
import { createCore, rolePassword } from '@liaison/core/floor';
import { openApi, serveWebApp } from '@liaison/core/http';
import { createLog, type Log } from '@liaison/core/log';
import { openSecrets } from '@liaison/core/secrets';
import { createTls } from '@liaison/core/tls';
import { banner } from './banner.ts';
import { compose, migrations, type Suite } from './compose.ts';
import { servicesFor } from './duties.ts';
import { serveTrustPage } from './trust-page.ts';

/** Work that must be undone in the opposite order when the program ends or cannot start. */
type Undo = { name: string; stop(): Promise<void> };

/** Longer than this and stopping is given up: the next start recovers. */
const stopWithinMs = 15_000;

/** Starts the program and returns when it is ready; it ends with a signal. Throws a `StartError` for its operator. */
export async function run({ environment, demo }: { environment: Environment; demo: boolean }): Promise<void> {
  const startedMs = performance.now();
  const settings = loadSettings(environment);
  for (const { name, nearest } of unknownSettings(environment)) {
    process.stderr.write(`liaison: ${name} is not a setting; did you mean ${nearest}?\n`);
  }
  const say = (line: string) => process.stdout.write(`  ${line}\n`);
  // In a terminal people read the lines below; everything else is for a log.
  const quiet = process.stdout.isTTY && environment.LIAISON_LOG_LEVEL === undefined;
  const log = createLog({ level: quiet ? 'warn' : settings.logLevel });

  const undo: Undo[] = [];
  let ending: Promise<void> | undefined;
  const end = (): Promise<void> => {
    ending ??= (async () => {
      const late = setTimeout(() => {
        log.error({}, 'stopping took too long');
        process.exit(1);
      }, stopWithinMs);
      for (const step of undo.reverse()) {
        await step
          .stop()
          .catch((error: Error) => log.error({ err: error, step: step.name }, 'stopping failed'));
      }
      clearTimeout(late);
    })();
    return ending;
  };
  let signalled = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (signalled) return;
      signalled = true;
      void end().then(() => process.exit(0));
    });
  }
  process.on('unhandledRejection', (error) => {
    // A promise that nobody waits for has failed: a fault of ours, written down, and never a reason to drop calls.
    log.error({ err: error }, 'unhandled rejection');
  });

  try {
    const suite = await assemble({ settings, log, say, undo });
    for (const service of servicesFor(suite, settings.duties)) {
      undo.push({ name: service.name, stop: () => service.stop() });
      await service.start();
    }
    const ports = await openDoors(suite, settings, log, undo);
    let people: Awaited<ReturnType<typeof fillDemo>> | undefined;
    if (demo) people = await fillDemo(suite, say);
    const setupToken = await suite.people.setupToken();
    process.stdout.write(
      banner({
        settings,
        ports,
        sip: suite.calls.telephones.ports,
        setupToken,
        demo: people,
        seconds: (performance.now() - startedMs) / 1000,
      }),
    );
  } catch (error) {
    await end();
    throw error;
  }
}

async function assemble({
  settings,
  log,
  say,
  undo,
}: {
  settings: Settings;
  log: Log;
  say: (line: string) => void;
  undo: Undo[];
}): Promise<Suite> {
  try {
    await mkdir(settings.dataFolder, { recursive: true });
  } catch (error) {
    throw storageError(error, settings.dataFolder);
  }
  const ownUrl = settings.databaseUrl;
  let url = ownUrl ?? '';
  if (ownUrl === undefined) {
    const { startEmbeddedPostgres } = await import('@liaison/core/postgres');
    const postgres = await startEmbeddedPostgres({
      dataFolder: settings.dataFolder,
      log,
      onProgress: say,
      onLost: (error) => {
        log.fatal({ err: error }, 'the database ended and could not be kept running');
        process.kill(process.pid, 'SIGTERM');
      },
    });
    undo.push({ name: 'postgres', stop: () => postgres.stop() });
    url = postgres.url;
  }
  const secrets = await openSecrets({ dataFolder: settings.dataFolder });
  const password = rolePassword(secrets);
  try {
    const { applied } = await migrate({ url, password, sources: migrations, log });
    if (applied > 0) say(`Database brought up to date (${applied} steps)`);
  } catch (error) {
    throw databaseError(error, ownUrl !== undefined);
  }
  const db = createDb({ url, password, log: log.child({ part: 'db' }) });
  undo.push({ name: 'db', stop: () => db.close() });
  const bus = createBus(settings.natsUrl, log.child({ part: 'bus' }));
  undo.push({ name: 'bus', stop: () => bus.close() });
  const blobs = await createBlobs(settings.blobsUrl);
  return compose(createCore({ settings, log, secrets, db, bus, blobs, build: await buildName() }));
}

function databaseError(error: unknown, external: boolean): Error {
  const setting = external ? 'DATABASE_URL' : 'LIAISON_DATA';
  if (error instanceof MigrationRefused) {
    return new StartError({
      what: error.message,
      setting,
      mend: 'start the newer program, or restore a backup made before it',
      cause: error,
    });
  }
  const code = (error as { code?: string }).code ?? '';
  if (
    external &&
    (code.startsWith('E') || code.startsWith('28') || code.startsWith('3D') || code.startsWith('08'))
  ) {
    return new StartError({
      what: `the database does not let us in (${(error as Error).message || code})`,
      setting,
      mend: 'check address, user and password, and that the server runs',
      cause: error,
    });
  }
  return error as Error;
}

/** HTTP and HTTPS, last: who can reach us finds everything ready. */
async function openDoors(suite: Suite, settings: Settings, log: Log, undo: Undo[]) {
  const { http } = suite.core;
  const tls = await createTls({ settings, log });
  undo.push({ name: 'tls', stop: async () => tls.stop() });
  serveTrustPage(http, tls.authority);
  http.fastify.get('/api/v1/openapi.json', async () => openApi(http.routes(), 'Liaison'));
  await serveWebApp(http, fileURLToPath(new URL('../web/dist/', import.meta.url)));
  undo.push({ name: 'http', stop: () => http.close() });
  try {
    return await http.listen({
      host: settings.bind,
      httpPort: settings.httpPort,
      httpsPort: settings.httpsPort,
      tls: tls.options(),
      onTlsServer: (server) => tls.keepCurrent(server),
    });
  } catch (error) {
    const taken = (error as { port?: number }).port;
    const https = taken !== undefined && taken === settings.httpsPort;
    throw listenError(
      error,
      https ? 'LIAISON_HTTPS_PORT' : 'LIAISON_HTTP_PORT',
      `${settings.bind}:${https ? settings.httpsPort : settings.httpPort}`,
    );
  }
}

async function fillDemo(suite: Suite, say: (line: string) => void) {
  const { fillDemo: fill } = await import('./demo.ts');
  return fill(suite, say);
}

/** Pages of another build offer to reload themselves: the name changes with what they are made of. */
async function buildName(): Promise<string> {
  const index = fileURLToPath(new URL('../web/dist/index.html', import.meta.url));
  if (!existsSync(index)) return 'none';
  const { createHash } = await import('node:crypto');
  return createHash('sha256')
    .update(await readFile(index))
    .digest('hex')
    .slice(0, 12);
}
