import { type UnfoldedLine, Unfolder } from '@liaison/core/content-lines';

/** One card of a file as it stands there: its unfolded lines, without BEGIN and END. `line` counts from 1. */
export interface RawCard {
  readonly line: number;
  readonly lines: readonly { readonly line: number; readonly bytes: Buffer }[];
}
/** A card that cannot be taken, and why. */
export interface RefusedCard {
  readonly line: number;
  readonly refused: 'too-large' | 'unreadable';
  readonly detail: string;
}

/** A card with the photo of a camera in it; base64 makes a third more of it. */
export const maxCardBytes = 4 * 1024 * 1024;
const maxLines = 2000;

const isMark = (bytes: Buffer, mark: string): boolean =>
  bytes.length >= mark.length &&
  bytes.length <= mark.length + 8 &&
  bytes.toString('latin1').trim().toUpperCase() === mark;

/**
 * Takes a file apart into cards, one at a time and never more than one in memory. What is no card is refused with its line, and the
 * next card is read.
 */
export async function* readRawCards(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<RawCard | RefusedCard> {
  let card: { line: number; lines: { line: number; bytes: Buffer }[]; octets: number } | null = null;
  let refused: RefusedCard | null = null;
  let strayLine: number | null = null;
  for await (const { line, bytes, octets } of unfolded(source)) {
    if (card === null) {
      if (bytes && isMark(bytes, 'BEGIN:VCARD')) {
        if (strayLine !== null)
          yield { line: strayLine, refused: 'unreadable', detail: 'BEGIN:VCARD is missing' };
        strayLine = null;
        card = { line, lines: [], octets: 0 };
        refused = null;
      } else if (bytes === null || bytes.some((byte) => byte > 32)) strayLine ??= line;
      continue;
    }
    if (bytes && isMark(bytes, 'END:VCARD')) {
      yield refused ?? { line: card.line, lines: card.lines };
      card = null;
      continue;
    }
    if (bytes && isMark(bytes, 'BEGIN:VCARD')) {
      // Either the end of the card before is missing or one stands within another, which no version of today has.
      yield refused ?? {
        line: card.line,
        refused: 'unreadable',
        detail: `no END:VCARD before line ${line}`,
      };
      card = { line, lines: [], octets: 0 };
      refused = null;
      continue;
    }
    if (refused) continue;
    card.octets += octets;
    if (bytes === null || card.octets > maxCardBytes || card.lines.length >= maxLines) {
      refused = {
        line: card.line,
        refused: 'too-large',
        detail: `more than ${card.lines.length >= maxLines ? `${maxLines} lines` : `${maxCardBytes / 1024 / 1024} MB`}`,
      };
      card.lines = [];
    } else card.lines.push({ line, bytes });
  }
  if (card) yield refused ?? { line: card.line, refused: 'unreadable', detail: 'END:VCARD is missing' };
  else if (strayLine !== null) yield { line: strayLine, refused: 'unreadable', detail: 'this is no card' };
}

async function* unfolded(source: AsyncIterable<Uint8Array>): AsyncGenerator<UnfoldedLine> {
  const unfolder = new Unfolder({ maxLineBytes: maxCardBytes });
  for await (const part of source) {
    yield* unfolder.push(Buffer.from(part.buffer, part.byteOffset, part.byteLength));
  }
  yield* unfolder.end();
}
