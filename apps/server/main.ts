import { enableCompileCache, flushCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// Compiling our sources and the libraries is half of a start; beside the dependencies the result is as trustworthy as
// they are. Where that folder cannot be written the start only takes longer.
enableCompileCache(fileURLToPath(new URL('../../node_modules/.liaison/compiled', import.meta.url)));
const { reportFatal } = await import('@liaison/core/config');
const { run } = await import('./run.ts');

try {
  await run({ environment: process.env, demo: process.argv.includes('--demo') });
  // Not left to the end of the process, which may be a kill -9.
  setTimeout(flushCompileCache, 2_000).unref();
} catch (error) {
  reportFatal(error);
  process.exit(1);
}
