import fc from 'fast-check';
import { expect, it } from 'vitest';
import { digitsOf, foldText, numberWords, wordsOf } from '../contract/fold-text.ts';
import { requireStrongPassword } from './auth/password-strength.ts';

it('takes accents and case away', () => {
  expect(wordsOf('Hoa Trần-Leclerc')).toEqual(['hoa', 'tran', 'leclerc']);
  expect(foldText('Solvang-Mørk')).toBe('solvang-mork');
  expect(wordsOf('Łódź, Straße & Æther')).toEqual(['lodz', 'strasse', 'aether']);
  expect(wordsOf('Гагарин 加藤')).toEqual(['гагарин', '加藤']);
});

it('is bounded and stable for any text', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 3000, unit: 'grapheme' }), (text) => {
      const words = wordsOf(text);
      expect(words.length).toBeLessThanOrEqual(20);
      for (const word of words) expect(word.length).toBeLessThanOrEqual(80);
      expect(foldText(foldText(text))).toBe(foldText(text));
    }),
  );
});

it('finds a number from its country or from home', () => {
  const words = numberWords('+351210000000');
  for (const typed of ['+351 210 000', '00351210', '351210000000', '210 000 000', '0210-000']) {
    expect([typed, words.some((word) => word.startsWith(digitsOf(typed)!))]).toEqual([typed, true]);
  }
  expect(digitsOf('ines')).toBeNull();
  expect(digitsOf('1; select')).toBeNull();
});

it('refuses passwords that are guessed first, and takes phrases', () => {
  const about = ['Inês Carvalhal', 'ines.carvalhal@estuaria.example', 'Estuaria'];
  for (const weak of [
    'password123',
    'P4ssw0rd!!!',
    'Motdepasse1!',
    'qwertyuiop1',
    '1234567890',
    'abcdefghijkl',
    'aaaaaaaaaaaa',
    'abababababab',
    'ines.carvalhal',
    'Carvalhal2026',
    'estuaria.12',
    'passwordpassword',
    'short',
  ]) {
    expect(() => requireStrongPassword(weak, about), weak).toThrow('easy to guess');
  }
  for (const good of [
    'moulin rouge 12 tempête',
    'correct-horse-battery',
    'maré cheia às 7h',
    'xK9$vv2!mQpz',
  ]) {
    expect(() => requireStrongPassword(good, about), good).not.toThrow();
  }
});
