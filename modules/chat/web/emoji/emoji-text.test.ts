import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMarkdown } from '../markdown/parse.ts';
import { matchingEmoji, shortcodeAt } from './emoji-text.ts';
import { shortcodes } from './shortcodes.ts';
import { withEmoji } from './with-emoji.ts';

test('a shortcode is a word of its own, and its emoji one', () => {
  for (const [code, emoji] of shortcodes) {
    expect(code).toMatch(/^[a-z0-9_+-]{1,30}$/);
    expect([...new Intl.Segmenter('en').segment(emoji)], code).toHaveLength(1);
    expect(emoji, code).toMatch(/\p{Extended_Pictographic}/u);
  }
  expect(shortcodes.size).toBeGreaterThan(200);
});

test('whole shortcodes become emoji, and nothing else', () => {
  expect(withEmoji(':+1: and (:heart:), :tada::tada:')).toBe('👍 and (❤️), 🎉:tada:');
  for (const text of [
    'at 10:30:45',
    ':nothing_like_it:',
    ':heart',
    'a:heart:',
    'https://estuaria.example/:x:',
    '\\:heart:',
    ':HEART:',
  ])
    expect(withEmoji(text)).toBe(text);
});

test('code is left as it is', () => {
  for (const text of [
    '`:heart:`',
    '``a ` :heart:``',
    'a `b\n:heart:` c',
    '```\n:heart:\n```',
    '> ~~~\n> :heart:\n> ~~~',
    '- ```\n  :heart:',
    '```\n:heart:',
    '    :heart:',
    'a\n\n\t:heart:',
  ])
    expect(withEmoji(text)).toBe(text);
  expect(withEmoji('a ` b :heart:')).toBe('a ` b ❤️');
});

test('what a reader sees as code never has an emoji that was not written', () => {
  const parts = fc.constantFrom(
    ':heart:',
    '`',
    '``',
    '```',
    '~~~',
    '\n',
    '\n\n',
    '    ',
    '> ',
    '- ',
    'a',
    ' ',
    '\t',
  );
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 24 }), (words) => {
      const codes = parseMarkdown(withEmoji(words.join(''))).flatMap((token) => [
        token,
        ...(token.children ?? []),
      ]);
      for (const { type, content } of codes)
        if (type === 'fence' || type === 'code_block' || type === 'code_inline')
          expect(content).not.toContain('❤');
    }),
    { numRuns: 2_000 },
  );
});

test('is offered from the second letter on, outside of code and times', () => {
  expect(shortcodeAt('so :he', 6)).toEqual({ start: 3, query: 'he' });
  expect(shortcodeAt('so :heart:', 10)).toEqual({ start: 3, query: 'heart:' });
  expect(shortcodeAt(':+1', 3)).toEqual({ start: 0, query: '+1' });
  for (const text of [':h', 'at 10:30', '`a :he', '```\n:he', 'sip:he', ': he'])
    expect(shortcodeAt(text, text.length), text).toBeNull();
  expect(shortcodeAt('`a` :he', 7)).not.toBeNull();
});

test('the likeliest stand first', () => {
  expect(matchingEmoji('he').map(({ code }) => code)[0]).toBe('heart');
  expect(matchingEmoji('HEART').map(({ code }) => code)).toContain('blue_heart');
  expect(matchingEmoji('zzzz')).toEqual([]);
  expect(matchingEmoji('s')).toHaveLength(8);
});
