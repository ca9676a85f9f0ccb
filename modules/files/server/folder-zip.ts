import type { PassThrough, Readable } from 'node:stream';
import type { Blobs } from '@liaison/core/blobs';
import { conflict } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { ZipFile } from 'yazl';

/** Files and folders of one archive. */
const maxEntries = 100_000;

export interface ZipEntry {
  readonly nodeId: string;
  /** Path in the archive; a folder's ends with a slash. */
  readonly path: string;
  readonly sha256: string | null;
  readonly changedAt: Date;
}

/** What lies in a folder, trashed and hidden things aside, as paths that unpack anywhere. */
export async function readZipEntries(
  tx: Tx,
  folderId: string,
  hidden: readonly string[] = [],
): Promise<ZipEntry[]> {
  const rows = await tx.query<{
    id: string;
    parent_id: string;
    name: string;
    sha256: string | null;
    changed_at: Date;
  }>(
    `with recursive down as (
       select n.id, n.parent_id, n.name, n.sha256, n.changed_at, 1 as depth from files.node n
       where n.parent_id = $1 and n.trashed_at is null and n.id <> all($3::uuid[])
       union all
       select c.id, c.parent_id, c.name, c.sha256, c.changed_at, down.depth + 1
       from down join files.node c on c.parent_id = down.id and c.trashed_at is null and c.id <> all($3::uuid[])
       where down.depth < 100
     ) select * from down order by depth limit $2`,
    [folderId, maxEntries + 1, hidden],
  );
  if (rows.length > maxEntries) {
    throw conflict('files-too-many', 'This is too much for one step. Take its folders one after the other.');
  }
  const paths = new Map<string, string>([[folderId, '']]);
  const taken = new Set<string>();
  return rows.map((row) => {
    const inside = paths.get(row.parent_id) ?? '';
    const path = freePath(taken, inside, row.name);
    if (row.sha256 === null) paths.set(row.id, `${path}/`);
    return {
      nodeId: row.id,
      path: row.sha256 === null ? `${path}/` : path,
      sha256: row.sha256,
      changedAt: row.changed_at,
    };
  });
}

/** Signs that Windows has no files with become lines; two names that are one by that get numbers. */
function freePath(taken: Set<string>, inside: string, name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced.
  const safe = name.replace(/[<>:"|?*\\/\u0000-\u001f]/g, '_').replace(/[. ]+$/, '_') || '_';
  for (let number = 1; ; number += 1) {
    const dot = safe.lastIndexOf('.');
    const numbered =
      number === 1
        ? safe
        : dot > 0
          ? `${safe.slice(0, dot)} (${number})${safe.slice(dot)}`
          : `${safe} (${number})`;
    const path = `${inside}${numbered}`;
    const key = path.toLowerCase();
    if (taken.has(key)) continue;
    taken.add(key);
    return path;
  }
}

/**
 * The archive as a stream, made while it is read: one blob is open at a time and nothing waits on the disk. Whoever takes the
 * stream consumes or destroys it.
 *
 * @param requireMay asked before an entry is opened; one that is refused ends the archive.
 */
export function zipOf(
  blobs: Blobs,
  entries: readonly ZipEntry[],
  requireMay: (at: number) => Promise<void>,
): Readable {
  const zip = new ZipFile();
  // What it gives out is a PassThrough; its types name less.
  const output = zip.outputStream as PassThrough;
  let reading: Readable | undefined;
  for (const [at, { path, sha256, changedAt }] of entries.entries()) {
    if (sha256 === null) {
      zip.addEmptyDirectory(path, { mtime: changedAt });
      continue;
    }
    zip.addReadStreamLazy(path, { mtime: changedAt, compress: false }, (done) => {
      requireMay(at)
        .then(() => blobs.open(sha256))
        .then(
          ({ stream }) => {
            if (output.destroyed) return void stream.destroy();
            reading = stream;
            done(null, stream);
          },
          (error: unknown) => done(error, undefined as never),
        );
    });
  }
  // Whoever goes away in the middle leaves the blob open that was being read.
  output.once('close', () => reading?.destroy());
  zip.on('error', (error: Error) => output.destroy(error));
  zip.end();
  return output;
}
