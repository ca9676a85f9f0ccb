import { IconChevronDown } from '@tabler/icons-react';
import { useId } from 'react';
import classes from './native-select.module.css';

export interface NativeSelectProps {
  label: string;
  /** At least one; the first stands for "as usual" where there is such a thing. */
  options: readonly { value: string; label: string }[];
  value: string;
  onChange: (value: string) => void;
}

/**
 * A choice from a short list that the browser itself opens: the telephone's own wheel, and a hundredth of the code of
 * `Select`. For lists to search in, or with more than words in a row, that one.
 */
export function NativeSelect({ label, options, value, onChange }: NativeSelectProps) {
  const id = useId();
  return (
    <div className={classes.field}>
      <label className={classes.label} htmlFor={id}>
        {label}
      </label>
      <div className={classes.box}>
        <select
          id={id}
          className={classes.select}
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
        <IconChevronDown className={classes.arrow} size={16} aria-hidden="true" />
      </div>
    </div>
  );
}
