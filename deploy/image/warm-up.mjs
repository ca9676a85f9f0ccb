// Loads everything that the server and its commands load, so that Node keeps it compiled beside the packages (see
// apps/server/main.ts): a container is ready sooner. It also finds out, at build time, whether anything is missing.
import { enableCompileCache, flushCompileCache } from 'node:module';

const { directory } = enableCompileCache(
  new URL('../../node_modules/.liaison/compiled', import.meta.url).pathname,
);
if (directory === undefined) throw new Error('Node keeps nothing compiled here');
for (const file of ['server/run.ts', 'server/assemble.ts', 'server/demo.ts', 'cli/commands.ts']) {
  await import(new URL(`../../apps/${file}`, import.meta.url).href);
}
const { allCommands } = await import(new URL('../../apps/cli/commands.ts', import.meta.url).href);
await allCommands();
flushCompileCache();
process.exit(0);
