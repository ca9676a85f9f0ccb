export const views = ['day', 'week', 'month', 'agenda'] as const;
export type View = (typeof views)[number];

/** What the address of the page says: which days, and what is open beside them. */
export interface CalendarSearch {
  view?: View;
  /** `2026-05-14`. */
  day?: string;
  event?: string;
  /** Which of a series is open. */
  at?: string;
  /** On a telephone: the calendars instead of the days. */
  list?: true | undefined;
}

export function readSearch(search: Record<string, unknown>): CalendarSearch {
  const found: CalendarSearch = {};
  if (views.includes(search.view as View)) found.view = search.view as View;
  if (
    typeof search.day === 'string' &&
    /^\d{4}-\d\d-\d\d$/.test(search.day) &&
    !Number.isNaN(Date.parse(search.day))
  ) {
    found.day = search.day;
  }
  if (typeof search.event === 'string' && /^[0-9a-f-]{36}$/.test(search.event)) found.event = search.event;
  if (typeof search.at === 'string' && !Number.isNaN(Date.parse(search.at))) found.at = search.at;
  if (search.list === true) found.list = true;
  return found;
}
