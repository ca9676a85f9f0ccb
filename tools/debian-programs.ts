import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runBounded } from './bounded-run.ts';

/** A program of Debian that a stage of the tests drives. */
export interface DebianProgram {
  /** Looked for on PATH and in the places for system programs. */
  program: string;
  /** The Debian package that brings it. */
  name: string;
  /** The stages that cannot run without it. */
  stages: readonly string[];
  for: string;
}

export const DEBIAN_PROGRAMS: readonly DebianProgram[] = [
  {
    program: 'chromium',
    name: 'chromium',
    stages: ['e2e'],
    for: 'the browser that the screens are tried in',
  },
  {
    program: 'baresip',
    name: 'baresip-core',
    stages: ['engines', 'units', 'interop', 'e2e'],
    for: 'a real SIP telephone',
  },
  {
    program: 'sipp',
    name: 'sip-tester',
    stages: ['engines', 'interop'],
    for: 'SIP calls by scenario, malformed ones too',
  },
  {
    program: 'kamailio',
    name: 'kamailio',
    stages: ['interop'],
    for: 'an edge proxy between telephones and us',
  },
  {
    program: 'svwar',
    name: 'sipvicious',
    stages: ['interop'],
    for: 'scanning for extensions and guessing secrets, as strangers do',
  },
  {
    program: 'nats-server',
    name: 'nats-server',
    stages: ['units', 'interop'],
    for: 'the bus between several processes',
  },
  {
    program: 'nft',
    name: 'nftables',
    stages: ['interop', 'site'],
    for: 'NATs and firewalls before telephones and browsers',
  },
  {
    program: 'ip',
    name: 'iproute2',
    stages: ['interop', 'site'],
    for: 'networks in namespaces',
  },
  {
    program: 'turnserver',
    name: 'coturn',
    stages: ['interop'],
    for: 'a TURN server for browsers without a way of their own',
  },
  {
    program: 'firefox-esr',
    name: 'firefox-esr',
    stages: ['interop'],
    for: 'another browser that calls and is called',
  },
  {
    program: 'age',
    name: 'age',
    stages: ['units', 'interop'],
    for: 'somebody else’s program that opens our backups',
  },
  {
    program: 'zstd',
    name: 'zstd',
    stages: ['interop'],
    for: 'somebody else’s program that opens our backups: its compression',
  },
  {
    program: 'swift-proxy-server',
    name: 'swift-proxy',
    stages: ['interop'],
    for: 'an S3 store for blobs: its face',
  },
  {
    program: 'swift-account-server',
    name: 'swift-account',
    stages: ['interop'],
    for: 'an S3 store for blobs: its accounts',
  },
  {
    program: 'swift-container-server',
    name: 'swift-container',
    stages: ['interop'],
    for: 'an S3 store for blobs: its buckets',
  },
  {
    program: 'swift-object-server',
    name: 'swift-object',
    stages: ['interop'],
    for: 'an S3 store for blobs: its objects',
  },
  {
    program: 'memcached',
    name: 'memcached',
    stages: ['interop'],
    for: 'what Swift remembers sign-ins in',
  },
  {
    program: 'promtool',
    name: 'prometheus',
    stages: ['interop'],
    for: 'what is watched, and what somebody is told of',
  },
  {
    program: 'caddy',
    name: 'caddy',
    stages: ['interop'],
    for: 'the edge of a site, with the configuration that is rendered for it',
  },
  {
    program: 'pebble',
    name: 'pebble',
    stages: ['interop'],
    for: 'an authority that gives certificates as those of the world do (ACME)',
  },
  {
    program: 'dockerd',
    name: 'docker.io',
    stages: ['site'],
    for: 'the engine that builds the image and runs it',
  },
  {
    program: 'debootstrap',
    name: 'debootstrap',
    stages: ['site'],
    for: 'the base of the image where no registry of images is reached',
  },
  {
    program: 'docker-compose',
    name: 'docker-compose',
    stages: ['site'],
    for: 'who else reads the compose.yaml of one machine',
  },
  {
    program: 'sshd',
    name: 'openssh-server',
    stages: ['site'],
    for: 'machines that are operated from elsewhere',
  },
];

export interface Missing {
  program: DebianProgram;
  /** Why it could not be installed, and what to type. */
  reason: string;
}

const INSTALL_TIMEOUT_MS = 900_000;

function isInstalled({ program }: DebianProgram): boolean {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/sbin', '/usr/local/bin'];
  return folders.some((folder) => folder !== '' && existsSync(join(folder, program)));
}

/** Installs what the stages need and is not there, where that is allowed; answers what is still missing. */
export async function installPrograms(
  stages: readonly string[],
  say: (line: string) => void,
  programs: readonly DebianProgram[] = DEBIAN_PROGRAMS,
): Promise<Missing[]> {
  const needed = programs.filter((program) => program.stages.some((stage) => stages.includes(stage)));
  const absent = needed.filter((program) => !isInstalled(program));
  if (absent.length === 0) return [];

  const names = absent.map(({ name }) => name);
  const byHand = `sudo apt-get install --no-install-recommends ${names.join(' ')}`;
  const missing = (reason: string): Missing[] => absent.map((program) => ({ program, reason }));
  if (!isInstalled({ program: 'apt-get', name: 'apt', stages: [], for: '' })) {
    return missing('this machine has no apt-get; install it by the means of your system');
  }
  const prefix = await privilege();
  if (prefix === undefined) return missing(`this user may not install programs; type: ${byHand}`);

  say(`installing ${names.join(', ')} with apt-get`);
  for (const args of [
    ['apt-get', 'update', '-q'],
    ['apt-get', 'install', '-q', '-y', '--no-install-recommends', ...names],
  ]) {
    const [command = '', ...rest] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', ...args];
    const run = await runBounded({ command, args: rest, timeoutMs: INSTALL_TIMEOUT_MS, output: 'keep' });
    // A failed update may still leave usable lists, so only the install decides.
    if (args[1] === 'install' && run.status !== 0) {
      const lastLine = run.output.trimEnd().split('\n').at(-1) ?? '';
      say(run.output.trimEnd().split('\n').slice(-15).join('\n'));
      return absent
        .filter((program) => !isInstalled(program))
        .map((program) => ({ program, reason: `apt-get: ${run.fault ?? lastLine}; by hand: ${byHand}` }));
    }
  }
  return absent
    .filter((program) => !isInstalled(program))
    .map((program) => ({ program, reason: `the package ${program.name} brought no ${program.program}` }));
}

/** What to write before apt-get: nothing as root, sudo where it asks for no password, undefined otherwise. */
async function privilege(): Promise<string[] | undefined> {
  if (process.getuid?.() === 0) return [];
  if (!isInstalled({ program: 'sudo', name: 'sudo', stages: [], for: '' })) return undefined;
  const run = await runBounded({ command: 'sudo', args: ['-n', 'true'], timeoutMs: 10_000, output: 'keep' });
  return run.status === 0 ? ['sudo', '-n'] : undefined;
}
