import { actionsOf, type Statement, statementsOf } from './migrations/statements.ts';
import { type Finding, reportFindings, sortFindings } from './source/finding.ts';
import { readTree, type SourceTree } from './source/tree.ts';

/** A file of migrations, as `core/db/migrate.ts` finds them. */
const MIGRATION = /^(?:core\/db|modules\/[^/]+\/server)\/migrations\/\d{4}-[^/]+\.sql$/;

/** Kept in step with `core/db/expand-contract.ts`, which reads the same line when a migration is applied. */
const CONTRACT = /^-- contract: \S.* since (\d+\.\d+\.\d+)$/m;

/** `-- small: people.organisation, one row per organisation` lets an index on it lock the table. */
const SMALL = /^-- small: ([a-z_]+\.[a-z_]+), \S.+$/gm;

/** Landed before the first release: there is no program that came before them. */
const BEFORE_FIRST_RELEASE = new Set([
  'modules/calls/server/migrations/0002-flow-owner.sql',
  'modules/calls/server/migrations/0006-transfers.sql',
  'modules/chat/server/migrations/0002-removed-by.sql',
  'modules/people/server/migrations/0002-import-progress.sql',
  'modules/people/server/migrations/0003-search.sql',
]);

/**
 * Rule: while an update rolls out, the program before it and the program after it work on one database, under load. So a
 * migration adds (expand); what takes away or tightens (contract) says since which release nothing uses it.
 */
export function checkMigrations(tree: SourceTree): Finding[] {
  const version = tree.has('package.json')
    ? ((JSON.parse(tree.text('package.json')) as { version?: string }).version ?? '0.0.0')
    : '0.0.0';
  return sortFindings(
    tree.paths
      .filter((path) => MIGRATION.test(path) && !BEFORE_FIRST_RELEASE.has(path))
      .flatMap((path) => checkFile(path, tree.text(path), version)),
  );
}

function checkFile(path: string, sql: string, version: string): Finding[] {
  const statements = statementsOf(sql);
  const since = CONTRACT.exec(sql)?.[1];
  const created = new Set(
    statements.flatMap(({ text }) => /^create table (?:if not exists )?([\w.]+)/.exec(text)?.[1] ?? []),
  );
  const small = new Set([...sql.matchAll(SMALL)].map(([, table]) => table ?? ''));
  const findings: Finding[] = [];
  const found = ({ line }: Pick<Statement, 'line'>, what: string, why: string, mend: string): void =>
    void findings.push({ file: path, line, what, why, mend });

  if (since !== undefined && isNewer(since, version)) {
    found(
      { line: 0 },
      `says since ${since}, which is not released (this is ${version})`,
      'programs that still use it run beside the new one',
      'wait for the release that no longer uses it',
    );
  }
  for (const statement of statements) {
    const contracts = contractionOf(statement.text, created);
    if (contracts !== undefined && since === undefined) {
      found(
        statement,
        contracts,
        'the program before this one still runs while an update rolls out, and it uses what was there',
        'expand now, and contract in a later release that says "-- contract: nothing uses it since X.Y.Z"',
      );
    }
    const locks = lockOf(statement.text, created, small);
    if (locks !== undefined) found(statement, locks.what, locks.why, locks.mend);
    if (/ index concurrently /.test(statement.text) && statements.length > 1) {
      found(
        statement,
        'makes an index concurrently beside other statements',
        'that cannot be done inside a transaction, and the others must be',
        'give it a file of its own',
      );
    }
  }
  return findings;
}

/** What the statement takes away from a program that knows the schema before it. */
function contractionOf(text: string, created: ReadonlySet<string>): string | undefined {
  const dropped = /^drop (table|schema|view|materialized view|type|domain|sequence|function|procedure) /.exec(
    text,
  )?.[1];
  if (dropped !== undefined) return `drops a ${dropped}`;
  if (/^truncate /.test(text)) return 'empties a table';
  if (/^alter (?:schema|view|type|domain|sequence|function|index) .* rename /.test(text)) return 'renames';
  const altered = actionsOf(text);
  if (!altered || created.has(altered.table)) return undefined;
  for (const action of altered.actions) {
    if (/^drop (?:column )?(?!constraint|not null|default|identity|expression)/.test(action))
      return 'drops a column';
    if (/^rename /.test(action)) return 'renames';
    if (/^set schema /.test(action)) return 'moves a table';
    if (/^alter (?:column )?\S+ (?:set data )?type /.test(action)) return 'changes the type of a column';
    if (/^alter (?:column )?\S+ set not null/.test(action)) return 'forbids null in a column';
    if (/^alter (?:column )?\S+ drop default/.test(action)) return 'takes the default of a column away';
    if (/^add (?!constraint|check|unique|primary|foreign|exclude)/.test(action)) {
      const isRequired = / not null\b/.test(action) || / primary key\b/.test(action);
      if (isRequired && !/ default /.test(action) && !/ generated /.test(action)) {
        return 'adds a column that must be filled and has no default';
      }
    }
  }
  return undefined;
}

/** What would hold up everybody who uses a table that has many rows. */
function lockOf(
  text: string,
  created: ReadonlySet<string>,
  small: ReadonlySet<string>,
): Pick<Finding, 'what' | 'why' | 'mend'> | undefined {
  const isFree = (table: string): boolean => created.has(table) || small.has(table);
  const index =
    /^create (?:unique )?index (concurrently )?(?:if not exists )?(?:[\w."]+ )?on (?:only )?([\w.]+)/.exec(
      text,
    );
  if (index?.[2] !== undefined && index[1] === undefined && !isFree(index[2])) {
    return {
      what: `makes an index on ${index[2]} while nobody may write there`,
      why: 'on a large table that takes minutes, and every action waits',
      mend: `create index concurrently if not exists, in a file of its own (or "-- small: ${index[2]}, why")`,
    };
  }
  const altered = actionsOf(text);
  if (!altered || isFree(altered.table)) return undefined;
  for (const action of altered.actions) {
    if (
      /^add (?:constraint|check|foreign|unique|primary|exclude)/.test(action) &&
      !/ not valid$/.test(action)
    ) {
      return {
        what: `adds a constraint to ${altered.table} that reads all of its rows`,
        why: 'everybody waits meanwhile, and what the program before this one writes may break it',
        mend: 'add it not valid, and validate it in the next file',
      };
    }
    if (
      /^add /.test(action) &&
      (/ default .*\b(?:gen_random_uuid|uuidv7|random|clock_timestamp|nextval)\b/.test(action) ||
        / generated always as .* stored/.test(action) ||
        /^add (?:column )?(?:if not exists )?\S+ (?:small|big)?serial\b/.test(action))
    ) {
      return {
        what: `adds a column to ${altered.table} that is computed for each row`,
        why: 'the whole table is written anew while everybody waits',
        mend: 'add it with a constant default, and fill it in steps',
      };
    }
  }
  return undefined;
}

/** Whether version `one` comes after version `other`; what follows a hyphen does not count. */
function isNewer(one: string, other: string): boolean {
  const [a, b] = [one, other].map((version) => version.split('-', 1)[0]?.split('.').map(Number) ?? []);
  for (let at = 0; at < 3; at++) {
    const difference = (a?.[at] ?? 0) - (b?.[at] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

if (import.meta.main) reportFindings('migrations', checkMigrations(readTree(process.cwd())));
