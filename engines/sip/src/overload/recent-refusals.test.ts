import { expect, test } from 'vitest';
import { createRecentRefusals } from './recent-refusals.ts';

test('a refusal is remembered for a second, by its branch and where it came from', () => {
  let nowMs = 5;
  const refusals = createRecentRefusals(() => nowMs);
  const has = (branch = 'z9hG4bKa', address = '192.0.2.1', port = 5060) =>
    refusals.has(branch, address, port);
  expect(has()).toBe(false);
  refusals.add('z9hG4bKa', '192.0.2.1', 5060);
  expect([has(), has('z9hG4bKb'), has('z9hG4bKa', '192.0.2.2'), has('z9hG4bKa', '192.0.2.1', 5062)]).toEqual([
    true,
    false,
    false,
    false,
  ]);
  nowMs += 999;
  expect(has()).toBe(true);
  nowMs += 1;
  expect(has()).toBe(false);
  refusals.add('z9hG4bKa', '192.0.2.1', 5060);
  expect(has()).toBe(true);
});

test('of ten thousand most are known, and none that was not refused', () => {
  const refusals = createRecentRefusals(() => 0);
  const branchOf = (at: number) => `z9hG4bK${(at * 2_654_435_761).toString(36)}`;
  for (let at = 0; at < 10_000; at++) refusals.add(branchOf(at), '192.0.2.1', 5060);
  let known = 0;
  for (let at = 0; at < 10_000; at++) if (refusals.has(branchOf(at), '192.0.2.1', 5060)) known += 1;
  expect(known).toBeGreaterThan(8000);
  for (let at = 10_000; at < 20_000; at++) expect(refusals.has(branchOf(at), '192.0.2.1', 5060)).toBe(false);
});
