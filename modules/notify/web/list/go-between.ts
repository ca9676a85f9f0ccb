import type { KeyboardEvent } from 'react';

const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };

/** Arrows, Home and End go from one row of a list of news to another. */
export function goBetween(event: KeyboardEvent<HTMLElement>): void {
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-news] a[href]')];
  const at = links.indexOf(document.activeElement as HTMLElement);
  const step = steps[event.key];
  const next =
    event.key === 'Home'
      ? links[0]
      : event.key === 'End'
        ? links.at(-1)
        : step !== undefined
          ? links[Math.min(links.length - 1, Math.max(0, at + step))]
          : undefined;
  if (!next) return;
  event.preventDefault();
  next.focus();
}
