/** The longest that a program's name is shown. */
const mostProgramChars = 40;

/**
 * The program of a telephone for people, from its User-Agent header (RFC 3261 §20.41): without the comments in brackets, which
 * name its parts and its machine, and with its version as one writes it. Null where nothing is left.
 *
 *   `baresip v1.0.0 (x86_64/linux)` → `baresip 1.0.0`
 */
export function programOf(userAgent: string | null): string | null {
  let text = userAgent ?? '';
  for (let before = ''; before !== text; ) {
    before = text;
    text = text.replace(/\([^()]*\)/g, ' ');
  }
  // What it is built on follows as products of their own: the first is itself.
  const [, product] = /^\s*(\S+\/\S+)\s+\S+\/\S/.exec(text) ?? [];
  const shown = (product ?? text)
    .replace(/[/\s]+v?(?=\d)/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return shown === ''
    ? null
    : shown.length > mostProgramChars
      ? `${shown.slice(0, mostProgramChars - 1)}…`
      : shown;
}
