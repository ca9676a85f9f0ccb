// Runs any of the project's programs on the Node that package-lock.json names, after bringing everything up to it:
// dependencies installed as locked, web built where its sources changed. Plain JavaScript and nothing but Node's own
// modules, because this file runs first, on whatever Node the machine has.
//
//   node tools/launch.mjs <target> [arguments of the target]
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installDependencies } from './launch/install.mjs';
import { lockedNode } from './launch/locked-node.mjs';
import { fail, LaunchError } from './launch/progress.mjs';
import { runTarget } from './launch/run.mjs';
import { buildWeb, serveWeb } from './launch/web.mjs';

const oldestNode = 20;
/**
 * Half of them look names up. Of Node's own four two names that no DNS server answers about take both, and a bus and a database whose
 * names are known seem to be silent meanwhile. The image has as many (deploy/image/Dockerfile).
 */
const poolPlaces = '8';

/**
 * `web`: the target needs the built pages, or (`serve`) shows them from their sources. `own`: it runs in a session of its own and is asked to end exactly once,
 * however often the terminal, npm and this launcher hear Ctrl-C.
 */
const targets = {
  start: { file: 'apps/server/main.ts', web: 'build', own: true },
  dev: {
    file: 'apps/server/main.ts',
    web: 'serve',
    own: true,
    nodeArguments: ['--watch', '--watch-preserve-output'],
  },
  liaison: { file: 'apps/cli/main.ts' },
  check: { file: 'tools/check.ts' },
  test: { file: 'tools/test.ts', web: 'build' },
  e2e: { file: 'tools/test.ts', web: 'build', arguments: ['--only', 'e2e'] },
  bench: { file: 'tests/load/bench.ts', web: 'build' },
  'new-module': { file: 'tools/new-module.ts' },
  protocols: { file: 'tools/rfc-index.ts' },
  telephones: { file: 'tests/testing/write-telephone-table.ts', web: 'build' },
  release: { file: 'tools/release.ts' },
  screenshots: { file: 'tests/screens/run.ts', web: 'build' },
  soak: { file: 'tests/load/soak.ts', web: 'build' },
};

async function launch() {
  const [name = '', ...rest] = process.argv.slice(2);
  const target = Object.hasOwn(targets, name) ? targets[name] : undefined;
  if (target === undefined) {
    throw new LaunchError(`"${name}" is nothing to run · use one of: ${Object.keys(targets).join(', ')}`);
  }
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const major = Number.parseInt(process.versions.node, 10);
  if (major < oldestNode) {
    throw new LaunchError(`this is Node ${process.versions.node} · install Node ${oldestNode} or newer`);
  }
  if (!existsSync(join(root, target.file)))
    throw new LaunchError(`${target.file} is missing · this checkout is not complete`);
  await installDependencies(root);
  const node = lockedNode(root);
  if (target.web === 'build') await buildWeb(root, node);
  const { companions, env } =
    target.web === 'serve' ? serveWeb(root, process.env) : { companions: [], env: {} };
  await runTarget({
    root,
    node,
    companions,
    env:
      target.own === true
        ? { UV_THREADPOOL_SIZE: process.env.UV_THREADPOOL_SIZE ?? poolPlaces, ...env }
        : env,
    own: target.own === true,
    nodeArguments: [
      ...(target.nodeArguments ?? []),
      join(root, target.file),
      ...(target.arguments ?? []),
      ...rest,
    ],
  });
}

launch().catch(fail);
