import { execFile } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DockerEngine } from './docker-engine.ts';

/** The part of an image's configuration that tests look at. */
export interface ImageConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Cmd: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
  readonly StopSignal: string;
  readonly Healthcheck?: { readonly Test: readonly string[] };
}

/** Everything that lies in an image above its base, layer by layer: what a later layer hides is still there. */
export interface ImageContents {
  readonly config: ImageConfig;
  /** Of the whole image, uncompressed. */
  readonly bytes: number;
  /** Of the layers above the base. */
  readonly ownBytes: number;
  /** Paths of files in the layers above the base, without a leading slash. */
  readonly files: readonly string[];
  textOf(path: string): string;
  /** The files in which that text stands. */
  filesWith(text: string): string[];
}

const blockBytes = 512;

/** Reads an image as the engine saves it; `folder` is made and removed. */
export async function readImage(engine: DockerEngine, image: string, folder: string): Promise<ImageContents> {
  await mkdir(folder, { recursive: true });
  try {
    const archive = join(folder, 'image.tar');
    await engine.docker(['save', '--output', archive, image], { timeoutMs: 120_000 });
    await promisify(execFile)('tar', ['-C', folder, '-xf', archive]);
    const [manifest] = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as {
      Config: string;
      Layers: string[];
    }[];
    if (manifest === undefined) throw new Error(`${image} was saved without a manifest`);
    const { config } = JSON.parse(await readFile(join(folder, manifest.Config), 'utf8')) as {
      config: ImageConfig;
    };
    const files: [path: string, body: Buffer][] = [];
    let [bytes, ownBytes] = [0, 0];
    for (const [at, layer] of manifest.Layers.entries()) {
      const content = await readFile(join(folder, layer));
      bytes += content.length;
      // The base of these tests is one layer.
      if (at === 0) continue;
      ownBytes += content.length;
      files.push(...entriesOf(content));
    }
    return {
      config,
      bytes,
      ownBytes,
      files: [...new Set(files.map(([path]) => path))],
      textOf(path) {
        const body = files.findLast(([each]) => each === path)?.[1];
        if (body === undefined) throw new Error(`${path} is not in ${image}`);
        return body.toString('utf8');
      },
      filesWith: (text) => files.filter(([, body]) => body.includes(text)).map(([path]) => path),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The regular files of a tar archive (POSIX.1-2001 pax, and GNU's long names). */
function* entriesOf(tar: Buffer): Generator<[path: string, body: Buffer]> {
  let longName: string | undefined;
  for (let at = 0; at + blockBytes <= tar.length; ) {
    const header = tar.subarray(at, at + blockBytes);
    if (header[0] === 0) return;
    const field = (from: number, to: number) => header.toString('utf8', from, to).replace(/\0.*$/s, '');
    const size = Number.parseInt(field(124, 136).trim() || '0', 8);
    const body = tar.subarray(at + blockBytes, at + blockBytes + size);
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === 'x') longName = /(?:^|\n)\d+ path=([^\n]+)\n/.exec(body.toString('utf8'))?.[1] ?? longName;
    else if (type === 'L') longName = body.toString('utf8').replace(/\0.*$/s, '');
    else {
      const prefix = field(345, 500);
      const path = longName ?? (prefix === '' ? field(0, 100) : `${prefix}/${field(0, 100)}`);
      longName = undefined;
      if (type === '0' || type === '\0') yield [path, body];
    }
    at += blockBytes + Math.ceil(size / blockBytes) * blockBytes;
  }
}
