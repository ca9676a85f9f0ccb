import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keptFolder, makeBaseImage } from '../../testing/docker-base.ts';
import type { DockerEngine } from '../../testing/docker-engine.ts';
import { openDockerLab } from '../../testing/docker-lab.ts';
import { makeNeighbourImages, neighbourImages } from '../../testing/docker-neighbours.ts';
import { buildSuiteImage } from '../../testing/docker-suite.ts';

/** The suite's image, without a version; why it says a registry: see `neighbourImages`. */
export const suiteImage = '127.0.0.1:9/liaison-test/suite';

/**
 * Of the same sources: `before` and `now` say another version and are otherwise the same; `broken` starts and never says that
 * it is well.
 */
export const versions = { before: '0.1.0', now: '0.1.1', broken: '0.1.2' } as const;

const recipes: Readonly<Record<string, readonly string[]>> = {
  now: [`ENV LIAISON_VERSION=${versions.now}`],
  broken: [
    `ENV LIAISON_VERSION=${versions.broken}`,
    `COPY --chmod=755 health.sh /liaison/deploy/image/health.sh`,
  ],
};

/**
 * Makes all images of the site on an engine that keeps what it built; answers the archive of them.
 *
 * @param sources a checkout; this one unless told
 */
export async function makeImages(
  folder: string,
  { say, sources }: { say: (line: string) => void; sources?: string },
): Promise<string> {
  await mkdir(keptFolder, { recursive: true });
  const builder = await openDockerLab({ engines: 1, keep: keptFolder });
  try {
    const [engine] = builder.engines as [DockerEngine];
    say('images: the base');
    await makeBaseImage(engine);
    say('images: the suite');
    const before = `${suiteImage}:${versions.before}`;
    await buildSuiteImage({
      lab: builder,
      engine,
      image: before,
      version: versions.before,
      folder,
      ...(sources === undefined ? {} : { sources }),
    });
    for (const [name, lines] of Object.entries(recipes))
      await derive(engine, join(folder, name), [`FROM ${before}`, ...lines, ''], versions[name as 'now']);
    say('images: PostgreSQL, NATS, Caddy, coturn');
    await makeNeighbourImages(engine, join(folder, 'neighbours'));
    const archive = join(folder, 'images.tar');
    const all = Object.values(versions).map((version) => `${suiteImage}:${version}`);
    await engine.docker(['save', '--output', archive, ...all, ...Object.values(neighbourImages)], {
      timeoutMs: 300_000,
    });
    return archive;
  } finally {
    await builder.close();
  }
}

async function derive(
  engine: DockerEngine,
  context: string,
  lines: readonly string[],
  version: string,
): Promise<void> {
  await mkdir(context);
  await writeFile(join(context, 'Dockerfile'), lines.join('\n'));
  await writeFile(join(context, 'health.sh'), '#!/bin/bash\necho "never well"\nexit 1\n');
  await engine.docker(['build', '--quiet', '--network=host', '--tag', `${suiteImage}:${version}`, context], {
    timeoutMs: 120_000,
  });
  await rm(context, { recursive: true });
}
