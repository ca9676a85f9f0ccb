import type { LiveTextProps } from '@liaison/core/web';
import { type ReactNode, use, useMemo } from 'react';
import { type FindNumbers, loadNumberFinder } from '../../contract/find-numbers.ts';
import { useCountries } from './asked-together.ts';
import { NumberChip } from './number-chip.tsx';

const nothing: FindNumbers = () => [];
const loading = loadNumberFinder().catch(() => nothing);

/** Draws a text with its numbers as chips; until it is known whose country is meant, as it is. */
export function NumberedText({ text, writtenBy = null }: LiveTextProps) {
  const find = use(loading);
  const countries = useCountries(writtenBy);
  const numbers = useMemo(() => (countries ? find(text, countries) : []), [find, text, countries]);
  const parts: ReactNode[] = [];
  let at = 0;
  for (const number of numbers) {
    parts.push(text.slice(at, number.start));
    at = number.end;
    parts.push(<NumberChip key={number.start} written={text.slice(number.start, at)} number={number} />);
  }
  parts.push(text.slice(at));
  return parts;
}
