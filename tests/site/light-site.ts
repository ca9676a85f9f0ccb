import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from '@liaison/core/cli';
import { commands } from '@liaison/sites/cli';
import type { DockerEngine } from '../testing/docker-engine.ts';
import { type DockerLab, openDockerLab } from '../testing/docker-lab.ts';
import { makeLightImages } from './light-image.ts';

export interface Said {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** A described site on engines of this machine, whose programs only listen: what is tried is how it is operated. */
export interface LightSite {
  readonly lab: DockerLab;
  readonly engines: readonly DockerEngine[];
  /** Where `site.ts` lies: what commands are told as SITE. */
  readonly folder: string;
  /** What docker and the operator's program need in their environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly commands: string[][];
  /** The operator's program in this process; SITE stands for the folder. */
  liaison(...words: string[]): Promise<Said>;
  close(): Promise<void>;
}

const contract = fileURLToPath(new URL('../../modules/sites/contract/index.ts', import.meta.url));
/** Of a registry that refuses at once: nothing is fetched, and nobody waits for that. */
const image = '127.0.0.1:9/light';

export async function openLightSite(options: {
  engines: number;
  /** Nodes that the description names from the beginning; the others are added. */
  described: number;
  versions: readonly string[];
  /** Public key of backups, which then lie in `backups` below the folder, for the last node that is described. */
  recipient?: string;
  /** How the operator reaches the engines: what the description says of each, and what docker needs for it. */
  reached?: (
    engines: readonly DockerEngine[],
    folder: string,
  ) => Promise<{ docker: readonly string[]; env: Readonly<Record<string, string>> }>;
}): Promise<LightSite> {
  const folder = await mkdtemp(join(tmpdir(), 'liaison-light-'));
  await chmod(folder, 0o755);
  const lab = await openDockerLab({ engines: options.engines });
  try {
    const { engines } = lab;
    await makeLightImages(engines, {
      name: image,
      versions: options.versions,
      folder: join(folder, 'image'),
    });
    for (const place of ['blobs', 'backups']) {
      await mkdir(join(folder, place));
      await chown(join(folder, place), 1000, 1000);
    }
    const reached = await options.reached?.(engines, folder);
    await writeFile(
      join(folder, 'site.ts'),
      descriptionOf({
        docker: reached?.docker ?? engines.map(({ host }) => host),
        engines: engines.slice(0, options.described),
        version: options.versions[0] ?? '',
        folder,
        ...(options.recipient === undefined ? {} : { recipient: options.recipient }),
      }),
    );
    const env: Record<string, string> = { ...engines[0]?.environment, ...reached?.env };
    const given: string[][] = [];
    return {
      lab,
      engines,
      folder,
      env,
      commands: given,
      async liaison(...words) {
        given.push(words);
        const said = { out: '', err: '' };
        const status = await runCommand({
          commands,
          env,
          args: words.map((word) => (word === 'SITE' ? folder : word)),
          out: (text) => {
            said.out += text;
          },
          err: (text) => {
            said.err += text;
          },
        });
        return { status, ...said };
      },
      async close() {
        await lab.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await lab.close();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

function descriptionOf(options: {
  docker: readonly string[];
  engines: readonly DockerEngine[];
  version: string;
  folder: string;
  recipient?: string;
}): string {
  const { engines, version, folder, recipient } = options;
  const blobs = join(folder, 'blobs');
  const keeper = engines.at(-1)?.name;
  const nodes = engines.map(({ name, address, host }, at) => ({
    name,
    address,
    docker: options.docker[at] ?? host,
    manager: at === 0,
  }));
  const own = `${image}:${version}`;
  const deployment = {
    name: 'light',
    domain: 'estuaria.example',
    image,
    version,
    images: { postgres: own, nats: own, caddy: own },
    sites: [
      {
        id: 'eu',
        region: 'this machine',
        host: 'eu.estuaria.example',
        nodes,
        processes: [
          { name: 'liaison', duties: 'all', rtpPorts: '20000-20009', memoryMb: 256 },
          ...(recipient === undefined
            ? []
            : [{ name: 'keeper', duties: ['worker'], nodes: [keeper], memoryMb: 256 }]),
        ],
        postgres: {
          kind: 'managed',
          primary: engines[0]?.name,
          password: { secret: 'postgres-password' },
          replicationPassword: { secret: 'replication-password' },
          memoryMb: 256,
        },
        nats: { servers: 1, memoryMb: 32 },
        blobs: { kind: 'shared-folder', path: blobs },
        edge: { nodes: [engines[0]?.name], certificate: { kind: 'self-made' }, memoryMb: 64 },
        ...(recipient === undefined
          ? {}
          : {
              backups: {
                to: { kind: 'folder', node: keeper, path: join(folder, 'backups') },
                recipients: [recipient],
              },
            }),
        limits: { drainMinutes: 0, watchSeconds: 1 },
      },
    ],
  };
  return `import { defineDeployment } from ${JSON.stringify(contract)};\n\nexport default defineDeployment(${JSON.stringify(deployment, null, 2)});\n`;
}
