import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
const root = css.slice(css.indexOf(':root {') >= 0 ? css.indexOf(':root {') : css.indexOf(':root{'));
const tokens = new Map<string, string>();
for (const [, name, value] of root.matchAll(/(--[\w-]+)\s*:\s*([^;]+);/g)) {
  // The first definition: later ones are for narrow screens and people who ask for more contrast.
  if (name && value && !tokens.has(name)) tokens.set(name, value.trim());
}

type Theme = 'light' | 'dark';

/** The colour of a token in one theme, as three numbers from 0 to 255. */
function colour(name: string, theme: Theme): [number, number, number] {
  let value = tokens.get(name);
  for (let depth = 0; value && depth < 8; depth += 1) {
    const themed = value.match(/^light-dark\(\s*(.+?)\s*,\s*((?:var\([^)]*\)|#\w+))\s*\)$/s);
    if (themed) value = theme === 'light' ? themed[1] : themed[2];
    const link = value?.match(/^var\((--[\w-]+)\)$/);
    if (link?.[1]) value = tokens.get(link[1]);
    const hex = value?.match(/^#([0-9a-f]{6})$/i)?.[1];
    if (hex) {
      const number = Number.parseInt(hex, 16);
      return [number >> 16, (number >> 8) & 255, number & 255];
    }
  }
  throw new Error(`${name} is no plain colour in ${theme}: ${tokens.get(name)}`);
}

/** WCAG 2.2, relative luminance. */
function luminance(rgb: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = rgb.map((channel) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string, theme: Theme): number {
  const [high = 0, low = 0] = [luminance(colour(one, theme)), luminance(colour(other, theme))].sort(
    (a, b) => b - a,
  );
  return (high + 0.05) / (low + 0.05);
}

const surfaces = ['chrome', 'list', 'page', 'raised', 'sunken', 'hover', 'selected'].map(
  (name) => `--surface-${name}`,
);
const reachable = ['free', 'call', 'meeting', 'ringing', 'dnd', 'away', 'offline'];
const texts = [
  '--text',
  '--text-2',
  '--text-3',
  '--accent-text',
  '--danger-text',
  ...reachable.map((state) => `--reach-${state}-text`),
];

/** Texts that stand on one ground only. */
const pairs: [string, string][] = [
  ['--text-on-accent', '--accent'],
  ['--text-on-accent', '--accent-hover'],
  ['--accent-soft-text', '--accent-soft'],
  ['--accent-soft-text', '--surface-selected'],
  ['--on-verb', '--answer'],
  ['--on-verb', '--answer-hover'],
  ['--on-verb', '--hangup'],
  ['--on-verb', '--hangup-hover'],
  ['--danger-text', '--danger-soft'],
  ['--text', '--danger-soft'],
  ['--text-2', '--danger-soft'],
  ['--warn-text', '--warn-soft'],
  ['--text', '--warn-soft'],
  ['--mark-text', '--mark'],
  ['--text', '--chip-bg'],
  ['--text', '--segment-bg'],
  ['--text-2', '--tag-bg'],
  ['--text-2', '--count-quiet-bg'],
  ['--text-2', '--key-bg'],
  ['--text', '--note-bg'],
  ['--text-2', '--note-bg'],
  ['--line-text', '--line-bg'],
  ['--line-text', '--line-bg-2'],
  ['--line-text-2', '--line-bg'],
  ['--line-on-text', '--line-on-bg'],
  ['--line-live', '--line-bg'],
  ['--line-ring', '--line-bg'],
  ['--line-meet', '--line-bg'],
  ['--line-held', '--line-bg'],
  ['--qr-dark', '--qr-light'],
  ...[1, 2, 3, 4, 5].map((tone): [string, string] => ['--tone-text', `--tone-${tone}`]),
  ...['free', 'call', 'meeting', 'ringing', 'dnd'].map((state): [string, string] => [
    `--reach-${state}-text`,
    `--reach-${state}-soft`,
  ]),
];

describe.each(['light', 'dark'] as const)('in %s', (theme) => {
  test('every text is readable on every surface (WCAG 1.4.3)', () => {
    const weak = [
      ...texts.flatMap((text) => surfaces.map((surface): [string, string] => [text, surface])),
      ...pairs,
    ]
      .map(([text, ground]) => ({ pair: `${text} on ${ground}`, ratio: contrast(text, ground, theme) }))
      .filter(({ ratio }) => ratio < 4.5)
      .map(({ pair, ratio }) => `${pair}: ${ratio.toFixed(2)}`);
    expect(weak).toEqual([]);
  });

  test('shapes and edges of controls can be seen (WCAG 1.4.11)', () => {
    const marks = [...reachable.map((state) => `--reach-${state}`), '--border-field', '--focus', '--accent'];
    const weak = marks
      .flatMap((mark) =>
        ['--surface-page', '--surface-list', '--surface-raised'].map((surface) => [mark, surface] as const),
      )
      .filter(([mark, surface]) => contrast(mark, surface, theme) < 3)
      .concat(
        contrast('--line-meet', '--line-bg-2', theme) < 3 ? [['--line-meet', '--line-bg-2'] as const] : [],
      )
      .map(([mark, surface]) => `${mark} on ${surface}: ${contrast(mark, surface, theme).toFixed(2)}`);
    expect(weak).toEqual([]);
  });
});
