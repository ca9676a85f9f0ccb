import { mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { makeScratchFolder, sweepScratch } from './index.ts';

let folder: string;
beforeEach(async () => {
  folder = await makeScratchFolder('test');
  vi.stubEnv('TMPDIR', folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

test('What a killed process left goes after a day; what is in the making, and what is not ours, stays', async () => {
  const left = await makeScratchFolder('preview');
  await writeFile(join(left, 'original'), 'a picture');
  const young = await makeScratchFolder('preview');
  const others = join(tmpdir(), 'somebody-else');
  await mkdir(others);
  const yesterday = (Date.now() - 25 * 3_600_000) / 1000;
  for (const each of [left, others]) await utimes(each, yesterday, yesterday);
  expect(await sweepScratch()).toBe(1);
  expect((await readdir(folder)).toSorted()).toEqual([basename(young), 'somebody-else'].toSorted());
});
