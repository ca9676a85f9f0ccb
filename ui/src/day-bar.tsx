import type { CSSProperties } from 'react';
import classes from './day-bar.module.css';
import { Dot } from './dot.tsx';
import { useLabels } from './labels.tsx';
import type { Reach } from './reach.ts';

export interface DaySpan {
  state: Extract<Reach, 'free' | 'call' | 'meeting' | 'dnd' | 'away'>;
  /** Hours of the day in the reader's zone, as decimals: 8.5 is 08:30. */
  from: number;
  to: number;
}

export interface DayBarProps {
  /** "Her day, in your time". */
  title: string;
  /** What screen readers hear instead of the picture: "Free 07:00 to 08:30, in a meeting …". */
  description: string;
  spans: readonly DaySpan[];
  start?: number;
  end?: number;
  /** Now, as a decimal hour, and as it is written. */
  now?: { at: number; text: string };
  /** The hours under the bar, as they are written. */
  hourText?: (hour: number) => string;
}

const twoDigits = (hour: number) => String(hour).padStart(2, '0');

/** Somebody's day as a bar in the reader's own hours. */
export function DayBar({
  title,
  description,
  spans,
  start = 7,
  end = 21,
  now,
  hourText = twoDigits,
}: DayBarProps) {
  const labels = useLabels();
  const at = (hour: number) => `${((Math.min(end, Math.max(start, hour)) - start) / (end - start)) * 100}%`;
  const hours = Array.from({ length: Math.floor((end - start) / 2) + 1 }, (_, index) => start + index * 2);
  const states = [...new Set(spans.map((span) => span.state))];
  return (
    <figure className={classes.day}>
      <figcaption className={classes.head}>
        <b>{title}</b>
        <span className={classes.legend} aria-hidden="true">
          {states.map((state) => (
            <span key={state}>
              <Dot state={state} size={10} />
              {labels.reach[state]}
            </span>
          ))}
        </span>
      </figcaption>
      <div
        className={classes.bar}
        role="img"
        aria-label={description}
        style={{ '--hours': end - start } as CSSProperties}
      >
        {spans.map((span) => (
          <span
            key={`${span.state}-${span.from}`}
            className={classes.span}
            data-state={span.state}
            style={{ insetInlineStart: at(span.from), insetInlineEnd: `calc(100% - ${at(span.to)})` }}
          />
        ))}
        {now ? (
          <span className={classes.now} style={{ insetInlineStart: at(now.at) }}>
            <span>{now.text}</span>
          </span>
        ) : null}
      </div>
      <div className={classes.hours} aria-hidden="true">
        {hours.map((hour) => (
          <span key={hour} style={{ insetInlineStart: at(hour) }}>
            {hourText(hour)}
          </span>
        ))}
      </div>
    </figure>
  );
}
