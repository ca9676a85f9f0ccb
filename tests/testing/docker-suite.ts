import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { baseImage } from './docker-base.ts';
import type { DockerEngine } from './docker-engine.ts';
import type { DockerLab } from './docker-lab.ts';
import { openRegistryProxy } from './docker-way-out.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Builds the image of this checkout as an operator does, with this machine's way to the npm registry as secrets of the build.
 *
 * @param sources a checkout; this one unless told
 * @param folder gets the bill of materials
 * @param canary a text that is put into a secret, to be looked for in what was built
 * @returns what the build said
 */
export async function buildSuiteImage(options: {
  lab: DockerLab;
  engine: DockerEngine;
  image: string;
  version: string;
  folder: string;
  canary?: string;
  sources?: string;
}): Promise<string> {
  const { lab, engine, image, version, folder, canary = 'none', sources = root } = options;
  const proxy = await openRegistryProxy(lab.address);
  try {
    const npmrc = join(folder, 'npmrc');
    await writeFile(npmrc, `${proxy.npmrc}//registry.invalid/:_authToken=${canary}\n`);
    const script = join(sources, 'deploy/image/build.sh');
    const { stdout, stderr } = await promisify(execFile)(
      'bash',
      [script, '--network=host', '--progress=plain'],
      {
        timeout: 800_000,
        maxBuffer: 2 ** 26,
        env: {
          ...engine.environment,
          LIAISON_IMAGE: image,
          LIAISON_IMAGE_VERSION: version,
          LIAISON_BASE_IMAGE: baseImage,
          LIAISON_SBOM_FOLDER: folder,
          LIAISON_NPMRC: npmrc,
          LIAISON_REGISTRY_CA: process.env.NODE_EXTRA_CA_CERTS ?? '/etc/ssl/certs/ca-certificates.crt',
        },
      },
    );
    return stdout + stderr;
  } finally {
    await proxy.close();
  }
}
