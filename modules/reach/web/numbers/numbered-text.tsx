import { type LiveTextProps, PlainText } from '@liaison/core/web';
import { type ReactNode, use, useMemo } from 'react';
import { type FindNumbers, loadNumberFinder } from '../../contract/find-numbers.ts';
import { useCountries } from './asked-together.ts';
import { NumberChip } from './number-chip.tsx';

const nothing: FindNumbers = () => [];
const loading = loadNumberFinder().catch(() => nothing);

/** Whether words say no more than the number behind them. */
const isNumber = (text: string): boolean =>
  /\p{Nd}/u.test(text) && !/\p{L}/u.test(text.replace(/^tel:/i, ''));

/** Draws a text with its numbers as chips; until it is known whose country is meant, as it is. */
export function NumberedText({ text, writtenBy = null, link }: LiveTextProps) {
  const find = use(loading);
  const countries = useCountries(writtenBy);
  const numbers = useMemo(
    () => (countries ? find(link ?? text, countries) : []),
    [find, link, text, countries],
  );
  if (link !== undefined) {
    const [number] = numbers;
    if (!number || number.end - number.start < link.length) return <PlainText text={text} link={link} />;
    return <NumberChip written={text} number={number} label={isNumber(text) ? undefined : text} />;
  }
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
