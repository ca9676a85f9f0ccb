/** What a spreadsheet would take for a formula, and what we have made harmless ourselves. */
const dangerous = /^'*[=+\-@\t\r\uFF0B\uFF0D\uFF1D\uFF20]/;
/** A number with its country is no formula, and people want to copy it. */
const harmless = /^\+\d[\d .()]*$/;

/** An apostrophe before it makes a spreadsheet show a text instead of computing it. */
export const neutralise = (cell: string): string =>
  dangerous.test(cell) && !harmless.test(cell) ? `'${cell}` : cell;
/** The reverse, so that what goes out comes back the same. */
export const restore = (cell: string): string =>
  cell.startsWith("'") && dangerous.test(cell) ? cell.slice(1) : cell;
