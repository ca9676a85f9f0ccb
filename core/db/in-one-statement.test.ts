import { describe, expect, it } from 'vitest';
import type { Tx } from './db.ts';
import { inOneStatement } from './in-one-statement.ts';

const transaction = () => ({ gathered: new Map() }) as unknown as Tx;

describe('what several ask of one transaction', () => {
  it('at the same moment travels together, and each gets its own answer', async () => {
    const sent: number[][] = [];
    const double = inOneStatement<number, number>(async (_tx, items) => {
      sent.push([...items]);
      return items.map((item) => 2 * item);
    });
    const [one, other] = [transaction(), transaction()];
    const answers = [double(one, 1), double(one, 2), double(other, 3)];
    expect(await Promise.all(answers)).toEqual([2, 4, 6]);
    expect(await double(one, 4)).toBe(8);
    expect(sent).toEqual([[1, 2], [3], [4]]);
  });

  it('travels in several statements where it is very much, in order', async () => {
    const sent: number[] = [];
    const same = inOneStatement<number, number>(async (_tx, items) => {
      sent.push(items.length);
      return items;
    });
    const tx = transaction();
    const all = Array.from({ length: 1200 }, (_, n) => n);
    expect(await Promise.all(all.map((n) => same(tx, n)))).toEqual(all);
    expect(sent).toEqual([500, 500, 200]);
  });

  it('fails together, and what is asked afterwards is asked anew', async () => {
    let broken = true;
    const ask = inOneStatement<string, string>(async (_tx, items) => {
      if (broken) throw new Error('no');
      return items;
    });
    const tx = transaction();
    const outcomes = await Promise.allSettled([ask(tx, 'a'), ask(tx, 'b')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    broken = false;
    expect(await ask(tx, 'c')).toBe('c');
  });
});
