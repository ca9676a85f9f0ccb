// Preloaded into a measured server (`--import`): counts what it asks of PostgreSQL and answers SIGUSR2 with a file.
import { writeFileSync } from 'node:fs';
import pg from 'pg';

const file = process.env.BENCH_STATEMENTS_FILE;
if (file !== undefined && process.send === undefined) {
  const counts = new Map<string, number>();
  const prototype = pg.Client.prototype as unknown as { query(...all: unknown[]): unknown };
  const { query } = prototype;
  prototype.query = function counted(this: unknown, ...all: unknown[]) {
    const [asked] = all as [string | { text?: string }];
    const text = (typeof asked === 'string' ? asked : asked.text) ?? '';
    // What names a request or an organisation is the same statement for all of them.
    const shape = text
      .replace(/'[^']*'/g, '?')
      .replace(/\s+/g, ' ')
      .trim();
    counts.set(shape, (counts.get(shape) ?? 0) + 1);
    return query.apply(this, all);
  };
  process.on('SIGUSR2', () => writeFileSync(file, JSON.stringify([...counts])));
}
