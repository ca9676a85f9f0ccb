import { isCode, type SourceTree } from '../source/tree.ts';

/** A place in the code that names an RFC. */
export interface Citation {
  rfc: number;
  /** `17.1.1.2`, `A.3`; undefined when the whole document is meant. */
  section: string | undefined;
  file: string;
  line: number;
}

/** A known gap (`TODO(RFC …): …`) or departure (`Departs from RFC …: …`). */
export interface Note extends Citation {
  kind: 'gap' | 'departure';
  text: string;
}

export interface Listed {
  rfc: number;
  title: string;
  /** The list and its line. */
  file: string;
  line: number;
}

export interface Protocols {
  citations: Citation[];
  notes: Note[];
  listed: Listed[];
  /** Lines of a list that are not `NUMBER title`. */
  unreadable: { file: string; line: number; text: string }[];
}

const SECTION = String.raw`(?:[A-Z]\.)?\d+(?:\.\d+)*|[A-Z]\b`;
const CITATION = new RegExp(String.raw`\bRFC (\d{3,5})((?:(?: |, | and )§(?:${SECTION}))*)`, 'g');
const NOTE = new RegExp(
  String.raw`(?:(TODO)\(RFC (\d{3,5})(?: §(${SECTION}))?\)|Departs from RFC (\d{3,5})(?: §(${SECTION}))?):\s*([^]*?)(?=\.(?:\s|$)|\n\s*\n|\bTODO\(|\bDeparts from RFC|$)`,
  'g',
);

/** Everything that the program's code says of RFCs, with the lists of what it implements (`rfcs.txt`). */
export function readProtocols(tree: SourceTree): Protocols {
  const protocols: Protocols = { citations: [], notes: [], listed: [], unreadable: [] };
  for (const path of tree.paths) {
    const workspace = tree.workspaceOf(path);
    if (!workspace || workspace.layer === 'tools') continue;
    if (path === `${workspace.folder}/rfcs.txt`) readList(path, tree.text(path), protocols);
    else if (isCode(path)) readCode(tree, path, protocols);
  }
  return protocols;
}

function readList(file: string, text: string, protocols: Protocols): void {
  for (const [index, raw] of text.split('\n').entries()) {
    const content = raw.replace(/(?:^|\s)#.*$/, '').trim();
    if (content === '') continue;
    const match = /^(?:RFC )?(\d{3,5})[\s:·|—–-]+(\S.*)$/.exec(content);
    if (match) {
      protocols.listed.push({ rfc: Number(match[1]), title: match[2] ?? '', file, line: index + 1 });
    } else protocols.unreadable.push({ file, line: index + 1, text: content });
  }
}

function readCode(tree: SourceTree, file: string, protocols: Protocols): void {
  const text = tree.text(file);
  if (!text.includes('RFC ')) return;
  for (const [index, line] of text.split('\n').entries()) {
    for (const match of line.matchAll(CITATION)) {
      const sections = [...(match[2] ?? '').matchAll(new RegExp(`§(${SECTION})`, 'g'))].map(
        (found) => found[1],
      );
      for (const section of sections.length > 0 ? sections : [undefined]) {
        protocols.citations.push({ rfc: Number(match[1]), section, file, line: index + 1 });
      }
    }
  }
  for (const { text: comment, line } of commentBlocks(tree, file)) {
    for (const match of comment.matchAll(NOTE)) {
      const [, todo, todoRfc, todoSection, departRfc, departSection, body = ''] = match;
      protocols.notes.push({
        kind: todo ? 'gap' : 'departure',
        rfc: Number(todoRfc ?? departRfc),
        section: todoSection ?? departSection,
        text: body.replace(/\s+/g, ' ').trim(),
        file,
        line: line + comment.slice(0, match.index).split('\n').length - 1,
      });
    }
  }
}

/** Comments as read: line comments under one another are one text, and the stars of a block are gone. */
function commentBlocks(tree: SourceTree, file: string): { text: string; line: number }[] {
  const { comments, lineAt } = tree.syntax(file);
  const blocks: { text: string; line: number; lastLine: number; type: string }[] = [];
  for (const { type, value, start, end } of comments) {
    const line = lineAt(start);
    const text = value.replace(/^[ \t]*\*+ ?/gm, '').replace(/^ /, '');
    const before = blocks.at(-1);
    if (before && type === 'Line' && before.type === 'Line' && before.lastLine === line - 1) {
      before.text += `\n${text}`;
      before.lastLine = line;
    } else blocks.push({ text, line, lastLine: lineAt(end), type });
  }
  return blocks;
}
