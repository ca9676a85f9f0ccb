import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { storageError, systemCode } from '@liaison/core/config';
import { parse } from 'yaml';
import { z } from 'zod';
import { type LineChange, lineChanges } from './line-changes.ts';
import { contentHash } from './render/service.ts';

/** What writing a site's files into a folder does to one of them. */
export interface FilePlan {
  readonly path: string;
  /**
   * `changed`: the description is another one; `by-hand`: somebody changed the file since it was written, and it says
   * something else than the description; `gone`: nothing needs it any more.
   */
  readonly state: 'new' | 'same' | 'changed' | 'by-hand' | 'gone';
  /** From what is in the folder to what would be. */
  readonly changes: readonly LineChange[];
}

/** Notes what was written last, by hashes: what differs from them was changed by hand. */
const notesFile = '.rendered.json';
const notesSchema = z.object({ files: z.record(z.string(), z.string()) });

/** Compares; changes nothing. */
export async function planFolder(folder: string, files: ReadonlyMap<string, string>): Promise<FilePlan[]> {
  const notes = await readNotes(folder);
  const plans: FilePlan[] = [];
  for (const [path, content] of files) {
    const there = await readText(join(folder, path));
    if (there === undefined) plans.push({ path, state: 'new', changes: [] });
    else if (there === content) plans.push({ path, state: 'same', changes: [] });
    else {
      const untouched = notes.get(path) === contentHash(there) || saysTheSame(path, there, content);
      plans.push({
        path,
        state: untouched ? 'changed' : 'by-hand',
        changes: lineChanges(there, content),
      });
    }
  }
  for (const [path, hash] of notes) {
    if (files.has(path)) continue;
    const there = await readText(join(folder, path));
    if (there === undefined) continue;
    plans.push({
      path,
      state: hash === contentHash(there) ? 'gone' : 'by-hand',
      changes: lineChanges(there, ''),
    });
  }
  return plans.sort((a, b) => a.path.localeCompare(b.path));
}

/**
 * Makes the folder as planned, each file whole or not at all, and the notes last: interrupted anywhere, running it again
 * ends where an undisturbed run would have.
 */
export async function writeFolder(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  try {
    const notes = await readNotes(folder);
    // What names the others comes last: one that is there finds them all.
    const inOrder = [...files].toSorted(
      ([a], [b]) => Number(a.endsWith('.yaml')) - Number(b.endsWith('.yaml')),
    );
    for (const [path, content] of inOrder) {
      if ((await readText(join(folder, path))) === content) continue;
      await writeWhole(join(folder, path), content);
    }
    for (const path of notes.keys()) {
      if (!files.has(path)) await rm(join(folder, path), { force: true });
    }
    const written = Object.fromEntries(
      [...files].map(([path, content]) => [path, contentHash(content)]).toSorted(),
    );
    await writeWhole(join(folder, notesFile), `${JSON.stringify({ files: written }, null, 2)}\n`);
  } catch (error) {
    throw storageError(error, folder);
  }
}

/** Another layout or other comments contradict nothing. */
function saysTheSame(path: string, there: string, content: string): boolean {
  if (!path.endsWith('.yaml')) return false;
  try {
    const options = { version: '1.1', maxAliasCount: 0 } as const;
    return isDeepStrictEqual(parse(there, options), parse(content, options));
  } catch {
    return false;
  }
}

async function readNotes(folder: string): Promise<Map<string, string>> {
  const text = await readText(join(folder, notesFile));
  if (text === undefined) return new Map();
  try {
    const { files } = notesSchema.parse(JSON.parse(text));
    // A path that leads out of the folder was not written by us.
    return new Map(Object.entries(files).filter(([path]) => /^(?:configs\/)?[\w.-]+$/.test(path)));
  } catch {
    return new Map();
  }
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw storageError(error, file);
  }
}

async function writeWhole(file: string, content: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const partial = `${file}.${randomBytes(4).toString('hex')}.partial`;
  try {
    await writeFile(partial, content, { flag: 'wx' });
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}
