import type { Message } from '../../contract/index.ts';
import { createCatchUp } from './catch-up.ts';
import { emptyStretch, extendNewer, extendOlder, type Stretch, takeMessage, trim } from './timeline.ts';

/** Messages asked for at once, and held at most. The server gives up to 200 in one answer, so what is held can be read anew at once. */
export const pageSize = 50;
export const maxHeld = 200;

export type StretchQuery =
  | { readonly newest: true }
  | { readonly before: number }
  | { readonly after: number }
  | { readonly around: number };

/** `old`: the server could not be reached, and what it said last stands in for its answer. */
export interface StretchAnswer extends Stretch {
  readonly old?: boolean;
}

export interface TimelineState extends Stretch {
  readonly status: 'loading' | 'ready' | 'failed';
  readonly error: Error | null;
  /** Raised by each jump: what is held is another stretch, not more of the same. */
  readonly generation: number;
  /** An end that could not be extended; asked again by the next `loadOlder` or `loadNewer`. */
  readonly failedEnd: 'older' | 'newer' | null;
}

export interface TimelineStore {
  readonly state: TimelineState;
  subscribe(listener: () => void): () => void;
  /** Shows the newest messages, or those around a number. Drops what was held. */
  jump(to?: number): Promise<void>;
  loadOlder(): Promise<void>;
  loadNewer(): Promise<void>;
  /**
   * Events were missed: reads what is held anew without moving; whoever follows the newest gets the newest. Where the answer
   * does not come it is asked for again until it does, or `stop`.
   */
  refetch(): Promise<void>;
  /** The line is back: what did not come is asked for at once. */
  wake(): void;
  /** It is not on screen any more. */
  stop(): void;
  /** Whether the reader stands at the newest message: says which end is let go of when more arrive. */
  follow(atEnd: boolean): void;
  /** A message from a live event or an answer. */
  take(message: Message): void;
}

/**
 * Holds a stretch of one conversation or thread and keeps it in the server's order, however events and answers
 * interleave: what arrives while an answer is on its way is applied to that answer too.
 */
export function createTimelineStore(options: {
  /** The server's answer, oldest first. @param mayBeOld an earlier answer is better than none. */
  readonly fetch: (query: StretchQuery, limit: number, mayBeOld: boolean) => Promise<StretchAnswer>;
  /** Whether asking again may succeed without anybody doing something. */
  readonly isPassing?: (error: unknown) => boolean;
  /** Whether a message of the conversation stands in this list (a thread's replies do not stand in the timeline). */
  readonly belongs: (message: Message) => boolean;
}): TimelineStore {
  let state: TimelineState = {
    ...emptyStretch,
    status: 'loading',
    error: null,
    generation: 0,
    failedEnd: null,
  };
  const listeners = new Set<() => void>();
  /** What arrived since each question that is not answered yet. */
  const meanwhile = new Set<Message[]>();
  let following = true;
  const busy = { older: false, newer: false, all: 0 };
  /** The jump that is not answered yet. */
  let jumping: StretchQuery | null = null;
  const { isPassing = () => true } = options;
  const catchUp = createCatchUp(() => void refetch());

  function become(next: Partial<TimelineState>): void {
    state = { ...state, ...next };
    for (const listener of [...listeners]) listener();
  }

  async function ask(
    query: StretchQuery,
    limit: number,
    mayBeOld = false,
  ): Promise<{ apply: (held: Stretch) => Stretch; old: boolean }> {
    const arrived: Message[] = [];
    meanwhile.add(arrived);
    try {
      const { old = false, ...answer } = await options.fetch(query, limit, mayBeOld);
      return { apply: (held) => arrived.reduce(takeMessage, join(held, answer, query)), old };
    } finally {
      meanwhile.delete(arrived);
    }
  }

  async function replace(query: StretchQuery, limit: number, keep: Partial<TimelineState>): Promise<void> {
    busy.all += 1;
    const mine = busy.all;
    const isJump = keep.generation !== undefined;
    try {
      // What is shown already is newer than any answer from before.
      const { apply, old } = await ask(query, limit, isJump);
      if (mine !== busy.all) return;
      jumping = null;
      become({ ...apply(emptyStretch), ...keep, status: 'ready', error: null, failedEnd: null });
      if (old) catchUp.behind();
      else catchUp.level();
    } catch (error) {
      if (mine !== busy.all) return;
      jumping = null;
      // What is shown stays: an old stretch is better than none.
      if (state.status === 'ready' && !isJump) {
        if (isPassing(error)) catchUp.behind();
        return;
      }
      become({ status: 'failed', error: error as Error });
    }
  }

  async function extend(end: 'older' | 'newer'): Promise<void> {
    const edge = end === 'older' ? state.messages[0] : state.messages.at(-1);
    if (busy[end] || !state[end] || !edge || state.status !== 'ready') return;
    busy[end] = true;
    const { all } = busy;
    try {
      const { apply } = await ask(end === 'older' ? { before: edge.seq } : { after: edge.seq }, pageSize);
      // A jump meanwhile, or the edge was let go at: this answer no longer touches what is held.
      const now = end === 'older' ? state.messages[0] : state.messages.at(-1);
      if (all !== busy.all || now?.seq !== edge.seq) return;
      become({ ...trim(apply(state), maxHeld, end === 'older' ? 'newer' : 'older'), failedEnd: null });
    } catch {
      if (all === busy.all) become({ failedEnd: end });
    } finally {
      busy[end] = false;
    }
  }

  function jumpTo(query: StretchQuery): Promise<void> {
    jumping = query;
    return replace(query, pageSize, { generation: state.generation + 1 });
  }

  function refetch(): Promise<void> {
    // Who is on the way elsewhere still arrives there, with what was missed.
    if (jumping) return jumpTo(jumping);
    const first = state.messages[0];
    if (!first || (following && !state.newer)) return replace({ newest: true }, pageSize, {});
    return replace({ after: first.seq - 1 }, maxHeld, { older: state.older });
  }

  return {
    get state() {
      return state;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    jump(to) {
      if (state.status === 'failed') become({ status: 'loading' });
      return jumpTo(to === undefined ? { newest: true } : { around: to });
    },
    loadOlder: () => extend('older'),
    loadNewer: () => extend('newer'),
    refetch,
    wake: catchUp.wake,
    stop: catchUp.stop,
    take(message) {
      if (!options.belongs(message)) return;
      for (const arrived of meanwhile) arrived.push(message);
      if (state.status !== 'ready') return;
      const next = takeMessage(state, message);
      if (next === state) return;
      become(following ? trim(next, maxHeld, 'older') : trim(next, 2 * maxHeld, 'newer'));
    },
    follow(atEnd) {
      following = atEnd;
    },
  };
}

function join(held: Stretch, answer: Stretch, query: StretchQuery): Stretch {
  if ('before' in query) return extendOlder(held, answer);
  if ('after' in query && held.messages.length > 0) return extendNewer(held, answer);
  return answer;
}
