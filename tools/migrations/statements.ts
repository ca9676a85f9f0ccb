/** One statement of a migration. */
export interface Statement {
  /** In small letters, with single spaces; what is quoted (texts, bodies of functions) is left out, comments too. */
  readonly text: string;
  /** Where it begins; the first line is 1. */
  readonly line: number;
}

const QUOTED = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|(\$\w*\$)[\s\S]*?\1/g;

/** The statements of one file, in order. */
export function statementsOf(sql: string): Statement[] {
  // Blanked rather than cut, so that lines stay where they are.
  const bare = sql.replace(QUOTED, (found) => {
    const blank = found.replace(/[^\n]/g, ' ');
    return /^['$]/.test(found) ? `''${blank.slice(2)}` : blank;
  });
  const statements: Statement[] = [];
  let from = 0;
  for (const part of bare.split(';')) {
    const lead = part.length - part.trimStart().length;
    const text = part.trim().replace(/\s+/g, ' ').toLowerCase();
    if (text !== '') statements.push({ text, line: sql.slice(0, from + lead).split('\n').length });
    from += part.length + 1;
  }
  return statements;
}

/** The actions of an `alter table`, split at the commas that are not inside parentheses. */
export function actionsOf(text: string): { table: string; actions: string[] } | undefined {
  const match = /^alter table (?:if exists )?(?:only )?([\w."]+) (.*)$/.exec(text);
  if (!match?.[1] || match[2] === undefined) return undefined;
  const actions: string[] = [];
  let depth = 0;
  let action = '';
  for (const letter of match[2]) {
    if (letter === '(') depth += 1;
    if (letter === ')') depth -= 1;
    if (letter === ',' && depth === 0) {
      actions.push(action.trim());
      action = '';
    } else action += letter;
  }
  actions.push(action.trim());
  return { table: match[1], actions };
}
