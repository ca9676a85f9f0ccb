import type { LiveClient } from '@liaison/core/web';
import { type Reachability, reachChanged } from '../contract/index.ts';

/** What this page knows of everybody's reachability. Whoever starts it stops it. */
export interface ReachStore {
  /**
   * The state of a person now; undefined while it is not known. The same object as long as nothing changed. People of
   * whom the server has nothing to say are offline.
   */
  stateOf(personId: string): Reachability | undefined;
  onChange(personId: string, listener: () => void): () => void;
  start(): () => void;
}

export interface ReachParts {
  readonly live: Pick<LiveClient, 'on' | 'connection'>;
  /** Everybody who is not simply offline, of those whom this person may see. */
  readonly load: () => Promise<readonly Reachability[]>;
  /** She sees only those with whom she shares a space (a guest): who they are changes with its members. */
  readonly bySpaces?: boolean;
  readonly now?: () => number;
}

/** Longer waits overflow the browser's timers; who waits so long is looked at again then. */
const longestWaitMs = 24 * 3600 * 1000;
const retryMs = 5000;
/** Several who join or leave at once are asked about once. */
const membersMovedMs = 500;

/**
 * Everything at each welcome, then what signals change. A state that has an end leaves at that end by itself, so that
 * nobody is shown busy on a page that was cut off meanwhile; what the server says afterwards wins.
 */
export function createReachStore({ live, load, bySpaces = false, now = Date.now }: ReachParts): ReachStore {
  let known: Map<string, Reachability> | null = null;
  /** Changed while everything was being fetched: newer than the answer. */
  let meanwhile: Map<string, Reachability> | null = null;
  const absent = new Map<string, Reachability>();
  const listeners = new Map<string, Set<() => void>>();
  let endTimer: ReturnType<typeof setTimeout> | undefined;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let movedTimer: ReturnType<typeof setTimeout> | undefined;
  let running = false;

  const tell = (personId: string): void => {
    for (const listener of [...(listeners.get(personId) ?? [])]) listener();
  };

  function expire(): void {
    if (!known) return;
    const at = now();
    for (const state of known.values()) {
      if (state.until === null || Date.parse(state.until) > at) continue;
      known.set(state.personId, after(state));
      tell(state.personId);
    }
    awaitNextEnd();
  }

  function awaitNextEnd(): void {
    clearTimeout(endTimer);
    const ends = [...(known?.values() ?? [])].flatMap(({ until }) =>
      until === null ? [] : [Date.parse(until)],
    );
    if (ends.length === 0 || !running) return;
    const waitMs = Math.min(longestWaitMs, Math.max(0, Math.min(...ends) - now()) + 50);
    endTimer = setTimeout(expire, waitMs);
  }

  function set(state: Reachability): void {
    meanwhile?.set(state.personId, state);
    if (!known) return;
    known.set(state.personId, state);
    tell(state.personId);
    awaitNextEnd();
  }

  async function refresh(): Promise<void> {
    clearTimeout(retryTimer);
    const since = new Map<string, Reachability>();
    meanwhile = since;
    let rows: readonly Reachability[];
    try {
      rows = await load();
    } catch {
      if (meanwhile === since && running) retryTimer = setTimeout(() => void refresh(), retryMs);
      return;
    }
    // A later welcome asks for itself.
    if (meanwhile !== since || !running) return;
    meanwhile = null;
    const before = known;
    known = new Map(rows.map((row) => [row.personId, row]));
    for (const state of since.values()) known.set(state.personId, state);
    for (const personId of listeners.keys()) {
      if (before?.get(personId) !== known.get(personId) || !before) tell(personId);
    }
    awaitNextEnd();
  }

  return {
    stateOf(personId) {
      if (!known) return undefined;
      const state = known.get(personId);
      if (state) return state;
      const offline = absent.get(personId) ?? offlineOf(personId);
      absent.set(personId, offline);
      return offline;
    },
    onChange(personId, listener) {
      const set = listeners.get(personId) ?? new Set();
      listeners.set(personId, set);
      set.add(listener);
      return () => {
        set.delete(listener);
        if (set.size === 0) listeners.delete(personId);
      };
    },
    start() {
      running = true;
      const membersMoved = (): void => {
        movedTimer ??= setTimeout(() => {
          movedTimer = undefined;
          void refresh();
        }, membersMovedMs);
      };
      const ends = [
        ...(bySpaces
          ? [
              live.on('joined', membersMoved),
              live.on('left', membersMoved),
              live.on('event', ({ name }) => {
                if (name === 'core.member-joined' || name === 'core.member-left') membersMoved();
              }),
            ]
          : []),
        live.on('welcome', () => void refresh()),
        live.on('signal', ({ name, data }) => {
          if (name === reachChanged.name) set(data as Reachability);
        }),
      ];
      if (live.connection.status === 'live') void refresh();
      return () => {
        running = false;
        for (const end of ends) end();
        clearTimeout(endTimer);
        clearTimeout(retryTimer);
        clearTimeout(movedTimer);
        movedTimer = undefined;
      };
    },
  };
}

const offlineOf = (personId: string): Reachability => ({
  personId,
  state: 'offline',
  until: null,
  since: null,
  telephone: false,
  page: false,
});

/** What stays of a state whose end has come, as far as a page can tell. */
const after = (state: Reachability): Reachability => ({
  ...state,
  state: state.page || state.telephone ? 'free' : 'offline',
  until: null,
  since: state.until,
});
