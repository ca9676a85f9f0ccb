/**
 * What came first goes first. Beside a map, whose own order would do: but what is taken away at a map's front leaves holes
 * there, and whoever looks for the front passes over all of them, tens of microseconds where tens of thousands are kept.
 */
export interface FirstCome<Item> {
  readonly first: Item | undefined;
  readonly length: number;
  push(item: Item): void;
  /** Takes the first away. */
  shift(): Item | undefined;
}

/** So many holes are worth nothing; an array's own `shift` moves all that follow each time. */
const leastMoved = 1024;

/** An empty one; nothing is bounded here, and nothing to be closed. */
export function createFirstCome<Item>(): FirstCome<Item> {
  const items: (Item | undefined)[] = [];
  let front = 0;

  return {
    get first() {
      return items[front];
    },
    get length() {
      return items.length - front;
    },
    push(item) {
      items.push(item);
    },
    shift() {
      if (front >= items.length) return undefined;
      const item = items[front];
      items[front] = undefined;
      front += 1;
      if (front === items.length || (front >= leastMoved && 2 * front >= items.length)) {
        items.splice(0, front);
        front = 0;
      }
      return item;
    },
  };
}
