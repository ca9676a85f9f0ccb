import { Button, IconButton, Select, TextInput } from '@liaison/ui';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import classes from '../contacts.module.css';
import type { Line } from './draft.ts';

const atMost = 20;

/** Several of a kind, each with its label: numbers, addresses, pages. */
export function LineFields({
  title,
  each,
  add,
  remove,
  kindOf,
  lines,
  onChange,
  labels,
  type = 'text',
  maxLength,
}: {
  title: string;
  /** What one is called. */
  each: string;
  add: string;
  remove: string;
  kindOf?: string;
  lines: readonly Line[];
  onChange: (lines: readonly Line[]) => void;
  labels?: readonly { value: string; label: string }[];
  type?: 'text' | 'tel' | 'email';
  maxLength: number;
}) {
  const change = (key: number, next: Partial<Line>): void =>
    onChange(lines.map((line) => (line.key === key ? { ...line, ...next } : line)));
  const nth = (word: string, at: number): string => (lines.length > 1 ? `${word} ${at + 1}` : word);
  return (
    <fieldset className={classes.lines}>
      <legend>{title}</legend>
      {lines.map((line, at) => (
        <div key={line.key} className={classes.line} data-plain={labels ? undefined : true}>
          <TextInput
            aria-label={nth(each, at)}
            type={type}
            maxLength={maxLength}
            value={line.value}
            onChange={(event) => change(line.key, { value: event.currentTarget.value })}
          />
          {labels ? (
            <Select
              aria-label={nth(kindOf ?? each, at)}
              data={[...labels]}
              value={line.label}
              onChange={(label) => label && change(line.key, { label })}
              allowDeselect={false}
            />
          ) : null}
          <IconButton
            aria-label={nth(remove, at)}
            onClick={() => onChange(lines.filter(({ key }) => key !== line.key))}
          >
            <IconTrash size={18} />
          </IconButton>
        </div>
      ))}
      {lines.length < atMost ? (
        <div>
          <Button
            variant="subtle"
            leftSection={<IconPlus size={17} />}
            onClick={() =>
              onChange([
                ...lines,
                {
                  key: Math.max(-1, ...lines.map(({ key }) => key)) + 1,
                  label: labels?.[0]?.value ?? 'work',
                  value: '',
                },
              ])
            }
          >
            {add}
          </Button>
        </div>
      ) : null}
    </fieldset>
  );
}
