import { type ReactNode, useId } from 'react';
import classes from './settings.module.css';

/** One matter of the page: its title, why it is there, and what can be chosen. */
export function Section({ title, why, children }: { title: string; why?: string; children: ReactNode }) {
  const id = useId();
  return (
    <section className={classes.section} aria-labelledby={id}>
      <div className={classes.head}>
        <h2 id={id}>{title}</h2>
        {why ? <p>{why}</p> : null}
      </div>
      <div className={classes.fields}>{children}</div>
    </section>
  );
}
