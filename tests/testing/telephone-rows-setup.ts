import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

/** A folder for the rows that this run shows of other people's clients. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'liaison-telephone-rows-'));
  project.provide('telephoneRows', folder);
  return () => rm(folder, { recursive: true, force: true });
}
