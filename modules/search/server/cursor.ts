import { invalid } from '@liaison/core/contract';

/** Where a page ended, and the moment as of which all pages of a question are ordered. */
export interface Reached {
  readonly asOf: Date;
  readonly score: number;
  readonly key: string;
  /** On all pages before. */
  readonly shown: number;
}

export const writeCursor = ({ asOf, score, key, shown }: Reached): string =>
  Buffer.from(JSON.stringify([asOf.getTime(), score, key, shown])).toString('base64url');

export function readCursor(cursor: string): Reached {
  try {
    const [asOf, score, key, shown] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    if (
      typeof asOf === 'number' &&
      Number.isSafeInteger(asOf) &&
      Math.abs(asOf) < 4e12 &&
      typeof score === 'number' &&
      typeof key === 'string' &&
      key.length <= 200 &&
      !key.includes('\0') &&
      key.isWellFormed() &&
      typeof shown === 'number' &&
      Number.isSafeInteger(shown) &&
      shown > 0
    ) {
      return { asOf: new Date(asOf), score, key, shown };
    }
  } catch {
    // Not one of ours.
  }
  throw invalid('This page was not found; begin with the first.');
}
