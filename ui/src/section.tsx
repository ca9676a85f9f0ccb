import { type FormEvent, type ReactNode, useId } from 'react';
import classes from './section.module.css';

/**
 * One matter of a page of settings: its title, why it is there, and its fields. With `onSubmit` it is a form. Stands in a
 * padded `PageBody`.
 */
export function Section({
  title,
  why,
  children,
  onSubmit,
}: {
  title: string;
  why?: ReactNode;
  children: ReactNode;
  onSubmit?: () => void;
}) {
  const id = useId();
  const inside = (
    <>
      <div className={classes.head}>
        <h2 id={id}>{title}</h2>
        {why ? <p>{why}</p> : null}
      </div>
      <div className={classes.fields}>{children}</div>
    </>
  );
  if (!onSubmit) {
    return (
      <section className={classes.section} aria-labelledby={id}>
        {inside}
      </section>
    );
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <form className={classes.section} aria-labelledby={id} onSubmit={submit} noValidate>
      {inside}
    </form>
  );
}

/** Buttons at the end of a section. */
export const Actions = ({ children }: { children: ReactNode }) => (
  <div className={classes.actions}>{children}</div>
);

/** Two fields side by side where there is room. */
export const Pair = ({ children }: { children: ReactNode }) => <div className={classes.pair}>{children}</div>;

/** Boxes to be ticked that answer one question: days of the week, languages. */
export const Choices = ({ legend, children }: { legend: string; children: ReactNode }) => (
  <fieldset className={classes.choices}>
    <legend>{legend}</legend>
    {children}
  </fieldset>
);

/** Things under each other between hairlines: sessions, passkeys, devices. */
export const Things = ({ children, label }: { children: ReactNode; label: string }) => (
  <ul className={classes.things} aria-label={label}>
    {children}
  </ul>
);

export function Thing({
  icon,
  name,
  second,
  action,
  wraps,
}: {
  icon?: ReactNode;
  name: ReactNode;
  second?: ReactNode;
  action?: ReactNode;
  /** On telephones the action stands below the words: for long words, or several verbs. */
  wraps?: boolean;
}) {
  return (
    <li className={classes.thing} data-wraps={wraps || undefined}>
      {icon ? <span className={classes.icon}>{icon}</span> : null}
      <div className={classes.words}>
        <div className={classes.name}>{name}</div>
        {second ? <div className={classes.second}>{second}</div> : null}
      </div>
      {action}
    </li>
  );
}
