import { expect, test } from 'vitest';
import { decodeText } from './decode-text.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);

test('a text is read in what it was written in, and what is no text is refused', () => {
  expect(decodeText(new TextEncoder().encode('marée haute'), true)).toEqual({
    text: 'marée haute',
    encoding: 'utf-8',
  });
  expect(decodeText(bytes(0x6d, 0x61, 0x72, 0xe9, 0x65), true)).toEqual({
    text: 'marée',
    encoding: 'windows-1252',
  });
  expect(decodeText(bytes(0xff, 0xfe, 0xe9, 0), true)).toEqual({ text: 'é', encoding: 'utf-16le' });
  expect(decodeText(bytes(0xfe, 0xff, 0, 0xe9), true)).toEqual({ text: 'é', encoding: 'utf-16be' });
  expect(decodeText(bytes(0xef, 0xbb, 0xbf, 0x61), true)).toEqual({ text: 'a', encoding: 'utf-8' });
  expect(decodeText(bytes(0x89, 0x50, 0x4e, 0x47, 0, 1), true)).toBeNull();
  expect(decodeText(bytes(), true)).toEqual({ text: '', encoding: 'utf-8' });
});

test('a letter that the cut went through does not make another encoding of it', () => {
  const cut = new TextEncoder().encode('marée').subarray(0, 4);
  expect(decodeText(cut, false)).toEqual({ text: 'mar', encoding: 'utf-8' });
  expect(decodeText(cut, true)?.encoding).toBe('windows-1252');
});
