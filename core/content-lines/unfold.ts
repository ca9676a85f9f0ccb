/** A line as it was before it was folded. */
export interface UnfoldedLine {
  /** Where it begins in the file, from 1. */
  readonly line: number;
  /** Not decoded; null where it is longer than a line may be. */
  readonly bytes: Buffer | null;
  /** What it takes up in the file, its folds and ends with it. */
  readonly octets: number;
}

const lineFeed = 10;
const carriageReturn = 13;
const byteOrderMark = Buffer.from('\u{feff}');
/** A fold's space before a line, and the end behind it. */
const aroundLine = 2;

/**
 * The lines of a file that comes in pieces of any size. They are unfolded as bytes, because a fold may stand within a letter of several
 * (RFC 5545 §3.1, RFC 6350 §3.2). Lines end with CRLF, and in what many programs write with LF; empty ones are passed over. Never more
 * than one line is held, and of one that is too long nothing.
 */
export class Unfolder {
  readonly #maxLineBytes: number;
  #line = 0;
  /** The line of the file that has not ended yet. */
  #pieces: Buffer[] = [];
  #pieceBytes = 0;
  #firstByte = 0;
  #open: { readonly line: number; pieces: Buffer[]; bytes: number; octets: number } | null = null;

  constructor({ maxLineBytes }: { readonly maxLineBytes: number }) {
    this.#maxLineBytes = maxLineBytes;
  }

  /** The lines that are known to have ended, now that this piece is there. */
  *push(chunk: Buffer): Generator<UnfoldedLine> {
    for (let from = 0; from < chunk.length; ) {
      const at = chunk.indexOf(lineFeed, from);
      this.#add(chunk.subarray(from, at === -1 ? chunk.length : at));
      if (at === -1) return;
      const ended = this.#endOfLine();
      if (ended) yield ended;
      from = at + 1;
    }
  }

  /** What is left at the end of the file. */
  *end(): Generator<UnfoldedLine> {
    const ended = this.#pieceBytes > 0 ? this.#endOfLine() : null;
    if (ended) yield ended;
    const last = this.#finish();
    if (last) yield last;
  }

  #add(piece: Buffer): void {
    if (piece.length === 0) return;
    if (this.#pieceBytes === 0) this.#firstByte = piece[0] ?? 0;
    this.#pieceBytes += piece.length;
    // What is too long is let run off: its end is where the next line begins.
    if (this.#pieceBytes <= this.#maxLineBytes + aroundLine) this.#pieces.push(piece);
    else this.#pieces = [];
  }

  #endOfLine(): UnfoldedLine | null {
    this.#line += 1;
    const octets = this.#pieceBytes + 1;
    let bytes =
      this.#pieceBytes > this.#maxLineBytes + aroundLine
        ? null
        : this.#pieces.length === 1
          ? (this.#pieces[0] as Buffer)
          : Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#pieceBytes = 0;
    if (bytes?.at(-1) === carriageReturn) bytes = bytes.subarray(0, -1);
    if (this.#line === 1 && bytes?.subarray(0, 3).equals(byteOrderMark)) bytes = bytes.subarray(3);
    const open = this.#open;
    if (bytes?.length === 0) {
      if (open) open.octets += octets;
      return null;
    }
    if ((this.#firstByte === 32 || this.#firstByte === 9) && open) {
      open.octets += octets;
      open.bytes += bytes === null ? this.#maxLineBytes + 1 : bytes.length - 1;
      if (open.bytes > this.#maxLineBytes) open.pieces = [];
      else if (bytes && bytes.length > 1) open.pieces.push(bytes.subarray(1));
      return null;
    }
    const ended = this.#finish();
    const length = bytes === null ? this.#maxLineBytes + 1 : bytes.length;
    this.#open = {
      line: this.#line,
      pieces: bytes === null || length > this.#maxLineBytes ? [] : [bytes],
      bytes: length,
      octets,
    };
    return ended;
  }

  #finish(): UnfoldedLine | null {
    const open = this.#open;
    this.#open = null;
    if (open === null) return null;
    const { line, pieces, bytes, octets } = open;
    if (bytes > this.#maxLineBytes) return { line, bytes: null, octets };
    return { line, bytes: pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces), octets };
  }
}
