import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DockerFailed, dockerAt } from './docker.ts';

test('What docker printed before its time was over is there; one that ends by itself says why and no more', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'liaison-docker-'));
  try {
    const program = join(folder, 'docker');
    const silent = '*" silent") exec sleep 60 ;;';
    const refused = '*" refused") echo "no such service" >&2; exit 1 ;;';
    await writeFile(
      program,
      `#!/bin/bash\necho "of node1"\necho "complaint of node1" >&2\ncase "$*" in ${silent} ${refused} esac\n`,
    );
    await chmod(program, 0o755);
    const docker = dockerAt('ssh://operator@n1', { PATH: `${folder}:${process.env.PATH}` });
    const failure = (word: string) =>
      docker.run(['service', 'logs', word], { complaintsToo: true, timeoutMs: 2000 }).then(
        () => undefined,
        (error: unknown) => error as DockerFailed,
      );
    expect(await docker.run(['service', 'logs', 'front'])).toBe('of node1');
    const late = await failure('silent');
    expect(late).toBeInstanceOf(DockerFailed);
    expect(late).toMatchObject({
      complaint: 'no answer within 2 s',
      printed: 'of node1\ncomplaint of node1\n',
    });
    expect(await failure('refused')).toMatchObject({
      complaint: 'complaint of node1 no such service',
      printed: '',
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
