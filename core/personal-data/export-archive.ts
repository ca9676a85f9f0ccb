import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { makeScratchFolder } from '../scratch/index.ts';
import type { ExportFile, PersonExport } from './personal-data.ts';

/** One file of an archive, as the manifest lists it. */
export interface ArchivedFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** Letters, digits and what file names use, in folders; nothing that leaves its folder or means a device. */
const safePath =
  /^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[\p{L}\p{M}\p{N} ._@()+,=-]{1,120}(?:\/[\p{L}\p{M}\p{N} ._@()+,=-]{1,120}){0,7}$/u;

/**
 * Writes files into a zip one after the other. The zip lies in a temporary file without a name (it is unlinked while it
 * is open), so that nothing of a person stays behind whatever happens to this process.
 */
export async function createExportArchive() {
  const folder = await makeScratchFolder('export');
  const path = join(folder, randomBytes(8).toString('hex'));
  const handle = await open(path, 'wx+', 0o600);
  await rm(folder, { recursive: true, force: true });

  const zip = new ZipFile();
  const failure = new Promise<never>((_, reject) => zip.on('error', reject));
  failure.catch(() => {});
  const output = createWriteStream('', { fd: handle.fd, autoClose: false, start: 0 });
  const written = pipeline(zip.outputStream, output);
  written.catch(() => {});
  const files: ArchivedFile[] = [];
  const taken = new Set<string>();

  async function add(folderName: string, { path: within, content }: ExportFile): Promise<void> {
    const name = `${folderName}/${within}`;
    if (!safePath.test(name))
      throw new Error(`${folderName}: "${within.slice(0, 100)}" is not a path within an export`);
    if (taken.has(name.toLowerCase())) throw new Error(`${folderName}: ${within} is exported twice`);
    taken.add(name.toLowerCase());
    const hash = createHash('sha256');
    let sizeBytes = 0;
    const source = typeof content === 'string' ? Readable.from([Buffer.from(content)]) : content;
    const measured = new PassThrough();
    zip.addReadStream(measured, name, { compress: true });
    const pumped = pipeline(
      source,
      async function* (chunks: AsyncIterable<Buffer | string>) {
        for await (const chunk of chunks) {
          const bytes = Buffer.from(chunk);
          hash.update(bytes);
          sizeBytes += bytes.length;
          yield bytes;
        }
      },
      measured,
    );
    await Promise.race([
      pumped,
      failure,
      written.then(() => Promise.reject(new Error('the archive has ended'))),
    ]);
    files.push({ path: name, sizeBytes, sha256: hash.digest('hex') });
  }

  return {
    files,
    add,
    /** Adds the manifest and gives the zip, from its beginning. */
    async finish(manifest: Record<string, unknown>): Promise<PersonExport> {
      zip.addBuffer(Buffer.from(`${JSON.stringify({ ...manifest, files }, null, 2)}\n`), 'manifest.json');
      zip.end();
      await Promise.race([written, failure]);
      const { size: sizeBytes } = await handle.stat();
      return { sizeBytes, stream: handle.createReadStream({ start: 0, autoClose: true }) };
    },
    /** Ends it without a result. */
    async abandon(): Promise<void> {
      output.destroy();
      await finished(output).catch(() => {});
      await handle.close().catch(() => {});
    },
  };
}
