import fc from 'fast-check';
import { expect, test } from 'vitest';
import { initialsOf, isNumber, toneCount, toneOf } from './tone.ts';

test('the tones of known people never change: pictures in their memory depend on it', () => {
  expect(
    ['joaquin', 'Dalva Nogueirão', 'Rosario Etxaniz', 'Lucas Pharand', ''].map(toneOf),
  ).toMatchInlineSnapshot(`
    [
      4,
      5,
      5,
      1,
      2,
    ]
  `);
});

test('every key has one of the tones, always the same', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (key) => {
      const tone = toneOf(key);
      return Number.isInteger(tone) && tone >= 1 && tone <= toneCount && tone === toneOf(key);
    }),
  );
});

test('tones are spread evenly over identifiers', () => {
  const counts = new Array<number>(toneCount).fill(0);
  for (let index = 0; index < 5000; index += 1) {
    counts[toneOf(`0198c1c9-2f4e-7b2b-8a4e-${String(index).padStart(12, '0')}`) - 1]! += 1;
  }
  expect(Math.min(...counts)).toBeGreaterThan(800);
});

test.each([
  ['Joaquín Salvatierra', 'JS'],
  ['Hoa Trần-Leclerc', 'HT'],
  ['  Ana   Maria de Souza ', 'AS'],
  ['Ólafur', 'Ó'],
  ['李 明', '李明'],
  ['(Porto) Leixal', 'PL'],
  ['E\u0301lise', 'É'],
  ['', ''],
  ['…', ''],
])('the initials of %j are %j', (name, initials) => {
  expect(initialsOf(name)).toBe(initials);
});

test('initials are at most two letters of whatever is given', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => {
      // Upper case can lengthen a letter (ß becomes SS), so letters are counted before it.
      return [...new Intl.Segmenter().segment(initialsOf(name))].length <= 6;
    }),
  );
});

test('a telephone number is told from a name, and from a team that is called by a year', () => {
  expect(['+44 1632 960999', '(01632) 960-999', '+4'].every(isNumber)).toBe(true);
  expect(['2030', 'Pier 39', '', '3 de Maio 12345', 'anonymous'].some(isNumber)).toBe(false);
});
