import type { MarkdownIt } from 'markdown-it';

/** What stands in an opening list item's `meta` where it is a task. */
export interface Task {
  readonly done: boolean;
}

/** Items of a list that begin with `[ ]` or `[x]` are tasks: the mark goes from their text into their `meta`. */
export function findTasks(markdown: MarkdownIt): void {
  markdown.core.ruler.push('find-tasks', ({ tokens }) => {
    for (const [at, item] of tokens.entries()) {
      if (item.type !== 'list_item_open') continue;
      const words = tokens[at + 2];
      const first = words?.children?.[0];
      if (tokens[at + 1]?.type !== 'paragraph_open' || words?.type !== 'inline' || first?.type !== 'text')
        continue;
      const mark = /^\[([ xX])\] (?=\S)/.exec(first.content);
      if (!mark) continue;
      first.content = first.content.slice(mark[0].length);
      item.meta = { done: mark[1] !== ' ' } satisfies Task;
    }
  });
}
