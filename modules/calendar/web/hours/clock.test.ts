import { expect, it } from 'vitest';
import { clockOf, endOf, minuteOf } from './clock.ts';

it('reads what a field for times holds, and nothing else', () => {
  expect([0, 510, 1439, 1440].map(clockOf)).toEqual(['00:00', '08:30', '23:59', '00:00']);
  expect(['00:00', '08:30', '23:59:59', '', '8:30'].map(minuteOf)).toEqual([0, 510, 1439, null, null]);
});

it('takes midnight as the end of the day that it ends', () => {
  expect(['00:00', '00:01', '17:30', ''].map(endOf)).toEqual([1440, 1, 1050, null]);
});
