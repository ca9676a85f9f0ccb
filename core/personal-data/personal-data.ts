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
  /** Null where nothing ends by age. */
  readonly days: number | null;
  readonly why: string;
  /**
   * Deletes what is older, in bounded batches; answers how many rows went. Absent where nothing ends by age. It runs as
   * `liaison_app` within one organisation, each batch in a transaction of its own, again until it answers 0.
   */
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

/** What is told to people about one kind of data. */
export interface RetentionStatement {
  readonly module: string;
  readonly what: string;
  readonly days: number | null;
  readonly why: string;
}

/** A person's export, made and ready to be sent: a zip file that is gone when its stream ends or is destroyed. */
export interface PersonExport {
  readonly stream: Readable;
  readonly sizeBytes: number;
}

export interface PersonalDataOfAll {
  /**
   * Everything that the modules know of a person, as one zip: a folder per module and `manifest.json` (files with size
   * and SHA-256, what is kept how long). It is written to a temporary file first, so that a slow reader holds no
   * transaction; the caller reads or destroys the stream.
   */
  export(orgId: string, personId: string): Promise<PersonExport>;
  /**
   * Erases in every module, each in a transaction of its own. One that fails holds back none of the others; then it
   * throws an AggregateError. Run it again to finish.
   */
  erase(orgId: string, personId: string): Promise<void>;
  /** The same as a job, tried again until every module has done it; for reactions. */
  eraseLater(orgId: string, personId: string): Promise<void>;
  /** Deletes what is older than its retention, in every organisation; the nightly job calls it. */
  purge(options?: { now?: Date; signal?: AbortSignal }): Promise<{ deleted: number }>;
  readonly retention: readonly RetentionStatement[];
}
