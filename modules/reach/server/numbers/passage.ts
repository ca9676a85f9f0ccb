import type { NumberMention } from '../../contract/index.ts';

/** So much is shown before and behind the number. */
const before = 60;
const behind = 90;

/** One line around a number, cut between words, with its place in that line. */
export function passageOf(
  text: string,
  { start, end }: { readonly start: number; readonly end: number },
): NumberMention['passage'] {
  const from = start <= before ? 0 : wordAfter(text, start - before, start);
  const to = text.length - end <= behind ? text.length : wordBefore(text, end + behind, end);
  const head = oneLine(text.slice(from, start)).trimStart();
  const tail = oneLine(text.slice(end, to)).trimEnd();
  const lead = from > 0 ? '… ' : '';
  const number = oneLine(text.slice(start, end));
  const first = lead.length + head.length;
  return {
    text: `${lead}${head}${number}${tail}${to < text.length ? ' …' : ''}`,
    start: first,
    end: first + number.length,
  };
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').toWellFormed();

function wordAfter(text: string, from: number, most: number): number {
  for (let at = from; at < most; at += 1) if (/\s/.test(text[at]!)) return at + 1;
  return from;
}

function wordBefore(text: string, from: number, least: number): number {
  for (let at = from; at > least; at -= 1) if (/\s/.test(text[at]!)) return at;
  return from;
}
