export type Mark = 'bold' | 'italic' | 'code' | 'list';

const signs = { bold: '**', italic: '*', code: '`' } as const;

/** Puts Markdown's signs around what is selected, or takes them away; a list begins each selected line. */
export function markSelection(area: HTMLTextAreaElement, mark: Mark): void {
  const { value, selectionStart: start, selectionEnd: end } = area;
  if (mark === 'list') {
    const from = value.lastIndexOf('\n', start - 1) + 1;
    const lines = value.slice(from, end).split('\n');
    const listed = lines.every((line) => line.startsWith('- '));
    const changed = lines.map((line) =>
      listed ? line.slice(2) : line.startsWith('- ') ? line : `- ${line}`,
    );
    area.setRangeText(changed.join('\n'), from, end, 'end');
    return;
  }
  const selected = value.slice(start, end);
  if (mark === 'code' && selected.includes('\n')) {
    area.setRangeText(`\`\`\`\n${selected}\n\`\`\``, start, end, 'end');
    return;
  }
  const sign = signs[mark];
  const marked = value.slice(start - sign.length, start) === sign && value.startsWith(sign, end);
  if (marked) {
    area.setRangeText(selected, start - sign.length, end + sign.length, 'select');
    return;
  }
  area.setRangeText(`${sign}${selected}${sign}`, start, end, 'end');
  area.setSelectionRange(start + sign.length, end + sign.length);
}
