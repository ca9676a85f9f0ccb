import type { DirectoryRow } from '../../contract/index.ts';

export interface PeopleSort {
  readonly column: 'name' | 'extension' | 'office' | 'role' | 'status' | 'used';
  readonly descending: boolean;
}

const rank: Readonly<Record<DirectoryRow['role'], number>> = { owner: 0, manager: 1, member: 2, guest: 3 };

/** Sorts what was fetched. By name the server's own order stands; rows without a value come last either way. */
export function sortPeople(
  rows: readonly DirectoryRow[],
  { column, descending }: PeopleSort,
  locale: string,
): readonly DirectoryRow[] {
  if (column === 'name') return descending ? rows.toReversed() : rows;
  const words = new Intl.Collator(locale, { numeric: true });
  const cellOf = (row: DirectoryRow): string | null => {
    switch (column) {
      case 'extension':
        return row.extension;
      case 'office':
        return row.office;
      case 'role':
        return String(rank[row.role]);
      case 'status':
        return row.status;
      case 'used':
        return row.lastUsedAt;
    }
  };
  return rows.toSorted((a, b) => {
    const one = cellOf(a);
    const other = cellOf(b);
    if (one === null || other === null) return Number(one === null) - Number(other === null);
    return words.compare(one, other) * (descending ? -1 : 1);
  });
}
