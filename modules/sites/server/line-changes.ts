/** A line that one text has and the other has not. */
export interface LineChange {
  readonly kind: 'removed' | 'added';
  /** From 1, in the text that has it. */
  readonly line: number;
  readonly text: string;
}

/** Above this product of changed lines the middle is told as removed and added whole. */
const mostCells = 4_000_000;

/** What turns one text into another, by the longest lines in common. */
export function lineChanges(before: string, after: string): LineChange[] {
  const old = before.split('\n');
  const fresh = after.split('\n');
  let head = 0;
  while (head < old.length && head < fresh.length && old[head] === fresh[head]) head++;
  let tail = 0;
  while (
    tail < old.length - head &&
    tail < fresh.length - head &&
    old[old.length - 1 - tail] === fresh[fresh.length - 1 - tail]
  ) {
    tail++;
  }
  const from = old.slice(head, old.length - tail);
  const to = fresh.slice(head, fresh.length - tail);
  const kept = from.length * to.length > mostCells ? [] : commonLines(from, to);
  const changes: LineChange[] = [];
  let at = 0;
  let next = 0;
  for (const [left, right] of [...kept, [from.length, to.length] as const]) {
    for (; at < left; at++) changes.push({ kind: 'removed', line: head + at + 1, text: from[at] ?? '' });
    for (; next < right; next++) changes.push({ kind: 'added', line: head + next + 1, text: to[next] ?? '' });
    at++;
    next++;
  }
  return changes;
}

/** Pairs of places of equal lines, in order. */
function commonLines(from: readonly string[], to: readonly string[]): (readonly [number, number])[] {
  const width = to.length + 1;
  const lengths = new Uint32Array((from.length + 1) * width);
  const length = (left: number, right: number): number => lengths[left * width + right] ?? 0;
  for (let left = from.length - 1; left >= 0; left--) {
    for (let right = to.length - 1; right >= 0; right--) {
      lengths[left * width + right] =
        from[left] === to[right]
          ? length(left + 1, right + 1) + 1
          : Math.max(length(left + 1, right), length(left, right + 1));
    }
  }
  const pairs: (readonly [number, number])[] = [];
  for (let left = 0, right = 0; left < from.length && right < to.length; ) {
    if (from[left] === to[right]) pairs.push([left++, right++]);
    else if (length(left + 1, right) >= length(left, right + 1)) left++;
    else right++;
  }
  return pairs;
}
