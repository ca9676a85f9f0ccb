import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { migrate } from '@liaison/core/db';
import { rolePassword } from '@liaison/core/floor';
import { openSecrets } from '@liaison/core/secrets';
import { migrations } from '@liaison/server/compose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cluster, startCluster } from '../testing/cluster.ts';
import { type Program, startProgram } from '../testing/program.ts';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
}, 240_000);
afterAll(() => cluster?.close());

async function refusal(program: Program): Promise<string> {
  expect((await program.ended).code).toBe(1);
  expect(program.err()).toMatch(/^liaison: [^\n]+ · [^\n]+\n$/);
  return program.err();
}
const foreignKey = /set up with another master key · LIAISON_DATA · put the key file/;

test('processes that start together on an empty database all start, and each prints a link that works', async () => {
  const nodes = await Promise.all(['one', 'two', 'three'].map((name) => cluster.start(name)));
  for (const { program, url } of nodes) {
    const token = /\/setup#([\w-]+)/.exec(program.out())?.[1];
    const answer = await fetch(`${url}/api/v1/setup/check`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: url },
      body: JSON.stringify({ token }),
    });
    expect(answer.status).toBe(200);
  }
  await Promise.all(nodes.map((node) => node.stop()));
}, 240_000);

test('a machine with another master key is refused and changes nothing; a rotated key is handed on, and what a newer program added disturbs nobody', async () => {
  const a = await cluster.start('a');
  // A second machine that was given the address of the database and no copy of the key.
  const stranger = startProgram(cluster.dataFolder('stranger'), cluster.environment);
  expect(await refusal(stranger)).toMatch(foreignKey);
  // New connections of the first one are still let in.
  const readiness = await fetch(`${a.url}/readyz`);
  expect(await readiness.json()).toEqual({ status: 'ready', missing: {} });
  await a.stop();

  const cli = fileURLToPath(new URL('../../apps/cli/main.ts', import.meta.url));
  const env = { PATH: process.env.PATH, LIAISON_DATA: cluster.dataFolder('a'), ...cluster.environment };
  await promisify(execFile)(process.execPath, [cli, 'rotate-key'], { env });
  const rotated = await cluster.start('a');
  const behind = cluster.start('b');
  await expect(behind).rejects.toThrow(foreignKey);
  cpSync(join(cluster.dataFolder('a'), 'keys'), join(cluster.dataFolder('b'), 'keys'), { recursive: true });
  // Meanwhile a newer program has been at the database, and added something: an update was taken back, or is under way.
  const newer = join(cluster.root, 'newer');
  mkdirSync(newer);
  writeFileSync(join(newer, '9999-later.sql'), 'create table core.later (id uuid primary key);');
  await migrate({
    url: cluster.databaseUrl,
    password: rolePassword(await openSecrets({ dataFolder: cluster.dataFolder('a') })),
    sources: [...migrations, { schema: 'core', folder: pathToFileURL(`${newer}/`) }],
  });
  const b = await cluster.start('b');
  await b.stop();
  await rotated.stop();
}, 240_000);
