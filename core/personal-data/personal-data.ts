import type { Readable } from 'node:stream';
import type { Tx } from '../db/index.ts';

/** One file of a person's export. */
export interface ExportFile {
  /** Path within the module's folder, for instance `messages.json`. */
  readonly path: string;
  readonly content: string | Readable;
}

/** What is kept, for how long and why; shown to people and carried out by a nightly job. */
export interface Retention {
  readonly what: string;
  readonly days: number | null;
  readonly why: string;
  /** Deletes what is older, in bounded batches; answers how many rows went. Absent where nothing ends by age. */
  readonly purge?: (tx: Tx, olderThan: Date) => Promise<number>;
}

/** What each module knows of a person. The boundary check refuses a module without one. */
export interface PersonalData {
  readonly module: string;
  export(tx: Tx, personId: string): AsyncIterable<ExportFile>;
  /** Removes or makes anonymous; what stays and why is in `retention`. Safe to run twice. */
  erase(tx: Tx, personId: string): Promise<void>;
  readonly retention: readonly Retention[];
}
