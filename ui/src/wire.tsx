import type { ReactNode } from 'react';
import classes from './wire.module.css';

/** How a wire is drawn: whole, dashes running one way or the other, a gap in the middle, dots, or two ends let go. */
export type WireKind = 'live' | 'ring-in' | 'ring-out' | 'held' | 'lost' | 'ended';

/** What joins two faces. The state is the wire; the time sits in it. Colour is `--w` of what is around it. */
export function Wire({ kind, children }: { kind: WireKind; children?: ReactNode }) {
  return (
    <span className={classes.span} data-state={kind}>
      <span className={classes.wire} />
      {children ? <span className={classes.time}>{children}</span> : null}
      {children ? <span className={classes.wire} /> : null}
    </span>
  );
}
