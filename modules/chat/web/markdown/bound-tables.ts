import type { MarkdownIt } from 'markdown-it';

const maxColumns = 20;
/** Of all tables of a message: missing cells are filled up, so that few letters could ask for very many. */
const maxCells = 2_000;

/**
 * Keeps tables to a size that can be read and drawn. A wider one stays text; of a longer one the rows that are too many
 * stay text below it, so nothing that was written is lost.
 */
export function boundTables(markdown: MarkdownIt): void {
  const { ruler } = markdown.block;
  const all = ruler.getRules('');
  markdown.disable('table');
  const others = ruler.getRules('');
  const table = all.find((rule) => !others.includes(rule));
  if (!table) throw new Error('this parser has no tables');
  ruler.at(
    'table',
    (state, startLine, endLine, silent) => {
      const header = state.src
        .slice(state.bMarks[startLine]! + state.tShift[startLine]!, state.eMarks[startLine])
        .trim();
      // Escaped signs are counted too: at worst a table is taken for wider than it is.
      const columns = header.replace(/^\||\|$/g, '').split('|').length;
      const env = state.env as { cells?: number };
      const used = env.cells ?? 0;
      const rows = Math.floor((maxCells - used) / columns);
      if (columns > maxColumns || rows < 1) return false;
      // The line of dashes below the header is none of the rows.
      const found = table(state, startLine, Math.min(endLine, startLine + rows + 1), silent);
      if (found && !silent) env.cells = used + (state.line - startLine - 1) * columns;
      return found;
    },
    { alt: ['paragraph', 'reference'] },
  );
  markdown.enable('table');
}
