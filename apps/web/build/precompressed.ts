import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Plugin } from 'vite';

const compressible = /\.(?:js|css|svg|json|webmanifest)$/;
/** Below this nothing is saved that a packet would notice. */
const smallestBytes = 200;

/** Writes `name.br` and `name.gz` beside each file of the build, so that the server never compresses. */
export function precompressed(): Plugin {
  let folder = '';
  return {
    name: 'liaison:precompressed',
    apply: 'build',
    enforce: 'post',
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir);
    },
    // Not `closeBundle`, which is called after a failed build too and would hide why it failed.
    async writeBundle() {
      const names = (await readdir(folder, { recursive: true })).filter((name) => compressible.test(name));
      for (const name of names) await compress(join(folder, name));
    },
  };
}

async function compress(path: string): Promise<void> {
  const bytes = await readFile(path);
  if (bytes.length < smallestBytes) return;
  const [br, gz] = await Promise.all([
    promisify(brotliCompress)(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    }),
    promisify(gzip)(bytes, { level: 9 }),
  ]);
  // What does not become smaller is sent as it is.
  const kept = [
    { name: `${path}.br`, packed: br },
    { name: `${path}.gz`, packed: gz },
  ].filter(({ packed }) => packed.length < bytes.length);
  await Promise.all(kept.map(({ name, packed }) => writeFile(name, packed)));
}
