import { IconChevronDown, IconSearch } from '@tabler/icons-react';
import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import { Face } from './face.tsx';
import { Kbd } from './kbd.tsx';
import { useLabels } from './labels.tsx';
import { Link } from './link.tsx';
import { Mark } from './mark.tsx';
import { pageId } from './panes.tsx';
import { type PersonView, personLabel, reachText } from './reach.ts';
import { ReachWord } from './reach-word.tsx';
import classes from './shell.module.css';

export interface ShellProps {
  /** Where the mark leads, and what it is called. */
  home: { href: string; label: string };
  line: ReactNode;
  /** A `FindButton`. */
  find?: ReactNode;
  /** What is new: a button with its panel. Telephones have a tab for it. */
  bell?: ReactNode;
  /** A `MeButton`. */
  me?: ReactNode;
  rail: ReactNode;
  tabs: ReactNode;
  /** The dossier of a ringing call, under the line. */
  dossier?: ReactNode;
  /** A band over the page: "We lost the connection at 13:41." (a `Notice`) */
  notice?: ReactNode;
  /** The module: a `Panes`. */
  children: ReactNode;
}

/** The grid of everything: brand, top bar with the line, rail, and what the module puts there. */
export function Shell({ home, line, find, bell, me, rail, tabs, dossier, notice, children }: ShellProps) {
  const labels = useLabels();
  return (
    <div className={classes.shell}>
      <a className={classes.skip} href={`#${pageId}`}>
        {labels.skipToPage}
      </a>
      <header className={classes.bar}>
        <Link className={classes.brand} href={home.href} aria-label={home.label}>
          <Mark />
        </Link>
        <div className={classes.top}>
          {line}
          {find}
          {bell ? <div className={classes.bell}>{bell}</div> : null}
          {me}
        </div>
      </header>
      <div className={classes.rail}>{rail}</div>
      <div className={classes.main}>
        {notice}
        <div className={classes.panes}>{children}</div>
      </div>
      <div className={classes.tabs}>{tabs}</div>
      {dossier ? <div className={classes.dossier}>{dossier}</div> : null}
    </div>
  );
}

type NativeButton = ButtonHTMLAttributes<HTMLButtonElement> & { ref?: Ref<HTMLButtonElement> };

/** The way to the palette, in the top bar. */
export function FindButton({ text, shortcut, ...props }: NativeButton & { text: string; shortcut?: string }) {
  return (
    <button type="button" aria-keyshortcuts="Control+K" {...props} className={classes.find}>
      <IconSearch size={17} />
      <span className={classes.findText}>{text}</span>
      {shortcut ? (
        <span className={classes.findKeys} aria-hidden="true">
          <Kbd>{shortcut}</Kbd>
        </span>
      ) : null}
    </button>
  );
}

/** My face and state, as others see it now. Wrap it in a menu. */
export function MeButton({ person, ...props }: NativeButton & { person: PersonView }) {
  const labels = useLabels();
  const says = reachText(labels, person);
  return (
    <button
      type="button"
      aria-haspopup="menu"
      aria-label={personLabel(labels, person)}
      {...props}
      className={classes.me}
    >
      <Face name={person.name} id={person.id} photo={person.photo} size={32} reach={person.reach?.state} />
      <span className={classes.meState}>
        {person.reach && says ? <ReachWord state={person.reach.state}>{says}</ReachWord> : person.name}
      </span>
      <IconChevronDown size={15} />
    </button>
  );
}
