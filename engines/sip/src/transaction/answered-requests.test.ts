import { beforeEach, expect, test } from 'vitest';
import { createManualClock, type ManualClock } from '../clock.ts';
import type { Flow } from '../transport/types.ts';
import { type AnsweredRequest, type AnsweredRequests, createAnsweredRequests } from './answered-requests.ts';

const keepMs = 32_000;
let clock: ManualClock;
let gone: AnsweredRequest[];
let answered: AnsweredRequests;
beforeEach(() => {
  clock = createManualClock();
  gone = [];
  answered = createAnsweredRequests({ clock, keepMs, max: 3, forgotten: (each) => void gone.push(each) });
});

const request = (key: string): AnsweredRequest => ({
  key,
  branch: undefined,
  mergeKey: undefined,
  flow: {} as Flow,
  bytes: Buffer.alloc(0),
  lastStatus: 200,
});
function add(key: string): AnsweredRequest {
  const each = request(key);
  answered.add(each);
  return each;
}

test('each is kept for its time, and those that end together go together', () => {
  const a = add('a');
  clock.advance(1000);
  const b = add('b');
  clock.advance(20);
  const c = add('c');
  expect(clock.pending).toBe(1);
  clock.advance(keepMs - 1021);
  expect([answered.find('a'), gone]).toEqual([a, []]);
  clock.advance(1);
  expect([answered.find('a'), answered.find('b'), gone]).toEqual([undefined, b, [a]]);
  clock.advance(999);
  expect(gone).toEqual([a]);
  // The third is 20 ms later, and is waited for no less than 50: one timer, not one for each.
  clock.advance(1);
  expect(gone).toEqual([a, b]);
  clock.advance(49);
  expect(gone).toEqual([a, b]);
  clock.advance(1);
  expect([gone, answered.size, clock.pending]).toEqual([[a, b, c], 0, 0]);
});

test('beyond the most the oldest is forgotten', () => {
  const [a, b] = [add('a'), add('b')];
  add('c');
  expect(gone).toEqual([]);
  add('d');
  expect(gone).toEqual([a]);
  answered.forget(b);
  add('e');
  expect([gone, answered.size]).toEqual([[a, b], 3]);
});

test('one that took the place of another with its key is not forgotten in the other’s stead', () => {
  const old = add('a');
  clock.advance(10_000);
  const fresh = add('a');
  answered.forget(old);
  expect([answered.find('a'), gone]).toEqual([fresh, []]);
  clock.advance(keepMs - 10_000);
  expect([answered.find('a'), gone]).toEqual([fresh, []]);
  clock.advance(10_000);
  expect([answered.find('a'), gone, clock.pending]).toEqual([undefined, [fresh], 0]);
});

test('what was forgotten early costs no timer of its own, and the last takes the timer with it', () => {
  const a = add('a');
  clock.advance(1000);
  const b = add('b');
  answered.forget(a);
  answered.forget(a);
  expect(gone).toEqual([a]);
  clock.advance(keepMs - 1000);
  // Looked at once, and from then on the second's time is waited for.
  clock.advance(999);
  expect([answered.find('b'), clock.pending]).toEqual([b, 1]);
  answered.forget(b);
  expect([gone, answered.size, clock.pending]).toEqual([[a, b], 0, 0]);
});

test('one that stays while thousands are forgotten keeps none of them in memory', () => {
  const first = add('first');
  let last: AnsweredRequest | undefined;
  for (let at = 0; at < 100; at += 1) {
    last = add(`each ${at}`);
    answered.forget(last);
  }
  // What is kept of their order is bounded, even at the price of the oldest.
  expect(gone).toContain(first);
  expect([answered.size, gone.length]).toEqual([0, 101]);
});

test('closing forgets all and leaves no timer', () => {
  const all = [add('a'), add('b')];
  answered.close();
  expect([gone, answered.size, clock.pending]).toEqual([all, 0, 0]);
});
