import type { ReactNode } from 'react';
import classes from './dot.module.css';
import type { Reach } from './reach.ts';

const shapes: Record<Reach, ReactNode> = {
  free: <circle cx="6" cy="6" r="5" fill="currentColor" />,
  call: <rect x="0" y="3" width="12" height="6" rx="3" fill="currentColor" />,
  meeting: <rect x="1.2" y="1.2" width="9.6" height="9.6" rx="2.2" fill="currentColor" />,
  ringing: (
    <>
      <circle
        className={classes.ring}
        cx="6"
        cy="6"
        r="4.9"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.7"
      />
      <circle cx="6" cy="6" r="2" fill="currentColor" />
    </>
  ),
  dnd: (
    <path
      fill="currentColor"
      fillRule="evenodd"
      d="M6 .6a5.4 5.4 0 1 0 0 10.8A5.4 5.4 0 0 0 6 .6ZM3.4 5h5.2v2H3.4Z"
    />
  ),
  away: (
    <>
      <circle cx="6" cy="6" r="4.5" fill="none" stroke="currentColor" strokeWidth="1.7" />
      <path d="M6 1.5a4.5 4.5 0 0 0 0 9z" fill="currentColor" />
    </>
  ),
  offline: <circle cx="6" cy="6" r="4.3" fill="none" stroke="currentColor" strokeWidth="1.9" />,
};

/** The shape and hue of a state. Never alone: the word stands beside it, or in the name of what it sits on. */
export function Dot({ state, size = 11 }: { state: Reach; size?: number }) {
  return (
    <svg
      className={classes.dot}
      data-state={state}
      width={size}
      height={size}
      viewBox="0 0 12 12"
      aria-hidden="true"
    >
      {shapes[state]}
    </svg>
  );
}
