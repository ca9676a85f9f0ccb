/** RFC 3711 §3.3.2 asks for 64 at least. */
const WINDOW = 128;

/** Which packet indexes were seen (RFC 3711 §3.3.2). One for each SSRC and direction. */
export interface ReplayWindow {
  /** -1 before the first. */
  readonly highest: number;
  /** Whether this index is new, and not too old to know. */
  isNew(index: number): boolean;
  /** Only for packets that were authenticated. */
  mark(index: number): void;
}

export function createReplayWindow(): ReplayWindow {
  /** The index last seen in each place of a ring. */
  const seen = new Float64Array(WINDOW).fill(-1);
  let highest = -1;
  return {
    get highest() {
      return highest;
    },
    isNew: (index) => index > highest || (index > highest - WINDOW && seen[index % WINDOW] !== index),
    mark(index) {
      seen[index % WINDOW] = index;
      if (index > highest) highest = index;
    },
  };
}
