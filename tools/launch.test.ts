import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';

let root: string;
const children: ChildProcess[] = [];

// A checkout of its own: the launcher, a lock that names nothing, and targets that tell what happens to them.
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'liaison-launch-'));
  await put('package.json', '{ "name": "scratch", "version": "1.0.0" }');
  await put('package-lock.json', lock({}));
  await put('node_modules/.package-lock.json', lock({}));
  await cp(join(import.meta.dirname, 'launch.mjs'), join(root, 'tools', 'launch.mjs'));
  await cp(join(import.meta.dirname, 'launch'), join(root, 'tools', 'launch'), { recursive: true });
  const tells = `
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => console.log('heard', signal));
    process.on('SIGUSR2', () => process.exit(0));
    console.log('ready', process.pid, JSON.stringify(process.argv.slice(2)));
    setInterval(() => {}, 1000);`;
  await put('apps/server/main.ts', tells);
  await put(
    'apps/cli/main.ts',
    `${tells}\nif (process.argv[2] === 'status') process.exit(Number(process.argv[3]));`,
  );
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(root, { recursive: true, force: true });
});

test('Arguments reach the target, and its exit status comes back', async () => {
  const { said, ended } = launch(['liaison', 'status', '7', '--x']);
  expect(await ended).toBe(7);
  expect(said()).toContain('["status","7","--x"]');
});

test('The server has places enough for names that nobody answers about, or as many as its operator says', async () => {
  await put('apps/server/main.ts', 'console.log("places", process.env.UV_THREADPOOL_SIZE);');
  const { UV_THREADPOOL_SIZE: _, ...env } = process.env;
  const usual = launch(['start'], {}, env);
  expect(await usual.ended, usual.said()).toBe(0);
  // As many as the image has.
  const image = await readFile(join(import.meta.dirname, '../deploy/image/Dockerfile'), 'utf8');
  expect(usual.said()).toContain(`places ${/^ENV UV_THREADPOOL_SIZE=(\d+)$/m.exec(image)?.[1]}\n`);
  const own = launch(['start'], { UV_THREADPOOL_SIZE: '32' });
  expect(await own.ended, own.said()).toBe(0);
  expect(own.said()).toContain('places 32\n');
});

test('What cannot be run is one line', async () => {
  const unknown = launch(['strat']);
  expect(await unknown.ended).toBe(1);
  expect(unknown.said()).toMatch(/^liaison: "strat" is nothing to run · use one of: start, dev,[^\n]+\n$/);
  const missing = launch(['bench']);
  expect(await missing.ended).toBe(1);
  expect(missing.said()).toBe('liaison: tests/load/bench.ts is missing · this checkout is not complete\n');
});

test('Ctrl-C is told to the server once, however often npm repeats it, and again when somebody insists', async () => {
  // By a clock that only this test moves: how long the machine takes for each of them does not count.
  const clock = join(root, 'clock');
  await put('clock', '1000000');
  await put(
    'clock.mjs',
    `import { readFileSync } from 'node:fs'; Date.now = () => Number(readFileSync(${JSON.stringify(clock)}, 'utf8'));`,
  );
  const options = `--import ${JSON.stringify(join(root, 'clock.mjs'))}`;
  const { child, said, pid, ended } = await launched(['start'], { NODE_OPTIONS: options });
  const heard = (signal: string) => said().split(`heard ${signal}\n`).length - 1;
  child.kill('SIGINT');
  await until(() => heard('SIGINT') === 1);
  await writeFile(clock, '1000999');
  child.kill('SIGINT');
  // Handed on after what came before it: once it is heard, the Ctrl-C was dealt with.
  child.kill('SIGTERM');
  await until(() => heard('SIGTERM') === 1);
  expect(heard('SIGINT')).toBe(1);
  await writeFile(clock, '1001999');
  child.kill('SIGINT');
  await until(() => heard('SIGINT') === 2);
  process.kill(pid, 'SIGUSR2');
  expect(await ended).toBe(0);
});

test('A target that a signal ends, ends the launcher in the same way', async () => {
  const { child, pid } = await launched(['start']);
  const exit = once(child, 'exit');
  process.kill(pid, 'SIGKILL');
  expect(await exit).toEqual([null, 'SIGKILL']);
});

test('When the launcher is killed the target is asked to end, so that none is left behind', async () => {
  for (const target of ['start', 'liaison']) {
    const { child, said, pid } = await launched([target]);
    child.kill('SIGKILL');
    await until(() => said().includes('heard SIGTERM'));
    process.kill(pid, 'SIGUSR2');
    await until(() => !isAlive(pid));
  }
});

test('Dependencies that are not in step with the lock are installed, and npm is quiet about it', async () => {
  await put('dependency/package.json', '{ "name": "dependency", "version": "1.0.0" }');
  const manifest = { name: 'scratch', version: '1.0.0', dependencies: { dependency: 'file:dependency' } };
  await put('package.json', JSON.stringify(manifest));
  const packages = {
    '': manifest,
    dependency: { version: '1.0.0' },
    'node_modules/dependency': { resolved: 'dependency', link: true },
  };
  await put('package-lock.json', lock(packages));
  const first = launch(['liaison', 'status', '0']);
  expect(await first.ended).toBe(0);
  expect(first.said()).toMatch(
    /^liaison: Installing the locked dependencies …\nliaison: Dependencies installed \(\d+ s\)\n/,
  );
  expect(
    JSON.parse(await readFile(join(root, 'node_modules/dependency/package.json'), 'utf8')),
  ).toMatchObject({
    name: 'dependency',
  });
  const second = launch(['liaison', 'status', '0']);
  expect(await second.ended).toBe(0);
  expect(second.said()).not.toContain('Installing');

  await put(
    'package-lock.json',
    lock({ '': { name: 'other' }, 'node_modules/absent': { version: '1.0.0' } }),
  );
  const third = launch(['liaison', 'status', '0']);
  expect(await third.ended).toBe(1);
  expect(third.said()).toMatch(
    /npm (error|ERR!)[\s\S]*\nliaison: Installing the locked dependencies: status 1 · look at what npm says/,
  );
}, 60_000);

test('The pages are built when a source changed, and only then', async () => {
  await put('apps/web/index.html', '<html></html>');
  await put('modules/chat/web/page.tsx', '1');
  await put(
    'node_modules/vite/bin/vite.js',
    "const fs = require('fs'); if (fs.existsSync('broken')) { console.error('vite says no'); process.exit(1); }" +
      "fs.mkdirSync('dist', { recursive: true }); fs.writeFileSync('dist/index.html', '');",
  );
  const buildsAt = async () => {
    const { said, ended } = launch(['bench', '0']);
    await ended;
    return said().includes('Pages built');
  };
  await put('tests/load/bench.ts', '');
  expect(await buildsAt()).toBe(true);
  expect(await buildsAt()).toBe(false);
  await put('modules/chat/web/page.test.tsx', '1');
  await put('modules/chat/server/index.ts', '1');
  expect(await buildsAt()).toBe(false);
  await put('modules/chat/web/page.tsx', '2');
  expect(await buildsAt()).toBe(true);
  await rm(join(root, 'apps/web/dist'), { recursive: true });
  expect(await buildsAt()).toBe(true);
  await put('modules/chat/web/page.tsx', '3');
  await put('apps/web/broken', '');
  const broken = launch(['bench']);
  expect(await broken.ended).toBe(1);
  expect(broken.said()).toContain(
    'vite says no\nliaison: Building the pages: status 1 · look at what vite says',
  );
  await rm(join(root, 'apps/web/broken'));
  expect(await buildsAt()).toBe(true);
}, 60_000);

test('For working on the pages vite serves them beside the server, which knows that address as its own', async () => {
  await put('apps/web/index.html', '<html></html>');
  await put(
    'node_modules/vite/bin/vite.js',
    "console.log('vite', process.argv.slice(2).join(' '), process.env.LIAISON_DEV_SERVER); setInterval(() => {}, 1000);",
  );
  await put(
    'apps/server/main.ts',
    "console.log('server', process.env.LIAISON_PUBLIC_URL, process.env.LIAISON_DEV_PORT, process.argv[2]); setInterval(() => {}, 1000);",
  );
  const { child, said, ended } = launch(['dev', '--demo'], {
    LIAISON_DEV_PORT: '5999',
    LIAISON_HTTP_PORT: '8999',
  });
  await until(() => said().includes('vite ') && said().includes('server '));
  expect(said()).toMatch(/^vite --port 5999 .* http:\/\/localhost:8999$/m);
  expect(said()).toContain('server http://localhost:5999 undefined --demo');
  child.kill('SIGTERM');
  await ended;
}, 30_000);

test('Whether node_modules is in step is read from npm’s own record', async () => {
  const { isInStep } = (await import(join(root, 'tools/launch/install.mjs'))) as {
    isInStep: (root: string, lock: unknown) => boolean;
  };
  const other = process.arch === 'x64' ? 'arm64' : 'x64';
  const here = { version: '1.0.0', optional: true, os: [process.platform], cpu: [process.arch] };
  const packages = {
    '': {},
    'apps/server': {},
    'node_modules/a': { version: '1.0.0' },
    'node_modules/native-here': here,
    'node_modules/native-there': { ...here, cpu: [other] },
    'node_modules/native-musl': { ...here, libc: ['musl'] },
  };
  const installed = {
    'node_modules/a': { version: '1.0.0' },
    'node_modules/native-here': { version: '1.0.0' },
  };
  const check = async (found: object) => {
    await put('node_modules/.package-lock.json', lock(found));
    return isInStep(root, { packages });
  };
  expect(await check(installed)).toBe(true);
  expect(await check({ ...installed, 'node_modules/a': { version: '1.0.1' } })).toBe(false);
  expect(await check({ 'node_modules/a': { version: '1.0.0' } })).toBe(false);
  await rm(join(root, 'node_modules'), { recursive: true });
  expect(isInStep(root, { packages })).toBe(false);
});

function lock(packages: object): string {
  return JSON.stringify({ name: 'scratch', version: '1.0.0', lockfileVersion: 3, requires: true, packages });
}

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

function launch(args: string[], more: Record<string, string> = {}, whole: NodeJS.ProcessEnv = process.env) {
  const { npm_execpath: _, ...env } = whole;
  const child = spawn(process.execPath, [join(root, 'tools', 'launch.mjs'), ...args], {
    env: { ...env, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let text = '';
  for (const pipe of [child.stdout, child.stderr]) {
    pipe.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
  }
  const ended = once(child, 'close').then(([status]) => status as number | null);
  return { child, said: () => text, ended };
}

async function launched(args: string[], more: Record<string, string> = {}) {
  const started = launch(args, more);
  await until(() => started.said().includes('ready'));
  return { ...started, pid: Number(/ready (\d+)/.exec(started.said())?.[1]) };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 25_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('it did not happen');
    await sleep(20);
  }
}
