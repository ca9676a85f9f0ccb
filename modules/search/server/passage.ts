import { foldText } from '@liaison/people';
import { writtenDigits } from '@liaison/reach';
import type { MarkedText } from '../contract/index.ts';

/** What a word of a text is compared with. */
export interface Marks {
  readonly words: readonly string[];
  /** Of `words`, the one that stands for whatever begins so. */
  readonly beginning: string | undefined;
  readonly stems: readonly string[];
  /** Digits of numbers: a written number that ends like one is marked. */
  readonly numbers: readonly string[];
}

const word = /[\p{L}\p{N}\p{M}]+/gu;
const before = 60;
const mostCharacters = 240;
/** Of a text, what is looked at; the database hands out no more. */
const mostLooked = 16_000;
const mostPieces = 60;

interface Span {
  readonly start: number;
  readonly end: number;
}

function spansIn(text: string, marks: Marks): Span[] {
  const spans: Span[] = [];
  const words = new Set(marks.words);
  for (const match of text.matchAll(word)) {
    const folded = foldText(match[0]);
    const isFound =
      words.has(folded) ||
      (marks.beginning !== undefined && folded.startsWith(marks.beginning)) ||
      // What a stem leaves out is an ending.
      marks.stems.some(
        (stem) => stem.length > 2 && folded.startsWith(stem) && folded.length - stem.length <= 5,
      );
    if (isFound) spans.push({ start: match.index, end: match.index + match[0].length });
  }
  if (marks.numbers.length > 0) {
    for (const { start, end, digits } of writtenDigits(text)) {
      if (
        marks.numbers.some(
          (number) => digits.includes(number) || (digits.length >= 6 && number.endsWith(digits)),
        )
      ) {
        spans.push({ start, end });
      }
    }
    spans.sort((a, b) => a.start - b.start);
  }
  return spans;
}

function cutInto(text: string, spans: readonly Span[], from: number, to: number): MarkedText {
  const pieces: { text: string; found: boolean }[] = [];
  let at = from;
  for (const { start, end } of spans) {
    if (start < at || end > to || pieces.length >= mostPieces - 5) continue;
    if (start > at) pieces.push({ text: text.slice(at, start), found: false });
    pieces.push({ text: text.slice(start, end), found: true });
    at = end;
  }
  if (at < to) pieces.push({ text: text.slice(at, to), found: false });
  return pieces;
}

/** A whole line, as a title. */
export const markLine = (text: string, marks: Marks): MarkedText =>
  cutInto(text, spansIn(text, marks), 0, text.length);

/** A line or two where most of what was asked stands close together; the beginning of the text where none does. */
export function passageOf(whole: string, marks: Marks): MarkedText {
  const text = whole.slice(0, mostLooked).replace(/\s+/g, ' ').trim().toWellFormed();
  const spans = spansIn(text, marks);
  let best = 0;
  let bestCount = 0;
  for (let first = 0, last = 0; first < spans.length; first += 1) {
    while (last < spans.length && spans[last]!.end - spans[first]!.start <= mostCharacters - before)
      last += 1;
    const different = new Set(
      spans
        .slice(first, Math.min(last, first + 40))
        .map(({ start, end }) => foldText(text.slice(start, end))),
    );
    if (different.size > bestCount) {
      bestCount = different.size;
      best = spans[first]!.start;
    }
  }
  let from = Math.max(0, best - before);
  if (from > 0) {
    const space = text.indexOf(' ', from);
    if (space !== -1 && space < best) from = space + 1;
  }
  let to = Math.min(text.length, from + mostCharacters);
  if (to < text.length) {
    const space = text.lastIndexOf(' ', to);
    if (space > from + mostCharacters / 2) to = space;
  }
  const pieces = cutInto(text, spans, from, to).map((piece) => ({
    ...piece,
    text: piece.text.toWellFormed(),
  }));
  if (from > 0) pieces.unshift({ text: '… ', found: false });
  if (to < whole.trim().length && to < text.length) pieces.push({ text: ' …', found: false });
  return pieces;
}
