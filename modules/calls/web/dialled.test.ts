import { expect, test } from 'vitest';
import { dialledText } from './dialled.ts';

test.each([
  ['4111', '4111'],
  [' +33 6 39 98 12 47 ', '+33639981247'],
  ['(021) 555-0100', '0215550100'],
  ['tel:+44 7700 900160', '+447700900160'],
  ['sip:Njeri.Wambuto@Estuaria.example', 'njeri.wambuto@estuaria.example'],
  [' *43', '*43'],
  ['*', null],
  ['4', null],
  ['41t', null],
  ['njeri', null],
  ['a@b', null],
  ['+', null],
  ['123456789012345678', null],
])('%j dials %j', (typed, dialled) => {
  expect(dialledText(typed)).toBe(dialled);
});
