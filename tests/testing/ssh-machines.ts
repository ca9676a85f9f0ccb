import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DockerEngine } from './docker-engine.ts';

const run = promisify(execFile);
const server = '/usr/sbin/sshd';

/** Why nobody can sign in to a machine of the lab; undefined when somebody can. */
export const whyNoSsh = (): Promise<string | undefined> =>
  run(server, ['-V']).then(
    () => undefined,
    (error: { code?: unknown }) =>
      error.code === 'ENOENT' ? `${server} is missing (Debian package openssh-server)` : undefined,
  );

/** Machines of a lab that an operator reaches as she reaches others: by OpenSSH, with a key, and a docker program there. */
export interface SshMachines {
  /** What docker needs in its environment to sign in. */
  readonly environment: Readonly<Record<string, string>>;
  /** `ssh://root@ADDRESS` */
  addressOf(engine: DockerEngine): string;
  /** A Docker context of that name leads there. */
  addContext(name: string, engine: DockerEngine): Promise<void>;
  /** Nobody is let in any more, and who is in is cut off. */
  shut(engine: DockerEngine): Promise<void>;
  open(engine: DockerEngine): Promise<void>;
  /** Forgets keys and settings; the machines end with their engines. */
  close(): Promise<void>;
}

export async function openSshMachines(engines: readonly DockerEngine[]): Promise<SshMachines> {
  // A short path for sockets, whose names have 107 characters at most.
  const folder = await mkdtemp(join(tmpdir(), 'liaison-ssh-'));
  await mkdir(join(folder, 'bin'), { recursive: true });
  const file = (name: string) => join(folder, name);
  for (const key of ['host-key', 'own-key'])
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'lab', '-f', file(key)]);
  await writeFile(file('authorized'), await readFile(file('own-key.pub')), { mode: 0o600 });
  const hostKey = (await readFile(file('host-key.pub'), 'utf8')).trim();
  await writeFile(file('known'), engines.map(({ address }) => `${address} ${hostKey}\n`).join(''));
  await writeFile(
    file('client'),
    [
      `IdentityFile ${file('own-key')}`,
      `UserKnownHostsFile ${file('known')}`,
      'GlobalKnownHostsFile /dev/null',
      'StrictHostKeyChecking yes',
      'BatchMode yes',
      // As the guide says: signing in for each command takes longer than the command.
      'ControlMaster auto',
      `ControlPath ${file('to-%C')}`,
      'ControlPersist 20s',
      '',
    ].join('\n'),
  );
  // What an operator has in her own ~/.ssh/config.
  const wrapper = join(folder, 'bin', 'ssh');
  await writeFile(wrapper, `#!/bin/bash\nexec /usr/bin/ssh -F ${file('client')} "$@"\n`);
  await chmod(wrapper, 0o755);
  const path = `${join(folder, 'bin')}:${engines[0]?.environment.PATH ?? ''}`;
  const environment = { PATH: path, HOME: folder, DOCKER_CONFIG: join(folder, 'docker') };

  async function open(engine: DockerEngine): Promise<void> {
    const settings = file(`server-${engine.name}`);
    await writeFile(
      settings,
      [
        `ListenAddress ${engine.address}:22`,
        `HostKey ${file('host-key')}`,
        `AuthorizedKeysFile ${file('authorized')}`,
        'PidFile none',
        'PermitRootLogin prohibit-password',
        'PasswordAuthentication no',
        'StrictModes no',
        'UsePAM no',
        'MaxStartups 100',
        'MaxSessions 100',
        // There the engine's socket is the usual one; what the shell of this machine's user starts with is not wanted.
        `SetEnv DOCKER_HOST=${engine.host} PATH=/usr/bin:/bin HOME=${folder}`,
        '',
      ].join('\n'),
    );
    await engine.inside(['mkdir', '-p', '/run/sshd']);
    await engine.inside([server, '-f', settings, '-E', file(`log-${engine.name}`)]);
  }
  for (const engine of engines) await open(engine);
  return {
    environment,
    addressOf: ({ address }) => `ssh://root@${address}`,
    async addContext(name, engine) {
      const endpoint = `host=ssh://root@${engine.address}`;
      await run('docker', ['context', 'create', name, '--docker', endpoint], { env: environment });
    },
    async shut(engine) {
      await engine.inside([
        'bash',
        '-c',
        'kill $(pidof sshd); while pidof sshd >/dev/null; do sleep 0.02; done',
      ]);
    },
    open,
    async close() {
      for (const { address } of engines) {
        // Where nobody is connected any more there is nothing to end.
        await run(wrapper, ['-O', 'exit', `root@${address}`]).catch(() => {});
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}
