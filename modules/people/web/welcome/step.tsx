import { IconCheck } from '@tabler/icons-react';
import { type ReactNode, useId } from 'react';
import classes from './welcome.module.css';

/** One numbered matter of the first run. */
export function Step({
  number,
  title,
  why,
  done,
  children,
}: {
  number: number;
  title: string;
  why: string;
  done?: boolean;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <li className={classes.step} aria-labelledby={id} data-done={done || undefined}>
      <span className={classes.number} aria-hidden="true">
        {done ? <IconCheck size={17} /> : number}
      </span>
      <div className={classes.inside}>
        <h2 id={id}>{title}</h2>
        <p>{why}</p>
        {children}
      </div>
    </li>
  );
}
