import type { FileNode } from './node.ts';

/** What a folder can be sorted by. */
export const sorts = ['name', 'bytes', 'changed'] as const;
export type Sort = (typeof sorts)[number];

/** A name, or what is looked for in names, without case and accents. */
export const wordsOf = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase();

/**
 * What names are sorted by, in server and page alike, in the order of code points: accents and case aside, and numbers by
 * their value (`part 9` before `part 10`). At most 160 signs; ids decide what is left.
 */
export const sortKeyOf = (name: string): string =>
  wordsOf(name)
    .replace(/\d+/g, (digits) => {
      const value = digits.replace(/^0+(?=\d)/, '');
      return `0${String(value.length).padStart(3, '0')}${value}`;
    })
    .slice(0, 160)
    .toWellFormed();

/** UTF-8's order is that of code points; JavaScript compares halves of surrogate pairs. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const left = [...a];
  const right = [...b];
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    const difference = (left[at]?.codePointAt(0) ?? 0) - (right[at]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

type Sorted = Pick<FileNode, 'id' | 'kind' | 'name' | 'bytes' | 'changedAt'>;

/** The server's order of a folder: folders first in either direction, then what was asked, then ids. */
export function compareNodes(sort: Sort, isDescending: boolean): (a: Sorted, b: Sorted) => number {
  const compare = (a: Sorted, b: Sorted): number => {
    if (sort === 'bytes' && a.bytes !== b.bytes) return a.bytes - b.bytes;
    if (sort === 'changed' && a.changedAt !== b.changedAt) return a.changedAt < b.changedAt ? -1 : 1;
    if (sort === 'name') {
      const byName = compareText(sortKeyOf(a.name), sortKeyOf(b.name));
      if (byName !== 0) return byName;
    }
    return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
  };
  return (a, b) => {
    if (a.kind !== b.kind) return a.kind === 'folder' ? -1 : 1;
    return isDescending ? compare(b, a) : compare(a, b);
  };
}
