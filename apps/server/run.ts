import { mkdir } from 'node:fs/promises';
import {
  type Environment,
  loadSettings,
  type Settings,
  storageError,
  unknownSettings,
} from '@liaison/core/config';
import { createLog, type Log } from '@liaison/core/log';
import { sweepScratch } from '@liaison/core/scratch';
import { banner } from './banner.ts';
import { createLifecycle, type Lifecycle } from './lifecycle.ts';
import { sessionsEnded } from './sessions-ended.ts';

/**
 * Starts the program and returns when it is ready; it ends with a signal. Throws a `StartError` for its operator, with
 * everything stopped again. What a wrong setting must not wait for is loaded later.
 */
export async function run({ environment, demo }: { environment: Environment; demo: boolean }): Promise<void> {
  const settings = loadSettings(environment);
  for (const { name, nearest } of unknownSettings(environment)) {
    process.stderr.write(`liaison: ${name} is not a setting; did you mean ${nearest}?\n`);
  }
  // Who reads us may be gone (a closed terminal, a pipe's other end): that ends nothing and is nothing to report.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  // In a terminal people read the lines below; everything else is for a log.
  const quiet = process.stdout.isTTY && environment.LIAISON_LOG_LEVEL === undefined;
  const log = createLog({ level: quiet ? 'warn' : settings.logLevel });
  const lifecycle = createLifecycle({
    log,
    onSignal: () => void process.stdout.write(process.stdout.isTTY ? `\n  ${ending(settings)}\n` : ''),
  });
  process.on('unhandledRejection', (error) => {
    // A promise that nobody waits for has failed: a fault of ours, written down, and never a reason to drop calls.
    log.error({ err: error }, 'unhandled rejection');
  });
  const say = (line: string) => {
    lifecycle.checkpoint();
    process.stdout.write(`  ${line}\n`);
  };

  await lifecycle.start(async () => {
    await makeDataFolder(settings.dataFolder);
    const opening = openDatabase({ settings, log, say, lifecycle });
    // The largest part of a start is loading: PostgreSQL gets ready beside it.
    const loading = import('./assemble.ts');
    const [database, loaded] = await Promise.allSettled([opening, loading]);
    if (database.status === 'rejected') throw database.reason;
    if (loaded.status === 'rejected') throw loaded.reason;
    const { assemble, drain, openBackups, openDoors, openTls, servicesFor } = loaded.value;

    const suite = await assemble({ settings, url: database.value, log, say, lifecycle });
    const tls = await openTls({ settings, log, lifecycle });
    suite.calls.telephones.secure(tls);
    for (const service of servicesFor(suite, settings.duties)) {
      lifecycle.atEnd(service.name, () => service.stop());
      await service.start();
    }
    await openBackups({ suite, settings, url: database.value, log, lifecycle });
    const doors = await openDoors({ suite, settings, log, lifecycle, tls });
    const people = demo ? await (await import('./demo.ts')).fillDemo(suite, say) : undefined;
    const setupToken = await suite.people.setupToken();
    const { drainLimitMs: limitMs } = settings;
    if (limitMs > 0) lifecycle.beforeEnd((hurry) => drain({ suite, limitMs, hurry }));
    lifecycle.checkpoint();
    void sweepScratch().then((gone) => {
      if (gone > 0) log.info({ gone }, 'what killed processes had in the making was removed');
    });
    const { httpPort, httpsPort } = doors;
    log.info({ httpPort, httpsPort, sip: suite.calls.telephones.ports, duties: settings.duties }, 'ready');
    process.stdout.write(
      banner({
        settings,
        doors,
        sip: suite.calls.telephones.ports,
        setupToken,
        demo: people,
        // Since the process began: what somebody waited for.
        seconds: performance.now() / 1000,
      }),
    );
  });
}

const ending = ({ drainLimitMs }: Settings): string =>
  drainLimitMs > 0 ? 'Ending when its calls are over; Ctrl-C once more ends them …' : 'Ending …';

async function makeDataFolder(folder: string): Promise<void> {
  try {
    // Root's database has a user of its own, who must be able to pass through.
    await mkdir(folder, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  } catch (error) {
    throw storageError(error, folder);
  }
}

/** The operator's database, or the embedded one, which is then running. Resolves to its address. */
async function openDatabase(options: {
  settings: Settings;
  log: Log;
  say: (line: string) => void;
  lifecycle: Lifecycle;
}): Promise<string> {
  const { settings, log, say, lifecycle } = options;
  if (settings.databaseUrl !== undefined) return settings.databaseUrl;
  const { startEmbeddedPostgres } = await import('@liaison/core/postgres');
  const postgres = await startEmbeddedPostgres({
    dataFolder: settings.dataFolder,
    log,
    onProgress: (line) => say(`${line} …`),
    onLost: (error) => {
      log.fatal({ err: error }, 'the database ended and could not be kept running');
      process.kill(process.pid, 'SIGTERM');
    },
  });
  lifecycle.atEnd('postgres', async () => {
    await sessionsEnded(postgres.pid);
    await postgres.stop();
  });
  return postgres.url;
}
