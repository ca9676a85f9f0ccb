/**
 * A process that runs the job `test.hang` until it is killed, for `jobs.test.ts`; it looks for dead runners at its start
 * alone. Reads `{ url, passwords }` from its first argument and prints a line when the job has begun.
 */
import { z } from 'zod';
import { createDb } from '../../db/index.ts';
import { createJobs, defineJob } from '../index.ts';

const { url, passwords } = JSON.parse(process.argv[2]!) as { url: string; passwords: Record<string, string> };
const log = {
  debug() {},
  info() {},
  warn: (_fields: unknown, message: string) => console.error(message),
  error: (_fields: unknown, message: string) => console.error(message),
};
const jobs = createJobs({
  db: createDb({ url, password: (role) => passwords[role]! }),
  log,
  pollMs: 600_000,
});
jobs.handle(defineJob({ name: 'test.hang', payload: z.object({ n: z.number() }) }), async () => {
  console.log('begun');
  await new Promise(() => {});
});
await jobs.start();
