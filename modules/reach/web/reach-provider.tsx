import { api, useConnection, useFormat, useLive, useSession } from '@liaison/core/web';
import type { PersonView, Reachability as ShownReachability } from '@liaison/ui';
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useSyncExternalStore,
} from 'react';
import { listReachability, type Reachability } from '../contract/index.ts';
import { formatUntil } from './format-until.ts';
import { createReachStore, type ReachStore } from './reach-store.ts';

/**
 * Asked again after this time. The browser may ask over a connection of before a change of network, whose end it does not
 * know of; until there is an answer nobody's state is shown, one's own neither.
 */
const answerMs = 8_000;

const ReachContext = createContext<ReachStore | null>(null);

/** Keeps everybody's reachability while somebody is signed in. */
export function ReachProvider({ children }: { children: ReactNode }) {
  const live = useLive();
  const bySpaces = useSession().role === 'guest';
  const store = useMemo(
    () =>
      createReachStore({
        live,
        load: async () => (await api(listReachability, {}, { timeoutMs: answerMs })).rows,
        bySpaces,
      }),
    [live, bySpaces],
  );
  useEffect(() => store.start(), [store]);
  return <ReachContext value={store}>{children}</ReachContext>;
}

const nobody = (): (() => void) => () => {};

/** The state of a person as the server tells it; undefined where it is not known (yet). */
export function useReachState(personId: string): Reachability | undefined {
  const store = useContext(ReachContext);
  const subscribe = useCallback(
    (listener: () => void) => store?.onChange(personId, listener) ?? nobody(),
    [store, personId],
  );
  return useSyncExternalStore(subscribe, () => store?.stateOf(personId));
}

interface Shown {
  reach?: ShownReachability;
  lastKnown?: NonNullable<PersonView['lastKnown']>;
}

/** For every chip: the state now, or while the connection is lost the last known one with its hour. */
export function usePersonReachability(personId: string): Shown {
  const state = useReachState(personId);
  const connection = useConnection();
  const format = useFormat();
  const lostAt = connection.status === 'lost' ? format.time(connection.since) : null;
  const until = state?.until ? formatUntil(state.until, format) : undefined;
  const word = state?.state;
  return useMemo(() => {
    if (!word) return {};
    if (lostAt !== null) return { lastKnown: { state: word, at: lostAt } };
    return { reach: { state: word, ...(until === undefined ? {} : { until }) } };
  }, [word, until, lostAt]);
}
