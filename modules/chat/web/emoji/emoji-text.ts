import { shortcodes } from './shortcodes.ts';

/** Behind these a colon begins no shortcode: a time, an address, another shortcode's end, or one that is meant literally. */
const bound = /[\p{L}\p{N}_:/\\]/u;
const whole = /:([a-z0-9_+-]{1,30}):/y;

/** The emoji whose whole shortcode stands at `at`. */
export function emojiAt(
  text: string,
  at: number,
): { readonly emoji: string; readonly length: number } | null {
  if (text[at] !== ':' || bound.test(text[at - 1] ?? '')) return null;
  whole.lastIndex = at;
  const found = whole.exec(text);
  const emoji = found ? shortcodes.get(found[1]!) : undefined;
  return found && emoji !== undefined ? { emoji, length: found[0].length } : null;
}

/** What makes a line one of a quotation or a list, and how far it is indented. */
const quoted = /^(?:[ \t>]|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t]))*/;
const fenced = /^(?:`{3,}|~{3,})/;
const indented = / {4}|\t/;

/** Whether what is written next may become code: in a fenced block, in an indented line, or behind a backtick. */
function maybeInCode(before: string): boolean {
  let fence: string | null = null;
  let paragraph = '';
  for (const line of before.split('\n')) {
    const [margin] = quoted.exec(line)!;
    const words = line.slice(margin.length);
    const mark = fenced.exec(words)?.[0];
    if (fence !== null) {
      if (mark?.startsWith(fence) && words.trim() === mark && !indented.test(margin)) fence = null;
    } else if (mark) fence = mark;
    else paragraph = words === '' ? '' : `${paragraph}${words}\n`;
    if (fence !== null) paragraph = '';
  }
  const [margin] = quoted.exec(before.slice(before.lastIndexOf('\n') + 1))!;
  if (fence !== null || indented.test(margin)) return true;
  const runs = (paragraph.match(/`+/g) ?? []).map((run) => run.length);
  for (let at = 0; at < runs.length; at += 1) {
    at = runs.indexOf(runs[at]!, at + 1);
    if (at < 0) return true;
  }
  return false;
}

/** The shortcode that is being written before the caret: its colon and at least two signs, outside of code. */
export function shortcodeAt(
  text: string,
  caret: number,
): { readonly start: number; readonly query: string } | null {
  const found = /:([a-z0-9_+-]{2,30}:?)$/i.exec(text.slice(Math.max(0, caret - 33), caret));
  if (!found) return null;
  const query = found[1]!;
  const start = caret - query.length - 1;
  if (bound.test(text[start - 1] ?? '')) return null;
  return maybeInCode(text.slice(0, start)) ? null : { start, query };
}

/** Emoji whose shortcode has a part that begins as written, those first that begin so themselves; at most eight. */
export function matchingEmoji(query: string): { readonly code: string; readonly emoji: string }[] {
  const wanted = query.toLowerCase();
  const all = [...shortcodes].map(([code, emoji]) => ({ code, emoji }));
  const begin = all.filter(({ code }) => code.startsWith(wanted));
  const within = all.filter(({ code }) => !code.startsWith(wanted) && code.includes(`_${wanted}`));
  begin.sort((a, b) => a.code.length - b.code.length || (a.code < b.code ? -1 : 1));
  return [...begin, ...within].slice(0, 8);
}
