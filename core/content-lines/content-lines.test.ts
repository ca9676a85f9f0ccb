import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ContentLine,
  escapeText,
  formatLine,
  maxLineParameters,
  parseLine,
  splitEscaped,
  Unfolder,
  unescapeText,
} from './index.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const maxLineBytes = 1000;
function unfold(
  bytes: Buffer,
  size = bytes.length || 1,
  max = maxLineBytes,
): { line: number; text: string | null }[] {
  const unfolder = new Unfolder({ maxLineBytes: max });
  const lines = [];
  for (let at = 0; at < bytes.length; at += size) lines.push(...unfolder.push(bytes.subarray(at, at + size)));
  lines.push(...unfolder.end());
  return lines.map(({ line, bytes: each }) => ({ line, text: each === null ? null : each.toString() }));
}
const line = (value: string, more: Partial<ContentLine> = {}): ContentLine => ({
  group: null,
  name: 'NOTE',
  parameters: [],
  value,
  ...more,
});

describe('unfolding', () => {
  it('goes by bytes, whatever the pieces that the file comes in', () => {
    const cut = Buffer.from('SUMMARY:Maré cheia\r\n');
    const within = cut.indexOf(0xc3) + 1;
    const file = Buffer.concat([
      Buffer.from('\u{feff}BEGIN:A\r\n'),
      cut.subarray(0, within),
      Buffer.from('\r\n '),
      cut.subarray(within),
      Buffer.from('\nX:1\n\n\t2\r\n  3\r\n \r\nLAST:4'),
    ]);
    for (let size = 1; size <= file.length; size += 1) {
      expect(unfold(file, size)).toEqual([
        { line: 1, text: 'BEGIN:A' },
        { line: 2, text: 'SUMMARY:Maré cheia' },
        { line: 5, text: 'X:12 3' },
        { line: 10, text: 'LAST:4' },
      ]);
    }
    expect(unfold(Buffer.alloc(0))).toEqual([]);
    expect(unfold(Buffer.from(' first\r\n'))).toEqual([{ line: 1, text: ' first' }]);
  });

  it.each([1, 7, 1001, 1_000_000])('says which line is too long and goes on, in pieces of %d', (size) => {
    const whole = `A:${'x'.repeat(maxLineBytes - 2)}`;
    const file = [
      whole,
      `${whole}y`,
      'B:1',
      `A:${'\r\n x'.repeat(maxLineBytes - 2)}`,
      `A:${'\r\n x'.repeat(maxLineBytes - 1)}`,
      `C:\r\n ${'x'.repeat(5 * maxLineBytes)}\r\n y`,
      'D:2',
    ].join('\r\n');
    expect(unfold(Buffer.from(file), size).map(({ text }) => text)).toEqual([
      whole,
      null,
      'B:1',
      whole,
      null,
      null,
      'D:2',
    ]);
  });

  it('keeps nothing of a line without end, nor of folds without end, and knows what they take up', () => {
    collect();
    const before = process.memoryUsage().arrayBuffers;
    const unfolder = new Unfolder({ maxLineBytes });
    let octets = 1;
    for (let n = 0; n < 60; n += 1) {
      const chunk = n % 2 === 0 ? Buffer.alloc(1024 * 1024, 'x') : Buffer.alloc(2048, '\n ');
      octets += chunk.length;
      expect([...unfolder.push(chunk)]).toEqual([]);
    }
    collect();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10 * 1024 * 1024);
    expect([...unfolder.end()]).toEqual([{ line: 1, bytes: null, octets }]);
  });
});

describe('a line', () => {
  it('is taken apart', () => {
    expect(parseLine('item1.tel;HOME;type="a;b",c^\'^n^^^x;Pref=1:tel:+33;ext=1')).toEqual({
      group: 'item1',
      name: 'TEL',
      parameters: [
        { name: 'HOME', values: [] },
        { name: 'TYPE', values: ['a;b', 'c"\n^^x'] },
        { name: 'PREF', values: ['1'] },
      ],
      value: 'tel:+33;ext=1',
    });
  });

  it.each([
    ['nothing', ''],
    ['no value', 'SUMMARY'],
    ['no name', ':value'],
    ['a name of other letters', 'SÚMULA:x'],
    ['two groups', 'a.b.TEL:1'],
    ['a name without end', `${'A'.repeat(101)}:x`],
    ['a parameter without name', 'TEL;=x:1'],
    ['a quote that is not closed', 'TEL;A="b:1'],
    ['a quote within a value', 'TEL;A=b"c":1'],
    ['too many parameters', `TEL${';A=1'.repeat(maxLineParameters + 1)}:1`],
    ['too many values', `TEL;A=${','.repeat(1000)}:1`],
  ])('is none: %s', (_what, text) => {
    expect(parseLine(text)).toBeNull();
  });
  it('may be as long as that', () => {
    expect(parseLine(`${'A'.repeat(100)}:x`)?.name).toHaveLength(100);
    expect(parseLine(`TEL${';A=1'.repeat(maxLineParameters)}:1`)?.parameters).toHaveLength(maxLineParameters);
    expect(parseLine(`TEL;A=${','.repeat(999)}:1`)?.parameters[0]?.values).toHaveLength(1000);
  });

  it('is looked at in time that grows with its length alone', () => {
    const cpu = process.cpuUsage();
    for (const text of [
      'A;B=' + '^'.repeat(4_000_000),
      'A;B="' + 'x'.repeat(4_000_000),
      ';'.repeat(4_000_000),
    ])
      expect(parseLine(text)).toBeNull();
    expect(process.cpuUsage(cpu).user).toBeLessThan(2_000_000);
  });

  it('is folded at 75 octets between letters, and comes back', () => {
    const letters = fc
      .string({ unit: 'binary', maxLength: 300 })
      .map((text) => text.toWellFormed().replace(/[\p{Cc}\ufffd]/gu, ''));
    fc.assert(
      fc.property(letters, letters, fc.constantFrom(null, 'item1'), (value, parameter, group) => {
        const given = line(value, { group, parameters: [{ name: 'X-A', values: [parameter, 'b'] }] });
        const out = formatLine(given);
        for (const each of out.split('\r\n')) {
          expect(Buffer.byteLength(each)).toBeLessThanOrEqual(75);
          expect(each).not.toContain('\u{fffd}');
        }
        const [back, ...none] = unfold(Buffer.from(out), 10, 10_000);
        expect(none).toEqual([]);
        expect(parseLine(back?.text ?? '')).toEqual(given);
      }),
    );
  });

  it.each([
    ['a line of letters of two octets', 'é'.repeat(500)],
    ['of three', '潮'.repeat(300)],
    ['of four', '🌊'.repeat(250)],
  ])('is as full as it may be: %s', (_what, value) => {
    const lines = formatLine(line(value)).trimEnd().split('\r\n');
    const widest = Buffer.byteLength([...value][0] ?? '');
    for (const each of lines.slice(0, -1)) {
      expect(Buffer.byteLength(each)).toBeLessThanOrEqual(75);
      expect(Buffer.byteLength(each)).toBeGreaterThan(75 - widest);
    }
    expect(lines.join('').replaceAll(' ', '')).toBe(`NOTE:${value}`);
  });

  it('is one line, whatever is put into it', () => {
    const out = formatLine(
      line('a\r\nBEGIN:VCARD\nb\u{85}\0c\td', {
        parameters: [{ name: 'CN', values: ['x\r\nATTENDEE:y', 'p\rq', 's\u{7}t'] }],
      }),
    );
    expect(out.replaceAll('\r\n ', '')).toBe('NOTE;CN="x^nATTENDEE:y",p^nq,s t:a BEGIN:VCARD b c\td\r\n');
  });
});

it('escapes and splits', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: fc.constantFrom(...'a\\,;:n"\n') }), { minLength: 1 }),
      (parts) => {
        for (const sign of [',', ';'] as const) {
          expect(splitEscaped(parts.map(escapeText).join(sign), sign).map(unescapeText)).toEqual(parts);
        }
      },
    ),
  );
  expect(unescapeText('a\\Nb\\:\\"\\x\\')).toBe('a\nb:"\\x\\');
  expect(splitEscaped('a,b,c,d', ',', 2)).toEqual(['a', 'b', 'c,d']);
});
