import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LaunchError, runBehindProgress } from './progress.mjs';

/** Installs what package-lock.json names, exactly and without running anybody's scripts, where that is not there yet. */
export async function installDependencies(root) {
  const lockText = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const sum = createHash('sha256').update(`${process.platform} ${process.arch}\n${lockText}`).digest('hex');
  const stamp = join(root, 'node_modules', '.liaison', 'installed');
  if (readIfAny(stamp) === sum) return;
  if (!isInStep(root, JSON.parse(lockText))) {
    const npm = npmCommand();
    await runBehindProgress({
      title: 'Installing the locked dependencies',
      done: 'Dependencies installed',
      ...npm,
      args: [
        ...npm.args,
        'ci',
        '--ignore-scripts',
        '--no-audit',
        '--no-fund',
        '--prefer-offline',
        '--loglevel=error',
      ],
      cwd: root,
      env: { ...process.env, NODE_ENV: '', npm_config_omit: '' },
      mend: 'look at what npm says above; it needs the package registry and a writable checkout',
    });
  }
  try {
    mkdirSync(dirname(stamp), { recursive: true });
    writeFileSync(stamp, sum);
  } catch {
    // A read-only checkout: the next start looks again, which costs a few milliseconds.
  }
}

/** Whether node_modules holds what the lock names, by npm's own record of what it installed. */
export function isInStep(root, lock) {
  const text = readIfAny(join(root, 'node_modules', '.package-lock.json'));
  if (text === undefined) return false;
  const installed = JSON.parse(text).packages ?? {};
  const wanted = Object.entries(lock.packages ?? {}).filter(([path]) => path.includes('node_modules/'));
  return wanted.every(([path, entry]) => {
    const found = installed[path];
    if (found === undefined) return entry.optional === true && !isForThisPlatform(entry);
    return (
      found.version === entry.version && found.resolved === (entry.link ? entry.resolved : found.resolved)
    );
  });
}

/** Optional packages are often one per platform; of the others, npm decides what it leaves out. */
function isForThisPlatform(entry) {
  if (entry.os === undefined || entry.cpu === undefined || entry.libc !== undefined) return false;
  return entry.os.includes(process.platform) && entry.cpu.includes(process.arch);
}

function npmCommand() {
  const agent = /\bnpm\/(\d+)/.exec(process.env.npm_config_user_agent ?? '');
  if (agent !== null && Number(agent[1]) < 8)
    throw new LaunchError('npm is too old · install npm 8 or newer');
  const path = process.env.npm_execpath;
  if (path !== undefined && /npm-cli\.[cm]?js$/.test(path))
    return { program: process.execPath, args: [path] };
  return { program: 'npm', args: [] };
}

function readIfAny(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
