/** RFC 5545 §3.3.11, RFC 6350 §3.4; `\:` and `\"` are what some programs add. */
export const unescapeText = (text: string): string =>
  text.replace(/\\([\\,;:"nN])/g, (_, sign: string) => (sign === 'n' || sign === 'N' ? '\n' : sign));
export const escapeText = (text: string): string =>
  text.replace(/[\\,;]/g, (sign) => `\\${sign}`).replace(/\r\n|\r|\n/g, '\\n');

/** Splits at signs that are not escaped, and leaves what lies between escaped. What follows the last of `max` parts is in one more. */
export function splitEscaped(text: string, sign: ';' | ',', max = Number.POSITIVE_INFINITY): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length && parts.length < max; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === sign) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}
