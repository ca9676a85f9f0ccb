import type { ReactNode } from 'react';
import classes from './kbd.module.css';

/** A key, or keys pressed together, as printed on the keyboard. */
export function Kbd({ children }: { children: ReactNode }) {
  return <kbd className={classes.kbd}>{children}</kbd>;
}
