import classes from './segments.module.css';

export interface Segment<Id extends string = string> {
  id: Id;
  label: string;
  count?: number;
}

/** Which part of a list is shown: All, Unread 3, Mentions 1. */
export function Segments<Id extends string>({
  items,
  value,
  onChange,
  label,
}: {
  items: readonly Segment<Id>[];
  value: Id;
  onChange: (id: Id) => void;
  /** What is being chosen, for screen readers. */
  label: string;
}) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be announced as a form
    <div className={classes.segments} role="group" aria-label={label}>
      {items.map((item) => (
        <button
          key={item.id}
          type="button"
          className={classes.segment}
          aria-pressed={item.id === value}
          onClick={() => onChange(item.id)}
        >
          {item.label}
          {item.count === undefined ? null : ` ${item.count}`}
        </button>
      ))}
    </div>
  );
}
