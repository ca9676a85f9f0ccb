import { execFile } from 'node:child_process';
import { appendFile, chown, cp, mkdir, mkdtemp, readFile, realpath, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DockerEngine } from './docker-engine.ts';

const run = promisify(execFile);

/** Where Docker's tests keep what is slow to make, from run to run: the engine's images and what it built. */
export const keptFolder = process.env.LIAISON_TEST_KEEP ?? '/var/tmp/liaison-test-docker';

/** What `node:24-bookworm-slim` is in a place that reaches registries of images. */
export const baseImage = 'liaison-test/node:24-bookworm-slim';

/** Changes with what is done here, so that a kept image of before is made anew. */
const recipe = '1';

/** As Docker's slim images leave out of Debian. */
const leftOut = [
  'usr/share/doc',
  'usr/share/man',
  'usr/share/locale',
  'usr/share/info',
  'var/lib/apt/lists',
  'var/cache/apt',
  'var/log',
];

/**
 * Makes a stand-in for `node:24-bookworm-slim` in the engine, where no registry of images is reached: Debian by debootstrap,
 * the Node that runs this, npm, and the user `node`. About a minute; at once where the engine has it from an earlier run.
 */
export async function makeBaseImage(engine: DockerEngine): Promise<void> {
  const key = `${recipe}-${process.version}-${process.arch}`;
  const made = await engine
    .docker(['image', 'inspect', '--format', '{{index .Config.Labels "liaison.base"}}', baseImage])
    .catch(() => '');
  if (made === key) return;

  const root = await mkdtemp(join(keptFolder, 'root-'));
  try {
    const { mirror, suite } = await debianMirror();
    // In mounts of its own: what debootstrap mounts into the folder is gone before that is removed.
    await run('unshare', ['--mount', 'debootstrap', '--variant=minbase', suite, root, mirror], {
      timeout: 600_000,
      maxBuffer: 16 * 2 ** 20,
    });
    for (const path of leftOut) await rm(join(root, path), { recursive: true, force: true });
    await cp(process.execPath, join(root, 'usr/local/bin/node'));
    const modules = join(root, 'usr/local/lib/node_modules');
    await mkdir(modules, { recursive: true });
    await cp(await npmFolder(), join(modules, 'npm'), { recursive: true, dereference: true });
    for (const name of ['npm', 'npx'])
      await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(root, 'usr/local/bin', name));
    await appendFile(join(root, 'etc/group'), 'node:x:1000:\n');
    await appendFile(join(root, 'etc/passwd'), 'node:x:1000:1000::/home/node:/bin/bash\n');
    await mkdir(join(root, 'home/node'));
    await chown(join(root, 'home/node'), 1000, 1000);
    const change = ['CMD ["node"]', `ENV NODE_VERSION=${process.versions.node}`, `LABEL liaison.base=${key}`];
    await run(
      'bash',
      [
        '-o',
        'pipefail',
        '-c',
        'folder=$1; shift; tar --numeric-owner -C "$folder" -c . | docker import "$@"',
        'import',
        root,
        ...change.flatMap((each) => ['--change', each]),
        '-',
        baseImage,
      ],
      { env: engine.environment, timeout: 300_000 },
    );
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** Ends what tests left running in a kept engine, and removes the images that newer ones have replaced. */
export async function tidyEngine(engine: DockerEngine): Promise<void> {
  const left = await engine.docker(['ps', '--all', '--quiet', '--filter', 'label=liaison.test']);
  const ids = left.split('\n').filter(Boolean);
  if (ids.length > 0) await engine.docker(['rm', '--force', '--volumes', ...ids]);
  // A slow disk is no fault of what was tested; the next run removes them.
  await engine.docker(['image', 'prune', '--force']).catch(() => {});
}

/** Where this machine gets Debian from, and which Debian it is. */
async function debianMirror(): Promise<{ mirror: string; suite: string }> {
  const release = await readFile('/etc/os-release', 'utf8');
  const suite = /^VERSION_CODENAME=(\w+)/m.exec(release)?.[1] ?? 'bookworm';
  const { stdout } = await run('apt-get', [
    'indextargets',
    '--format',
    '$(CODENAME) $(REPO_URI)',
    'Created-By: Packages',
  ]);
  const mirror = stdout
    .split('\n')
    .find((line) => line.startsWith(`${suite} `))
    ?.split(' ')[1];
  if (mirror === undefined) throw new Error(`apt names no place for Debian ${suite}; run apt-get update`);
  return { mirror, suite };
}

/** The npm that started this, or the one of PATH. */
async function npmFolder(): Promise<string> {
  const started = process.env.npm_execpath;
  const file =
    started !== undefined && /npm-cli\.[cm]?js$/.test(started)
      ? started
      : await realpath((await run('bash', ['-c', 'command -v npm'])).stdout.trim());
  return join(file, '../..');
}
