import { reportFatal } from '../../config/index.ts';
import { createLog } from '../../log/index.ts';
import { startEmbeddedPostgres } from '../index.ts';

/** Starts the embedded server on the folder of the first argument, prints where it is, and holds it until SIGTERM. */
try {
  const server = await startEmbeddedPostgres({ dataFolder: process.argv[2] ?? '', log: createLog({ level: 'silent' }) });
  process.once('SIGTERM', () => void server.stop().then(() => process.exit(0)));
  process.stdout.write(`${JSON.stringify({ url: server.url, pid: server.pid })}\n`);
} catch (error) {
  reportFatal(error);
}
