import { cut } from '../derive.ts';

/** On one line, without control characters, bounded. */
export const oneLine = (text: string, max: number): string =>
  cut(text.replace(/\p{Cc}+/gu, ' ').trim(), max)
    .toWellFormed()
    .trim();

/** Line ends and tabs stay. */
export const multipleLines = (text: string, max: number): string =>
  cut(text.replace(/[^\P{Cc}\t\n\r]/gu, '').trim(), max)
    .toWellFormed()
    .trim();

/** Each once, at most so many. */
export const within = (list: readonly string[], max: number): string[] => [...new Set(list)].slice(0, max);
