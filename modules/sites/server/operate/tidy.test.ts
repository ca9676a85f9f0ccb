import { expect, test } from 'vitest';
import { outdated } from './tidy.ts';

const at = (name: string, day: number) => ({ name, createdAt: `2026-05-0${day}T10:00:00.000Z` });

test('Of what no service uses the newest of each kind stays for going back, and everything older goes', () => {
  const all = [
    at('lab-eu_start_a', 1),
    at('lab-eu_start_b', 2),
    at('lab-eu_start_c', 3),
    at('lab-eu_start_d', 4),
    at('lab-eu_pg_hba.conf_a', 1),
    at('lab-eu_turn-secret_a', 1),
    at('lab-eu_turn-secret_b', 2),
  ];
  expect(outdated(all, new Set(['lab-eu_start_d', 'lab-eu_turn-secret_b']))).toEqual([
    'lab-eu_start_a',
    'lab-eu_start_b',
  ]);
  // What services had before their last change is used; after a return the newest is what did not hold.
  expect(outdated(all, new Set(['lab-eu_start_b', 'lab-eu_start_a']))).toEqual([
    'lab-eu_start_c',
    'lab-eu_turn-secret_a',
  ]);
  expect(outdated([], new Set())).toEqual([]);
});
