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

const lineFeed = 10;
const carriageReturn = 13;

interface PhysicalLine {
  readonly line: number;
  /** Null where it is longer than any card. */
  readonly bytes: Buffer | null;
}

/** Lines end with CRLF (RFC 6350 §3.2), and in what many programs write with LF. */
async function* physicalLines(source: AsyncIterable<Uint8Array>): AsyncGenerator<PhysicalLine[]> {
  let line = 0;
  let begun: Buffer[] = [];
  let begunBytes = 0;
  const end = (): PhysicalLine => {
    line += 1;
    const whole = begunBytes > maxCardBytes ? null : begun.length === 1 ? begun[0]! : Buffer.concat(begun);
    begun = [];
    begunBytes = 0;
    return { line, bytes: whole?.at(-1) === carriageReturn ? whole.subarray(0, -1) : whole };
  };
  for await (const part of source) {
    const chunk = Buffer.from(part.buffer, part.byteOffset, part.byteLength);
    const lines: PhysicalLine[] = [];
    let from = 0;
    for (;;) {
      const at = chunk.indexOf(lineFeed, from);
      const piece = chunk.subarray(from, at === -1 ? chunk.length : at);
      begunBytes += piece.length;
      // What is too long is let run off: its end is where the next line begins.
      if (begunBytes <= maxCardBytes) begun.push(piece);
      else begun = [];
      if (at === -1) break;
      lines.push(end());
      from = at + 1;
    }
    yield lines;
  }
  if (begunBytes > 0) yield [end()];
}

const isMark = (bytes: Buffer, mark: string): boolean =>
  bytes.length >= mark.length &&
  bytes.length <= mark.length + 8 &&
  bytes.toString('latin1').trim().toUpperCase() === mark;

/**
 * Takes a file apart into cards, one at a time and never more than one in memory. Lines are unfolded as bytes, because a fold may
 * stand within a letter of several (RFC 6350 §3.2). What is no card is refused with its line, and the next card is read.
 */
export async function* readRawCards(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<RawCard | RefusedCard> {
  let card: { line: number; lines: { line: number; pieces: Buffer[] }[]; bytes: number } | null = null;
  let refused: RefusedCard | null = null;
  let strayLine: number | null = null;
  const finish = (open: NonNullable<typeof card>): RawCard => ({
    line: open.line,
    lines: open.lines.map(({ line, pieces }) => ({
      line,
      bytes: pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces),
    })),
  });
  for await (const lines of physicalLines(source)) {
    for (const { line, bytes: raw } of lines) {
      // A byte order mark stands only at the beginning.
      const bytes = line === 1 && raw?.indexOf('\u{feff}') === 0 ? raw.subarray(3) : raw;
      if (card === null) {
        if (bytes && isMark(bytes, 'BEGIN:VCARD')) {
          if (strayLine !== null)
            yield { line: strayLine, refused: 'unreadable', detail: 'BEGIN:VCARD is missing' };
          strayLine = null;
          card = { line, lines: [], bytes: 0 };
          refused = null;
        } else if (bytes === null || bytes.some((byte) => byte > 32)) strayLine ??= line;
        continue;
      }
      if (bytes && isMark(bytes, 'END:VCARD')) {
        yield refused ?? finish(card);
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
        card = { line, lines: [], bytes: 0 };
        refused = null;
        continue;
      }
      if (refused) continue;
      card.bytes += (bytes?.length ?? maxCardBytes) + 2;
      const last = card.lines.at(-1);
      if (bytes === null || card.bytes > maxCardBytes || card.lines.length >= maxLines) {
        refused = {
          line: card.line,
          refused: 'too-large',
          detail: `more than ${card.lines.length >= maxLines ? `${maxLines} lines` : `${maxCardBytes / 1024 / 1024} MB`}`,
        };
        card.lines = [];
      } else if ((bytes[0] === 32 || bytes[0] === 9) && last) {
        if (bytes.length > 1) last.pieces.push(bytes.subarray(1));
      } else if (bytes.length > 0) {
        card.lines.push({ line, pieces: [bytes] });
      }
    }
  }
  if (card) yield refused ?? { line: card.line, refused: 'unreadable', detail: 'END:VCARD is missing' };
  else if (strayLine !== null) yield { line: strayLine, refused: 'unreadable', detail: 'this is no card' };
}
