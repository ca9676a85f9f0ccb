import { expect, test } from 'vitest';
import { writtenDigits } from './written-digits.ts';

const read = (text: string): [there: string, digits: string][] =>
  [...writtenDigits(text)].map(({ start, end, digits }) => [text.slice(start, end), digits]);

test.each<[text: string, ...found: [there: string, digits: string][]]>([
  ['no digits'],
  ['call 06 12 34 56 78 now', ['06 12 34 56 78', '612345678']],
  ['06 12', ['06 12', '612']],
  ['+44 (0)20 7946 0017', ['+44 (0)20 7946 0017', '442079460017']],
  ['00 33 (0)4 91 22', ['00 33 (0)4 91 22', '3349122']],
  ['(0)6.12.34', ['(0)6.12.34', '61234']],
  ['(+33) 4 91 22 33 44', ['(+33) 4 91 22 33 44', '33491223344']],
  ['(04 91 22 33 44)', ['04 91 22 33 44', '491223344']],
  ['０３－１２３４－５６７８', ['０３－１２３４－５６７８', '312345678']],
  ['電話は03-1234-5678まで', ['03-1234-5678', '312345678']],
  ['030 / 12 34 56 78', ['030 / 12 34 56 78', '3012345678']],
  ['04 91 22 33 44 / 06 12 34 56 78', ['04 91 22 33 44', '491223344'], ['06 12 34 56 78', '612345678']],
  ['0612345678 -0612345679', ['0612345678', '612345678'], ['0612345679', '612345679']],
  ['7\t0612345678\t12', ['7', '7'], ['0612345678', '612345678'], ['12', '12']],
  // Beside letters only what stands apart from them.
  ['v0491223344'],
  ['FR76 3000 6000 0112', ['3000 6000 0112', '300060000112']],
  ['04 91 22e', ['04 91', '491']],
  ['0'.repeat(9), ['0'.repeat(9), '']],
  ['1'.repeat(99), ['1'.repeat(99), '1'.repeat(24)]],
])('%j', (text, ...found) => {
  expect(read(text)).toEqual(found);
});

test.each(['1', '1 ', '1 / ', '123456 / ', '1\t', '+1', '(', '1(', '- ', '1 -', 'a1 '])(
  'a text of %j is read in bounded time',
  (piece) => {
    const started = performance.now();
    read(piece.repeat(Math.ceil(100_000 / piece.length)));
    expect(performance.now() - started).toBeLessThan(2000);
  },
);
