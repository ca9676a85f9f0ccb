import type { PersonSummary } from '@liaison/people';
import { expect, it } from 'vitest';
import type { ContactRow } from '../../contract/index.ts';
import { mergeRows } from './merge-rows.ts';

const people = (...names: string[]) => names.map((name) => ({ id: name, name }) as PersonSummary);
const cards = (...names: string[]) => names.map((name) => ({ id: name, name }) as ContactRow);
const merge = (left: string[], right: string[], whole: [boolean, boolean] = [true, true]) =>
  mergeRows({ rows: people(...left), isWhole: whole[0] }, { rows: cards(...right), isWhole: whole[1] }).map(
    ({ kind, id }) => `${kind === 'contact' ? '·' : ''}${id}`,
  );

it('makes one order of two, accents aside', () => {
  expect(merge(['Áine', 'Claire', 'Zoë'], ['Brest', 'Émile', 'zoé'])).toEqual([
    'Áine',
    '·Brest',
    'Claire',
    '·Émile',
    'Zoë',
    '·zoé',
  ]);
});

it('holds back what a page that is not here yet may come before', () => {
  expect(merge(['a', 'd'], ['b', 'e', 'f'], [false, true])).toEqual(['a', '·b', 'd']);
  expect(merge([], ['b'], [false, true])).toEqual([]);
  expect(merge([], ['b'])).toEqual(['·b']);
});
