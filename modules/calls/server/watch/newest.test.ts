import { expect, it } from 'vitest';
import { createNewest } from './newest.ts';

it('knows at least so many of the newest, and never more than twice as many', () => {
  const newest = createNewest<number>(10);
  for (let at = 0; at < 100; at++) {
    newest.set(`${at}`, at);
    newest.set('always', -at);
    const known = Array.from({ length: at + 1 }, (_, each) => newest.get(`${each}`)).filter(
      (value) => value !== undefined,
    );
    expect(known.slice(-Math.min(at + 1, 5))).toEqual(
      Array.from({ length: Math.min(at + 1, 5) }, (_, back) => at - Math.min(at, 4) + back),
    );
    expect(known.length).toBeLessThanOrEqual(20);
    expect(newest.get('always')).toBe(-at);
  }
  expect(newest.get('0')).toBeUndefined();
});
