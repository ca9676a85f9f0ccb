import type { BackupStore } from './store.ts';
import type { BaseSummary } from './summary.ts';
import { parseLsn } from './walsender.ts';

/** A stretch of the write-ahead log in the store, from one position to just before another. */
export interface WalPiece {
  name: string;
  start: bigint;
  end: bigint;
  bytes: number;
  storedAt: Date;
}

/** Where the log of one cluster and timeline lies; the names of pieces sort by position. */
export const walFolder = (systemId: string, timeline: number): string =>
  `wal/${systemId}/${timeline.toString(16).padStart(8, '0')}/`;

const digits = (position: bigint): string => position.toString(16).padStart(16, '0');

export const walFile = (systemId: string, timeline: number, start: bigint, end: bigint): string =>
  `${walFolder(systemId, timeline)}${digits(start)}-${digits(end)}.zst.age`;

export async function* listWal(
  store: BackupStore,
  systemId: string,
  timeline: number,
): AsyncIterable<WalPiece> {
  const folder = walFolder(systemId, timeline);
  for await (const { name, bytes, storedAt } of store.list(folder)) {
    const [, start, end] = /^([0-9a-f]{16})-([0-9a-f]{16})\.zst\.age$/.exec(name.slice(folder.length)) ?? [];
    if (start === undefined || end === undefined) continue;
    yield { name, start: BigInt(`0x${start}`), end: BigInt(`0x${end}`), bytes, storedAt };
  }
}

/**
 * The pieces that carry on from a base without a gap. A base has its own log up to its end; a piece may begin earlier, and
 * pieces may overlap where one was sent twice.
 */
export async function walAfter(
  pieces: AsyncIterable<WalPiece>,
  from: { start: bigint; end: bigint },
): Promise<{ pieces: WalPiece[]; end: bigint; gapAt: bigint | undefined }> {
  const used: WalPiece[] = [];
  let end = from.end;
  for await (const piece of pieces) {
    if (piece.end <= from.start || (piece.end <= end && piece.start >= from.start && piece.end <= from.end))
      continue;
    if (piece.start > end) return { pieces: used, end, gapAt: end };
    if (piece.end <= end) continue;
    used.push(piece);
    end = piece.end;
  }
  return { pieces: used, end, gapAt: undefined };
}

/** PostgreSQL's name of the segment of 16 MB (or whatever the cluster has) that holds a position. */
export function segmentName(timeline: number, position: bigint, segmentBytes: number): string {
  const perId = 0x1_0000_0000n / BigInt(segmentBytes);
  const number = position / BigInt(segmentBytes);
  const hex = (value: bigint) => value.toString(16).toUpperCase().padStart(8, '0');
  return `${hex(BigInt(timeline))}${hex(number / perId)}${hex(number % perId)}`;
}

/** Until when the newest base and the log after it reach, by the store's clock; undefined where no log follows it. */
export async function listLogEnds(
  store: BackupStore,
  bases: readonly BaseSummary[],
): Promise<Date | undefined> {
  const base = bases.at(-1);
  if (base === undefined) return undefined;
  const range = { start: parseLsn(base.startLsn), end: parseLsn(base.endLsn) };
  const { pieces } = await walAfter(listWal(store, base.systemId, base.timeline), range);
  return pieces.at(-1)?.storedAt;
}
