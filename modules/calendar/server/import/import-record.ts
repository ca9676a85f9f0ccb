import type { CalendarImport, ImportFault, ImportPreview, ImportState } from '../../contract/index.ts';

/** A row of `calendar.import`. */
export interface ImportRecord extends Record<string, unknown> {
  readonly id: string;
  readonly calendar_id: string;
  readonly person_id: string;
  readonly file_name: string;
  readonly state: ImportState;
  readonly file_sha256: string | null;
  readonly time_zone: string;
  readonly preview: ImportPreview[];
  readonly total: number;
  readonly done: number;
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly times: number;
  readonly fault_count: number;
  readonly faults: ImportFault[];
}

export const toImport = (row: ImportRecord): CalendarImport => ({
  id: row.id,
  calendarId: row.calendar_id,
  fileName: row.file_name,
  state: row.state,
  total: row.total,
  done: row.done,
  added: row.added,
  changed: row.changed,
  unchanged: row.unchanged,
  faultCount: row.fault_count,
  faults: row.faults,
  preview: row.preview,
});
