import type { Appointment, Scope } from '../../contract/appointment.ts';

/** What the editor begins with: a time to fill, or an appointment to change. */
export interface Draft {
  /** Null: one's own first. */
  readonly calendarId: string | null;
  readonly timeZone: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly isAllDay?: boolean;
  readonly change?: { readonly appointment: Appointment; readonly scope: Scope; readonly at: string | null };
}
