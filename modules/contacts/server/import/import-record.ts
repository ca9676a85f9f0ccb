import type {
  ContactImport,
  DuplicateChoice,
  ImportColumn,
  ImportFault,
  ImportPreview,
  ImportState,
} from '../../contract/index.ts';

/** A row of `contacts.import`. */
export interface ImportRecord extends Record<string, unknown> {
  readonly id: string;
  readonly book_id: string;
  readonly person_id: string;
  readonly file_name: string;
  readonly format: 'vcard' | 'csv';
  readonly state: ImportState;
  readonly duplicates: DuplicateChoice;
  readonly file_sha256: string | null;
  readonly columns: ImportColumn[];
  readonly preview: ImportPreview[];
  readonly total: number;
  readonly done: number;
  readonly added: number;
  readonly skipped: number;
  readonly merged: number;
  readonly fault_count: number;
  readonly faults: ImportFault[];
  readonly created_at: Date;
}

export const toImport = (row: ImportRecord): ContactImport => ({
  id: row.id,
  bookId: row.book_id,
  fileName: row.file_name,
  format: row.format,
  state: row.state,
  total: row.total,
  done: row.done,
  added: row.added,
  skipped: row.skipped,
  merged: row.merged,
  faultCount: row.fault_count,
  faults: row.faults,
  columns: row.columns,
  preview: row.preview,
});
