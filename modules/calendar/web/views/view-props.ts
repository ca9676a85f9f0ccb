import type { Occurrence } from '../../contract/appointment.ts';

export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** A colleague over my days. */
export interface Colleague {
  readonly id: string;
  readonly colour: number;
  /** None as long as it is not told. */
  readonly spans: readonly Span[];
  /** She does not let me know. */
  readonly isUnknown: boolean;
}

/** A calendar in which something shown lies as well. */
export interface AlsoIn {
  readonly calendarId: string;
  readonly eventId: string;
  readonly name: string;
  readonly colour: number;
}

/** What every view is given; the page holds the state. */
export interface ViewProps {
  readonly days: readonly string[];
  /** The day that was chosen: a month belongs to it. */
  readonly day: string;
  readonly occurrences: readonly Occurrence[];
  /** Clocks beside mine. */
  readonly zones: readonly string[];
  readonly today: string;
  /** This minute, in milliseconds. */
  readonly now: number;
  /** Whose taken times lie beside mine. */
  readonly colleagues: readonly Colleague[];
  /** The appointment that is open. */
  readonly current: string | undefined;
  colourOf(occurrence: Occurrence): number;
  /** Other calendars in which it lies as well. */
  alsoIn(occurrence: Occurrence): readonly AlsoIn[];
  canMove(occurrence: Occurrence): boolean;
  onOpen(occurrence: Occurrence): void;
  onCreate(span: Span & { readonly isAllDay?: boolean }): void;
  onMove(occurrence: Occurrence, span: Span): void;
  onDay(day: string): void;
}
