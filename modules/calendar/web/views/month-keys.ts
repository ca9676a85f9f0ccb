import type { KeyboardEvent } from 'react';
import { addDays } from '../state/days.ts';

const steps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

/** In a month arrows lead from a day to the one beside, above or below it; each day of `grid` has its `data-day`. */
export function monthKeys(event: KeyboardEvent, on: string, grid: HTMLElement | null): void {
  if (!Object.hasOwn(steps, event.key)) return;
  event.preventDefault();
  grid?.querySelector<HTMLElement>(`[data-day="${addDays(on, steps[event.key] ?? 0)}"]`)?.focus();
}
