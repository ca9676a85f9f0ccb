import { expect, test } from 'vitest';
import { typeset } from './typeset.ts';

const strings = {
  again: 'Rappeler ?',
  deep: { of: '{{name}} : {{loss}} % ; « oui »', clock: 'à 13:41', plain: 'Un mot, puis un autre.' },
};

test('French marks stay with the word before them, and other languages are as they were written', () => {
  expect(typeset(strings, 'fr')).toEqual({
    again: 'Rappeler\u00a0?',
    deep: {
      of: '{{name}}\u00a0: {{loss}}\u00a0%\u00a0; «\u00a0oui\u00a0»',
      clock: 'à 13:41',
      plain: 'Un mot, puis un autre.',
    },
  });
  expect(typeset(strings, 'es')).toBe(strings);
});
