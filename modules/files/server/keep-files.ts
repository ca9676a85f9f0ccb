import { currentContext, type RequestContext, runInContext } from '@liaison/core/context';
import { type PersonActor, Problem } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { Core } from '@liaison/core/floor';
import { folderFor } from './access.ts';
import type { Needs } from './actions/needs.ts';
import { type Made, receiveFile, receiveFiles, type Way, type WholeFile } from './actions/receive-files.ts';
import type { NewUpload } from './actions/uploads.ts';
import { readName } from './names.ts';
import { keptText } from './texts/decode-text.ts';
import { writtenIn } from './texts/written-in.ts';

/** So much of a text is read while its sender waits. */
export const readAtOnceBytes = 16 * 1024;

/** A small file whose bytes are here, with a name that was looked at. */
export interface HeldFile {
  readonly actor: PersonActor;
  readonly upload: NewUpload;
  readonly bytes: Uint8Array;
  /** Of the request that brought it, where several are kept together. */
  readonly context?: RequestContext;
}
export type Outcome = Made | { readonly refused: unknown };
export type KeepFiles = (orgId: string, way: Way, files: readonly HeldFile[]) => Promise<readonly Outcome[]>;

/**
 * Makes files of what is here whole, each with its own outcome: their rights are asked, their contents wait for the disk together, and
 * then those of one folder share a transaction and are told of by one event. What is answered is on the disk.
 */
export function createKeeper({ db, blobs, spaces }: Core, needs: Needs): KeepFiles {
  /** Asked before anything is stored, and once more under the lock. */
  async function refusals(tx: Tx, files: readonly HeldFile[]): Promise<Map<string, unknown>> {
    const refused = new Map<string, unknown>();
    for (const [key, { actor, upload }] of new Map(files.map((file) => [keyOf(file), file]))) {
      await folderFor(tx, spaces, actor, upload.folderId, 'write').catch((error: unknown) => {
        if (!isRefusal(error)) throw error;
        refused.set(key, error);
      });
    }
    return refused;
  }

  /** Those of one folder. */
  async function keepIn(orgId: string, way: Way, files: readonly Stored[]): Promise<readonly Outcome[]> {
    const received = await db
      .transaction(orgId, (tx) => receiveFiles(tx, needs, way, files[0]!.upload.folderId, files))
      .catch((error: unknown) => {
        // The database is away, or refuses them all.
        if (error instanceof Problem) throw error;
        // Whatever it was, it concerns one of them or none: each gets its own answer.
        return files.map(() => 'alone' as const);
      });
    const outcomes: Outcome[] = [];
    for (const [at, outcome] of received.entries()) {
      const file = files[at]!;
      outcomes.push(
        outcome === 'alone'
          ? await runInContext(file.context ?? currentContext(), () =>
              db.transaction(orgId, (tx) => receiveFile(tx, needs, way, file)),
            ).catch((refused: unknown) => ({ refused }))
          : outcome,
      );
    }
    return outcomes;
  }

  return async (orgId, way, files) => {
    const refused = await db.read(orgId, (tx) => refusals(tx, files));
    const taken = files.filter((file) => !refused.has(keyOf(file)));
    const contents = await blobs.putAll(taken.map(({ bytes }) => bytes));
    const byFolder = new Map<string, Held[]>();
    for (const [at, file] of taken.entries()) {
      const stored = { ...file, content: contents[at]!, text: textIn(file) };
      const { folderId } = file.upload;
      const those = byFolder.get(folderId);
      if (those) those.push({ file, stored });
      else byFolder.set(folderId, [{ file, stored }]);
    }
    const outcomes = new Map<HeldFile, Outcome>();
    for (const those of byFolder.values()) {
      const kept = await keepIn(
        orgId,
        way,
        those.map(({ stored }) => stored),
      ).catch((error: unknown) => those.map(() => ({ refused: error })));
      for (const [at, { file }] of those.entries()) outcomes.set(file, kept[at]!);
    }
    return files.map((file) => outcomes.get(file) ?? { refused: refused.get(keyOf(file)) });
  };
}

type Stored = HeldFile & WholeFile;
type Held = { readonly file: HeldFile; readonly stored: Stored };

const keyOf = ({ actor, upload }: HeldFile): string => `${actor.personId} ${upload.folderId}`;

/** An answer to who asked, and no failure of ours. */
export const isRefusal = (error: unknown): error is Problem => error instanceof Problem && error.status < 500;

/** What is written in a small text is kept with it; more is read by a job, since who waits for this has not asked for that. */
function textIn({ upload: { name, mediaType }, bytes }: HeldFile): string | null {
  const isSmallText =
    bytes.length <= readAtOnceBytes &&
    writtenIn({ name: readName(name), mediaType, bytes: bytes.length }) === 'text';
  return isSmallText ? keptText(bytes) : null;
}
