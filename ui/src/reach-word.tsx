import type { ReactNode } from 'react';
import type { Reach } from './reach.ts';
import classes from './reach-word.module.css';

/** Words in the text colour of a state: "Free until 14:30". */
export function ReachWord({ state, children }: { state: Reach; children: ReactNode }) {
  return (
    <span className={classes.word} data-state={state}>
      {children}
    </span>
  );
}
