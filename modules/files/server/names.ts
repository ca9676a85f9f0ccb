import { createHash } from 'node:crypto';
import { conflict, Problem } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { foldName, nameFault, normalName, numberedName, sortKeyOf, wordsOf } from '../contract/index.ts';

const mostNumbers = 200;

const faults = {
  empty: 'A name is needed.',
  long: 'This name is too long: 255 bytes at most.',
  sign: 'This name has a sign that names cannot have, such as a slash.',
  reserved: 'This name means something else to computers.',
  marks: 'This name has too many marks on one letter.',
} as const;

/** A name from outside as it is kept. @throws Problem 400 that says what is wrong with it. */
export function readName(given: string): string {
  const name = normalName(given);
  const fault = nameFault(name);
  if (fault !== null) throw new Problem(400, `files-name-${fault}`, faults[fault]);
  return name;
}

/** Columns that follow from a name. */
export const nameColumns = (name: string) => ({
  name,
  name_hash: hashOf(name),
  sort_key: sortKeyOf(name),
  words: wordsOf(name).slice(0, 300).toWellFormed(),
});

const hashOf = (name: string): string =>
  createHash('sha256').update(foldName(name)).digest('hex').slice(0, 32);

/** Who has this name in a folder, whose tree is locked. */
export async function holderOf(
  tx: Tx,
  folderId: string,
  name: string,
): Promise<{ id: string; kind: 'folder' | 'file'; sha256: string | null } | null> {
  const [row] = await tx.query<{ id: string; rank: 0 | 1; sha256: string | null }>(
    'select id, rank, sha256 from files.node where parent_id = $1 and name_hash = $2 and trashed_at is null',
    [folderId, hashOf(name)],
  );
  return row ? { id: row.id, kind: row.rank === 0 ? 'folder' : 'file', sha256: row.sha256 } : null;
}

/** @throws Problem 409 when another node of the folder is called so; `exceptId` is the one that may be. */
export async function requireFreeName(
  tx: Tx,
  folderId: string,
  name: string,
  exceptId?: string,
): Promise<void> {
  const holder = await holderOf(tx, folderId, name);
  if (holder && holder.id !== exceptId) throw nameTaken();
}

export const nameTaken = () => conflict('files-name-taken', 'There is something of this name here already.');

/** The file that has these bytes and this name, or the numbered one that it got beside a folder of this name; null where none has. */
export async function fileWith(
  tx: Tx,
  folderId: string,
  name: string,
  sha256: string,
): Promise<string | null> {
  for (let number = 1; number <= mostNumbers; number += 1) {
    const holder = await holderOf(tx, folderId, numberedName(name, number));
    if (holder?.kind === 'file' && holder.sha256 === sha256) return holder.id;
    // A file of the name itself is what a next version is of.
    if (holder === null || (number === 1 && holder.kind === 'file')) return null;
  }
  return null;
}

/** The name itself, or with the first number that nobody has: `report (2).pdf`. */
export async function freeName(tx: Tx, folderId: string, name: string): Promise<string> {
  if (!(await holderOf(tx, folderId, name))) return name;
  const candidates = Array.from({ length: mostNumbers - 1 }, (_, at) => numberedName(name, at + 2));
  const rows = await tx.query<{ name_hash: string }>(
    'select name_hash from files.node where parent_id = $1 and name_hash = any($2) and trashed_at is null',
    [folderId, candidates.map(hashOf)],
  );
  const taken = new Set(rows.map(({ name_hash }) => name_hash));
  const free = candidates.find((candidate) => !taken.has(hashOf(candidate)));
  if (free === undefined) throw nameTaken();
  return free;
}
