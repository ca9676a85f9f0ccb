import MarkdownIt, { type Token } from 'markdown-it';
import { emojiAt } from '../emoji/emoji-text.ts';
import { boundTables } from './bound-tables.ts';
import { findTasks } from './find-tasks.ts';

/** Deeper than this is written by nobody; the parser stops and shows the rest as text. */
const maxNesting = 20;

const personId = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The only addresses a message may lead to. Everything else stays text. */
export function safeHref(href: string): string | null {
  if (href.length > 4_000) return null;
  try {
    const url = new URL(href);
    return ['http:', 'https:', 'mailto:', 'tel:', 'sip:', 'sips:'].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/**
 * CommonMark without HTML and without pictures (a picture from elsewhere would tell its server who reads), with bare
 * addresses as links, shortcodes as emoji and `@[Name](person:<id>)` as a mention. Tables and task lists as GitHub Flavored Markdown has them.
 */
const markdown = new MarkdownIt({ html: false, linkify: true, breaks: true, typographer: false, maxNesting });
markdown.disable(['image', 'reference', 'html_block', 'html_inline', 'lheading']);
markdown.linkify.set({ fuzzyLink: true, fuzzyEmail: true, fuzzyIP: false });
markdown.validateLink = (href) => safeHref(href) !== null;
boundTables(markdown);
findTasks(markdown);

markdown.inline.ruler.before('link', 'mention', (state, silent) => {
  if (state.src.charCodeAt(state.pos) !== 0x40 || state.src.charCodeAt(state.pos + 1) !== 0x5b) return false;
  // The text up to here is at most 20,000 characters, but a mention ends within 260.
  const found = /^@\[([^\]\n]{1,200})\]\(person:([0-9a-f-]{36})\)/.exec(
    state.src.slice(state.pos, state.pos + 260),
  );
  if (!found || !personId.test(found[2]!)) return false;
  if (!silent) {
    const token = state.push('mention', '', 0);
    token.content = found[1]!;
    token.meta = { personId: found[2] };
  }
  state.pos += found[0].length;
  return true;
});
// Behind code and what is escaped, which are looked for first.
markdown.inline.ruler.push('shortcode', (state, silent) => {
  const found = emojiAt(state.src, state.pos);
  if (!found) return false;
  if (!silent) state.pending += found.emoji;
  state.pos += found.length;
  return true;
});
// `@` ends plain text, as the other signs do, so that the rule above is asked in the middle of a sentence too.
markdown.inline.ruler.before('text', 'before-mention', (state, silent) => {
  const at = state.src.indexOf('@[', state.pos);
  if (at <= state.pos || at >= state.posMax) return false;
  const text = state.src.slice(state.pos, at);
  if (/[\n!#$%&*+\-:<=>@[\\\]^_`{}~]/.test(text)) return false;
  if (!silent) state.pending += text;
  state.pos = at;
  return true;
});

export type { Token };

const cache = new Map<string, readonly Token[]>();
const maxCached = 600;

/** The tokens of a message; what was parsed last is kept, because rows come and go while one scrolls. */
export function parseMarkdown(text: string): readonly Token[] {
  const held = cache.get(text);
  if (held) return held;
  const tokens = markdown.parse(text, {});
  if (cache.size >= maxCached) {
    const oldest = cache.keys().next().value;
    if (oldest !== undefined) cache.delete(oldest);
  }
  cache.set(text, tokens);
  return tokens;
}
