import { expect, it } from 'vitest';
import { type Marks, markLine, passageOf } from './passage.ts';

const none: Marks = { words: [], beginning: undefined, stems: [], numbers: [] };
const written = (pieces: readonly { text: string; found: boolean }[]): string =>
  pieces.map(({ text, found }) => (found ? `[${text}]` : text)).join('');

it('marks words whatever their case and accents, beginnings and other endings', () => {
  expect(written(markLine('La Réunion du budget', { ...none, words: ['reunion'] }))).toBe(
    'La [Réunion] du budget',
  );
  expect(written(markLine('Budgets, budgétaire', { ...none, words: ['budg'], beginning: 'budg' }))).toBe(
    '[Budgets], [budgétaire]',
  );
  expect(written(markLine('meetings were met', { ...none, words: ['meeting'], stems: ['meet'] }))).toBe(
    '[meetings] were met',
  );
  expect(written(markLine('e\u0301te\u0301 œuvre', { ...none, words: ['ete', 'oeuvre'] }))).toBe(
    '[e\u0301te\u0301] [œuvre]',
  );
});

it('marks a number however it is written', () => {
  expect(
    written(markLine('call 06 12 34 56 78 now', { ...none, numbers: ['612345678', '33612345678'] })),
  ).toBe('call [06 12 34 56 78] now');
});

it('shows the place where most of it stands together, and never markup as such', () => {
  const text = `budget ${'filler words here '.repeat(60)} the port budget <b>study</b> ends ${'more filler '.repeat(60)}`;
  const passage = passageOf(text, { ...none, words: ['budget', 'port', 'study'] });
  const line = written(passage);
  expect(line).toContain('[port] [budget] <b>[study]</b>');
  expect(line.startsWith('… ')).toBe(true);
  expect(line.endsWith(' …')).toBe(true);
  expect(line.length).toBeLessThan(320);
});

it('shows the beginning where nothing is marked, and nothing of nothing', () => {
  expect(written(passageOf('one two', none))).toBe('one two');
  expect(passageOf('  ', none)).toEqual([]);
  expect(passageOf('😀'.repeat(400), none).every(({ text }) => text.isWellFormed())).toBe(true);
});
