import { parseArgs } from 'node:util';
import { table, writeReport } from '../measure/report.ts';
import { soakUploads } from './soak-uploads.ts';

/** `npm run soak -- uploads`. Answers the exit status. */
export async function runUploads(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      uploads: { type: 'string', default: '200' },
      'largest-mb': { type: 'string', default: '200' },
      seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    },
  });
  const [uploads, largestMb, seed] = [values.uploads, values['largest-mb'], values.seed].map(Number) as [
    number,
    number,
    number,
  ];
  const isWithin = (value: number, most: number) => Number.isInteger(value) && value >= 1 && value <= most;
  if (!isWithin(uploads, 10_000) || !isWithin(largestMb, 10_000) || !Number.isInteger(seed)) {
    process.stderr.write(
      'npm run soak -- uploads [--uploads 1..10000] [--largest-mb 1..10000] [--seed NUMBER]\n',
    );
    return 2;
  }
  process.stdout.write(`uploads: seed ${seed}\n`);
  const outcome = await soakUploads({
    uploads,
    largestBytes: largestMb * 1_000_000,
    seed,
    share: { server: 10, page: 15 },
    say: (line) => void process.stdout.write(`  ${line}\n`),
  });
  process.stdout.write(
    `\n${table(outcome.rows)}\n\n${outcome.notes.map((note) => `- ${note}`).join('\n')}\n`,
  );
  process.stdout.write(`\n${await writeReport('soak-uploads', outcome)}\n`);
  const missed = outcome.rows.filter(({ met }) => met === false);
  for (const { metric } of missed) process.stderr.write(`FAILED: ${metric}\n`);
  return missed.length === 0 ? 0 : 1;
}
