import { useEffect, useRef } from 'react';
import classes from './level.module.css';

const everyMs = 100;

/** How loud it is, 0 to 1. */
export type ReadLevel = () => number;

/**
 * A ring that grows around the face of who is heard, or a bar under a microphone's icon. It moves by itself and draws
 * nothing else anew; the words beside it say what it shows.
 */
export function Level({ read, shape }: { read: ReadLevel; shape: 'ring' | 'bar' }) {
  const element = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const timer = setInterval(() => {
      element.current?.style.setProperty('--level', read().toFixed(2));
    }, everyMs);
    return () => clearInterval(timer);
  }, [read]);
  return <span ref={element} className={classes.level} data-shape={shape} aria-hidden="true" />;
}
