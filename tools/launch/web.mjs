import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runBehindProgress } from './progress.mjs';

/** What may end up in the pages. Wider than needed, so that no change is ever missed. */
const sources = ['apps/web', 'ui', 'core', 'modules', 'package-lock.json', 'tsconfig.json'];
const notInPages = new Set(['node_modules', 'dist', 'server', 'testdata', 'coverage']);

/** Builds the pages where a source changed since they were built. */
export async function buildWeb(root, node) {
  const web = join(root, 'apps', 'web');
  if (!existsSync(join(web, 'index.html'))) return;
  const stamp = join(root, 'node_modules', '.liaison', 'web-built');
  const sum = sumOfSources(root);
  if (existsSync(join(web, 'dist', 'index.html')) && readIfAny(stamp) === sum) return;
  rmSync(stamp, { force: true });
  await runBehindProgress({
    title: 'Building the pages',
    done: 'Pages built',
    program: node,
    args: [viteFile(root), 'build', '--logLevel', 'warn'],
    cwd: web,
    env: { ...process.env, NODE_ENV: 'production' },
    mend: 'look at what vite says above',
  });
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, sum);
}

/**
 * For somebody who works on the pages: vite serves them from their sources and reloads what changes, and hands `/api` with
 * its sockets on to the server. People open vite's address, which the server must know as its own; none without pages.
 */
export function serveWeb(root, env) {
  const web = join(root, 'apps', 'web');
  if (!existsSync(join(web, 'index.html'))) return { companions: [], env: {} };
  const port = env.LIAISON_DEV_PORT ?? '5173';
  const server = env.LIAISON_DEV_SERVER ?? `http://localhost:${env.LIAISON_HTTP_PORT ?? '8080'}`;
  return {
    companions: [
      {
        args: [
          viteFile(root),
          '--port',
          port,
          '--strictPort',
          '--clearScreen',
          'false',
          '--logLevel',
          'warn',
        ],
        cwd: web,
        env: { NODE_ENV: 'development', LIAISON_DEV_SERVER: server },
      },
    ],
    // The server would not know these, and say so.
    env: {
      LIAISON_DEV_PORT: undefined,
      LIAISON_DEV_SERVER: undefined,
      LIAISON_PUBLIC_URL: env.LIAISON_PUBLIC_URL ?? `http://localhost:${port}`,
    },
  };
}

function viteFile(root) {
  return join(root, 'node_modules', 'vite', 'bin', 'vite.js');
}

export function sumOfSources(root) {
  const sum = createHash('sha256');
  const add = (path) => {
    sum.update(`${path}\0`);
    sum.update(readFileSync(join(root, path)));
    sum.update('\0');
  };
  const walk = (folder) => {
    const entries = readdirSync(join(root, folder), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.name.startsWith('.') || notInPages.has(entry.name)) continue;
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile() && !/\.(test\.tsx?|md)$/.test(entry.name)) add(path);
    }
  };
  for (const source of sources) {
    if (!existsSync(join(root, source))) continue;
    if (/\.json$/.test(source)) add(source);
    else walk(source);
  }
  return sum.digest('hex');
}

function readIfAny(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
