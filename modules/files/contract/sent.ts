import type { PersonActor } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';

/** A file that was sent somewhere else in the suite; its bytes are a blob already. */
export interface SentFile {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * What other modules may ask, inside their own transaction, of files that were sent in a space. Whoever asks has found what the
 * actor may do there: a guest sends what she may not write.
 */
export interface SentFiles {
  /**
   * Makes files of a space of what its people sent there, in its folder for that, and answers their ids in this order. Locks the
   * space's tree until the transaction ends, so it comes before whatever else is locked. A name that is there gets a number: nothing
   * that was sent is a version of something else; a name that files cannot have is mended.
   * @throws Problem 413 `files-quota` where they do not all fit: then none is kept.
   */
  keep(
    tx: Tx,
    actor: PersonActor,
    sent: { readonly spaceId: string; readonly files: readonly SentFile[] },
  ): Promise<string[]>;
  /**
   * `here`: in no trash. `there`: not deleted for ever. `folders`: what lies in them goes where they go, though no event
   * names it.
   */
  find(
    tx: Tx,
    nodeIds: readonly string[],
  ): Promise<{
    readonly here: ReadonlySet<string>;
    readonly there: ReadonlySet<string>;
    readonly folders: ReadonlySet<string>;
  }>;
  /**
   * What was said is taken back: into the trash with those that nobody made theirs, by a new version, another place, a link or a
   * share. Locks trees: before whatever else is locked.
   */
  takeBack(tx: Tx, actor: PersonActor, nodeIds: readonly string[]): Promise<void>;
}
