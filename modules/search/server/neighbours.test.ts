import { expect, it } from 'vitest';
import { beginningsWithAnotherFirst, likelyBeginnings, mistakesBetween, neighboursOf } from './neighbours.ts';

it('counts a letter too many, too few, another, and two exchanged as one mistake', () => {
  expect(mistakesBetween('budget', 'budget', 2)).toBe(0);
  expect(mistakesBetween('buget', 'budget', 2)).toBe(1);
  expect(mistakesBetween('buddget', 'budget', 2)).toBe(1);
  expect(mistakesBetween('budged', 'budget', 2)).toBe(1);
  expect(mistakesBetween('bugdet', 'budget', 2)).toBe(1);
  expect(mistakesBetween('midget', 'budget', 2)).toBe(2);
  expect(mistakesBetween('gadget', 'budgets', 2)).toBe(3);
  expect(mistakesBetween('ab', 'abcdefgh', 2)).toBe(3);
});

it('looks where the right word probably begins', () => {
  expect(likelyBeginnings('bugdet')).toEqual(expect.arrayContaining(['bug', 'bud', 'ubg', 'bgu']));
  expect(likelyBeginnings('bdguet')).toContain('bdg');
});

it('tries every letter before the rest of a word of which the first is another, or was left out', () => {
  expect(beginningsWithAnotherFirst('xontract')).toEqual(expect.arrayContaining(['cont', 'zont', 'cxon']));
  expect(beginningsWithAnotherFirst('ontract')).toContain('cont');
  expect(beginningsWithAnotherFirst('xontract')).toHaveLength(52);
  expect(beginningsWithAnotherFirst('oooo')).toHaveLength(26);
});

it('names none where the word is there, or nothing is near, or the word is short', () => {
  const there = [
    { word: 'budget', documents: 3 },
    { word: 'budgets', documents: 9 },
    { word: 'cat', documents: 1 },
  ];
  expect(neighboursOf('bugdet', there, false)).toEqual(['budget']);
  expect(neighboursOf('budgetts', there, false)).toEqual(['budgets', 'budget']);
  expect(neighboursOf('budget', there, false)).toEqual([]);
  expect(neighboursOf('budge', there, true)).toEqual([]);
  expect(neighboursOf('budge', there, false)).toEqual(['budget']);
  expect(neighboursOf('zzzzzz', there, false)).toEqual([]);
  expect(neighboursOf('cta', there, false)).toEqual([]);
});
