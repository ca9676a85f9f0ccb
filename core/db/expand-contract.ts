/**
 * The line by which a migration says that it takes away or tightens what was there (contract), and since which release
 * nothing uses that. `tools/check-migrations.ts` refuses a migration that does so without it.
 */
const contract = /^-- contract: \S.* since (\d+\.\d+\.\d+)$/m;

/** The oldest program that can work with a database after this migration; null when every one can that could before. */
export const neededVersion = (sql: string): string | null => contract.exec(sql)?.[1] ?? null;

/** Whether version `one` comes before `other`. What follows a hyphen or plus does not count: a candidate has what its release has. */
export function isOlder(one: string, other: string): boolean {
  const [a, b] = [one, other].map((version) => version.split(/[-+]/, 1).join().split('.').map(Number));
  for (let at = 0; at < 3; at++) {
    const difference = (a?.[at] || 0) - (b?.[at] || 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** Whether it can only be run outside a transaction; such a file holds this one statement. */
export const isConcurrent = (sql: string): boolean =>
  /^\s*(?:create (?:unique )?|drop )index concurrently\b/i.test(sql.replace(/^\s*--.*$/gm, ''));
