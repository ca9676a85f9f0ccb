import '@mantine/core/styles/Checkbox.layer.css';
import '@mantine/core/styles/InlineInput.layer.css';
import { Checkbox } from '@mantine/core';
import type { ReactNode } from 'react';
import { useLabels } from './labels.tsx';
import { SelectionBar } from './selection-bar.tsx';
import { SortButton } from './sort-button.tsx';
import classes from './table.module.css';

export interface Column<Item> {
  id: string;
  title: string;
  cell: (item: Item) => ReactNode;
  /** CSS width: "116px", "20%". The first column takes what is left. */
  width?: string;
  align?: 'start' | 'end';
  /** Not drawn on telephones. */
  wide?: boolean;
  sortable?: boolean;
}

export interface TableProps<Item> {
  /** What the table holds, for screen readers. */
  label: string;
  columns: readonly Column<Item>[];
  items: readonly Item[];
  idOf: (item: Item) => string;
  /** What a row is called when it is selected or opened. */
  nameOf: (item: Item) => string;
  sort?: { column: string; descending: boolean };
  onSort?: (column: string) => void;
  selected?: ReadonlySet<string>;
  onSelect?: (selected: ReadonlySet<string>) => void;
  /** Verbs for the selection: `SelectionVerb`s in one ink bar at the bottom. */
  selectionVerbs?: ReactNode;
}

/** Rows of 50 px between hairlines. A selection raises one bar at the bottom. */
export function Table<Item>(props: TableProps<Item>) {
  const { label, columns, items, idOf, nameOf, sort, onSort, selected, onSelect, selectionVerbs } = props;
  const labels = useLabels();
  const count = selected?.size ?? 0;
  const toggle = (id: string) => {
    const next = new Set(selected);
    if (!next.delete(id)) next.add(id);
    onSelect?.(next);
  };
  const all = items.length > 0 && items.every((item) => selected?.has(idOf(item)));
  return (
    <div className={classes.frame} data-selection={count > 0 || undefined}>
      <table className={classes.table} aria-label={label}>
        <thead>
          <tr>
            {onSelect ? (
              <th className={classes.check}>
                <Checkbox
                  aria-label={labels.selectAll}
                  checked={all}
                  indeterminate={!all && count > 0}
                  onChange={() => onSelect(all ? new Set() : new Set(items.map(idOf)))}
                />
              </th>
            ) : null}
            {columns.map((column) => {
              const sorted =
                sort?.column === column.id ? (sort.descending ? 'descending' : 'ascending') : undefined;
              return (
                <th
                  key={column.id}
                  style={column.width ? { width: column.width } : undefined}
                  data-align={column.align}
                  data-wide={column.wide || undefined}
                  aria-sort={sorted}
                >
                  {column.sortable && onSort ? (
                    <SortButton sorted={sorted} onClick={() => onSort(column.id)}>
                      {column.title}
                    </SortButton>
                  ) : (
                    column.title
                  )}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {items.map((item) => {
            const id = idOf(item);
            const on = selected?.has(id);
            return (
              <tr key={id} data-selected={on || undefined}>
                {onSelect ? (
                  <td className={classes.check}>
                    <Checkbox
                      aria-label={labels.selectRow(nameOf(item))}
                      checked={!!on}
                      onChange={() => toggle(id)}
                    />
                  </td>
                ) : null}
                {columns.map((column) => (
                  <td key={column.id} data-align={column.align} data-wide={column.wide || undefined}>
                    {column.cell(item)}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
      {count > 0 && onSelect ? (
        <SelectionBar count={count} onClear={() => onSelect(new Set())}>
          {selectionVerbs}
        </SelectionBar>
      ) : null}
    </div>
  );
}
