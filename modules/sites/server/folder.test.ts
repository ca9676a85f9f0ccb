import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { planFolder, writeFolder } from './folder.ts';
import { lineChanges } from './line-changes.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'liaison-site-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const first = new Map([
  ['stack.yaml', 'services:\n  front:\n    replicas: 2\n'],
  ['configs/start', '#!/bin/bash\n'],
]);
const states = async (files: ReadonlyMap<string, string>) =>
  Object.fromEntries((await planFolder(folder, files)).map(({ path, state }) => [path, state]));

test('Written twice is written once', async () => {
  expect(await states(first)).toEqual({ 'configs/start': 'new', 'stack.yaml': 'new' });
  await writeFolder(folder, first);
  expect(await states(first)).toEqual({ 'configs/start': 'same', 'stack.yaml': 'same' });
  const before = await readdir(folder);
  await writeFolder(folder, first);
  expect(await readdir(folder)).toEqual(before);
  expect(before.filter((name) => name.endsWith('.partial'))).toEqual([]);
});

test('Another description changes what it wrote itself, and takes away what nothing needs', async () => {
  await writeFolder(folder, first);
  const next = new Map([['stack.yaml', 'services:\n  front:\n    replicas: 3\n']]);
  const plans = await planFolder(folder, next);
  expect(plans).toMatchObject([
    { path: 'configs/start', state: 'gone' },
    {
      path: 'stack.yaml',
      state: 'changed',
      changes: [
        { kind: 'removed', line: 3, text: '    replicas: 2' },
        { kind: 'added', line: 3, text: '    replicas: 3' },
      ],
    },
  ]);
  await writeFolder(folder, next);
  expect(await readdir(join(folder, 'configs'))).toEqual([]);
});

test('A change by hand that contradicts is told, another layout is none', async () => {
  await writeFolder(folder, first);
  await writeFile(join(folder, 'stack.yaml'), 'services: {front: {replicas: 2}} # mine\n');
  expect(await states(first)).toMatchObject({ 'stack.yaml': 'changed' });
  await writeFile(join(folder, 'stack.yaml'), 'services:\n  front:\n    replicas: 9\n');
  expect(await states(first)).toMatchObject({ 'stack.yaml': 'by-hand', 'configs/start': 'same' });
});

test('A file that was there before anything was written is a hand’s', async () => {
  await writeFile(join(folder, 'stack.yaml'), 'services: {}\n');
  expect(await states(first)).toMatchObject({ 'stack.yaml': 'by-hand' });
});

test('A write that was cut short is no change by hand', async () => {
  await writeFolder(folder, first);
  const next = new Map([...first, ['stack.yaml', 'services: {}\n']]);
  // The file is the next one, the notes are still those of the first.
  await writeFile(join(folder, 'stack.yaml'), 'services: {}\n');
  expect(await states(next)).toEqual({ 'configs/start': 'same', 'stack.yaml': 'same' });
});

test('Damaged notes, and notes that lead elsewhere, do no harm', async () => {
  await writeFolder(folder, first);
  const outside = join(folder, '..', 'liaison-outside.txt');
  await writeFile(outside, 'mine');
  try {
    await writeFile(
      join(folder, '.rendered.json'),
      JSON.stringify({ files: { '../liaison-outside.txt': 'x' } }),
    );
    await writeFolder(folder, first);
    expect(await readFile(outside, 'utf8')).toBe('mine');
    await writeFile(join(folder, '.rendered.json'), '{');
    expect(await states(first)).toEqual({ 'configs/start': 'same', 'stack.yaml': 'same' });
  } finally {
    await rm(outside, { force: true });
  }
});

test('Line changes turn one text into the other', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 })
    .map((lines) => lines.join('\n'));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const changes = lineChanges(before, after);
      const removed = new Set(changes.filter(({ kind }) => kind === 'removed').map(({ line }) => line));
      const lines = before.split('\n').filter((_, at) => !removed.has(at + 1));
      for (const { kind, line, text: added } of changes)
        if (kind === 'added') lines.splice(line - 1, 0, added);
      expect(lines.join('\n')).toBe(after);
      if (before === after) expect(changes).toEqual([]);
    }),
  );
});
