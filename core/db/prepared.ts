/**
 * Names for the statements this process repeats, so that PostgreSQL parses and plans each of them once per connection
 * instead of every time. A plan kept by a connection costs it memory, so only what is really repeated gets a name, and
 * no more than `max` do.
 */
export interface StatementNames {
  /** The name under which to prepare this statement; undefined for one that is sent as it is. */
  nameOf(sql: string): string | undefined;
  /** Gives everything new names: after a migration a connection may hold plans that fit the table no more. */
  renew(): void;
}

export function createStatementNames(prefix = 'l', { after = 8, max = 150 } = {}): StatementNames {
  // Lists of changing length give a statement ever new texts; what is only counted is forgotten from time to time.
  const maxCounted = 2000;
  const counts = new Map<string, number>();
  let names = new Map<string, string>();
  let generation = 0;
  return {
    nameOf(sql) {
      const name = names.get(sql);
      if (name !== undefined || names.size >= max) return name;
      const count = (counts.get(sql) ?? 0) + 1;
      if (count < after) {
        if (counts.size >= maxCounted) counts.clear();
        counts.set(sql, count);
        return undefined;
      }
      counts.delete(sql);
      const given = `${prefix}${generation}_${names.size}`;
      names.set(sql, given);
      return given;
    },
    renew() {
      generation += 1;
      names = new Map();
      counts.clear();
    },
  };
}

/** Whether a text without parameters is one statement that a plan is made for; several at once can have no name. */
export const isStatement = (sql: string): boolean => /^\s*(?:select|with)\b/i.test(sql) && !sql.includes(';');

/** How PostgreSQL says that a kept plan answers with other columns than before (`select *` after a migration). */
export const isStalePlan = (error: unknown): boolean =>
  (error as { code?: unknown }).code === '0A000' &&
  (error as { routine?: unknown }).routine === 'RevalidateCachedQuery';
