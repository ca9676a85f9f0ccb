import { parseMarkdown } from '../markdown/parse.ts';
import { emojiAt } from './emoji-text.ts';

const codes = new Set(['fence', 'code_block', 'code_inline']);

const hasCode = (body: string): boolean =>
  parseMarkdown(body).some(
    ({ type, children }) => codes.has(type) || children?.some((child) => codes.has(child.type)),
  );

/**
 * Turns whole shortcodes into their emoji, so that lists, notices and searches have them too. A message with code is left
 * as it is: its shortcodes become emoji where it is drawn, and there it is known where its code stands.
 */
export function withEmoji(body: string): string {
  if (!body.includes(':') || hasCode(body)) return body;
  let made = '';
  for (let at = 0; at < body.length; ) {
    const found = emojiAt(body, at);
    made += found?.emoji ?? body[at];
    at += found?.length ?? 1;
  }
  return made;
}
