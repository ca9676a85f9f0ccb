import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matching, mentionAt, toMarkdown, toWritten } from './mention-text.ts';

const njeri = { id: '0198c6f0-0000-7000-8000-000000000001', name: 'Njeri Wambuto' };
const ines = { id: '0198c6f0-0000-7000-8000-000000000002', name: 'Inês Carvalhal' };
const inesToo = { id: '0198c6f0-0000-7000-8000-000000000003', name: 'Inês Carvalhal' };
const people = [njeri, ines];

test('what stands before the caret is completed, addresses of mail are not', () => {
  expect(mentionAt('Ask @nj', 7)).toEqual({ start: 4, query: 'nj' });
  expect(mentionAt('@', 1)).toEqual({ start: 0, query: '' });
  expect(mentionAt('@Njeri Wam', 10)).toEqual({ start: 0, query: 'Njeri Wam' });
  expect(mentionAt('njeri@estuaria', 14)).toBeNull();
});

test('accents and case do not matter, any word of the name does', () => {
  expect(matching(people, 'ines')).toEqual([ines]);
  expect(matching(people, 'WAM')).toEqual([njeri]);
  expect(matching(people, 'zz')).toEqual([]);
  const ingrid = { id: njeri.id, name: 'Ingrid Solvang-Mørk' };
  expect(matching([ingrid], 'mork')).toEqual([ingrid]);
});

test('names become mentions, and mentions names again', () => {
  const body = `Ask @[Njeri Wambuto](person:${njeri.id}), not @Njeri`;
  expect(toMarkdown('Ask @Njeri Wambuto, not @Njeri', people, new Map())).toBe(body);
  expect(toWritten(body).text).toBe('Ask @Njeri Wambuto, not @Njeri');
  const short = { id: '0198c6f0-0000-7000-8000-000000000004', name: 'Njeri' };
  expect(toMarkdown('Ask @Njeri Wambuto', [short, njeri], new Map())).toBe(
    `Ask @[Njeri Wambuto](person:${njeri.id})`,
  );
  expect(toMarkdown('a@Njeri Wambuto @Njeri Wambutos', people, new Map())).toBe(
    'a@Njeri Wambuto @Njeri Wambutos',
  );
});

test('between two people of one name the chosen one is meant', () => {
  const chosen = new Map([[inesToo.name, inesToo.id]]);
  expect(toMarkdown('@Inês Carvalhal', [ines, inesToo], chosen)).toBe(
    `@[Inês Carvalhal](person:${inesToo.id})`,
  );
});

test('changing a message and leaving it as it was changes nothing', () => {
  const word = fc.constantFrom(
    'Ask ',
    'x',
    ' ',
    '\n',
    '@',
    '**',
    `@[Njeri Wambuto](person:${njeri.id})`,
    `@[Inês Carvalhal](person:${ines.id})`,
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 20 }), (words) => {
      // A mention in the middle of a word is not one that the composer writes.
      const body = words.join(' ');
      const { text, chosen } = toWritten(body);
      expect(toMarkdown(text, people, chosen)).toBe(body);
    }),
  );
});
