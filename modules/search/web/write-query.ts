import { mostQueryCharacters, parseQuery } from '../contract/index.ts';

export type Filter = 'from' | 'in' | 'type' | 'before' | 'after';

/** A question in its pieces: words, things in quotes, operators with what stands behind them. */
const piecesOf = (q: string): string[] => q.match(/-?(?:\p{L}{2,12}:)?(?:"[^"]*"?|[^\s"]+)/gu) ?? [];

interface Piece {
  readonly filter: Filter;
  readonly value: string;
}

/** What a piece narrows, in whatever language it was written; null for words. */
function readPiece(piece: string): Piece | null {
  const asked = parseQuery(piece);
  const value = piece.slice(piece.indexOf(':') + 1).replaceAll('"', '');
  if (asked.from.length > 0) return { filter: 'from', value };
  if (asked.places.length > 0) return { filter: 'in', value };
  if (asked.types.length > 0) return { filter: 'type', value };
  if (asked.before !== null) return { filter: 'before', value };
  return asked.after === null ? null : { filter: 'after', value };
}

/** What a question is narrowed to by its operators. */
export function filtersOf(q: string): Readonly<Record<Filter, readonly string[]>> {
  const found: Record<Filter, string[]> = { from: [], in: [], type: [], before: [], after: [] };
  for (const piece of piecesOf(q)) {
    const read = readPiece(piece);
    if (read) found[read.filter].push(read.value);
  }
  return found;
}

/**
 * A question with its filters of these names replaced; null takes one away. What else is in it stays as it was typed.
 *
 * @param names the operators as the reader writes them: `de`, `dans`.
 */
export function withFilters(
  q: string,
  changes: Partial<Readonly<Record<Filter, string | null>>>,
  names: Readonly<Record<Filter, string>>,
): string {
  const kept = piecesOf(q).filter((piece) => {
    const read = readPiece(piece);
    return read === null || changes[read.filter] === undefined;
  });
  const written = (Object.entries(changes) as [Filter, string | null | undefined][]).flatMap(
    ([filter, value]) => {
      const clean = value?.replaceAll('"', ' ').trim();
      if (!clean) return [];
      return `${names[filter]}:${/\s/.test(clean) ? `"${clean}"` : clean}`;
    },
  );
  return [...kept, ...written].join(' ').slice(0, mostQueryCharacters);
}
