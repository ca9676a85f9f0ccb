import { useQueryClient } from '@tanstack/react-query';
import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import type { z } from 'zod';
import type { CommandDefinition, SignalDefinition } from '../contract/command.ts';
import type { EventDefinition } from '../contract/event.ts';
import type { CommandOptions, Connection, LiveClient, LiveEvent, LiveTells } from './live-client.ts';

const LiveContext = createContext<LiveClient | null>(null);

/**
 * Gives the page's live client to everything below, keeps it awake, and keeps the query cache true: a resync marks all
 * answers stale, and what was fetched before the first welcome is fetched again, because an event may lie between.
 */
export function LiveProvider({ client, children }: { client: LiveClient; children: ReactNode }) {
  const queries = useQueryClient();
  useEffect(() => {
    const nudge = (): void => client.nudge();
    const shown = (): void => {
      if (document.visibilityState === 'visible') client.nudge();
    };
    window.addEventListener('online', nudge);
    window.addEventListener('offline', nudge);
    document.addEventListener('visibilitychange', shown);
    return () => {
      window.removeEventListener('online', nudge);
      window.removeEventListener('offline', nudge);
      document.removeEventListener('visibilitychange', shown);
    };
  }, [client]);
  useEffect(() => {
    let asked = false;
    const stale = (): void => {
      if (asked) return;
      asked = true;
      // Many spaces resync in one breath; one look at the server is enough.
      setTimeout(() => {
        asked = false;
        void queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
      }, 50);
    };
    const ends = [
      client.on('resync', stale),
      client.on('welcome', ({ again }) => {
        if (!again)
          void queries.invalidateQueries({
            predicate: ({ queryKey, state }) => queryKey[0] !== 'session' && beforeNow(state),
          });
        // Come back: what failed meanwhile is tried again; what succeeded is kept true by the replay.
        else
          void queries.refetchQueries({
            predicate: (query) => query.state.status === 'error',
            type: 'active',
          });
      }),
      client.on('joined', stale),
      client.on('left', stale),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, [client, queries]);
  return <LiveContext value={client}>{children}</LiveContext>;
}

/** Fetched, or being fetched, when the server welcomed us: an event may lie between that answer and the welcome. */
const beforeNow = (state: { dataUpdatedAt: number; fetchStatus: string }): boolean =>
  state.dataUpdatedAt > 0 || state.fetchStatus === 'fetching';

/** The page's live client itself, for code outside React's rendering (a call's controller). */
export function useLive(): LiveClient {
  const client = useContext(LiveContext);
  if (!client) throw new Error('a live hook needs a LiveProvider');
  return client;
}

function useTell<Kind extends keyof LiveTells>(kind: Kind, handler: (tell: LiveTells[Kind]) => void): void {
  const client = useLive();
  const latest = useRef(handler);
  useEffect(() => {
    latest.current = handler;
  });
  useEffect(() => client.on(kind, (value) => latest.current(value)), [client, kind]);
}

/**
 * Calls `handler` for each committed event of one kind, once each, in the order of its space, while the component stands.
 *
 * @param event the definition, whose payload types the data (where a presenter gives something else, name that type), or
 *   a name.
 */
export function useLiveEvent<Data = unknown>(event: string, handler: (event: LiveEvent<Data>) => void): void;
export function useLiveEvent<Payload extends Record<string, unknown>>(
  event: EventDefinition<Payload>,
  handler: (event: LiveEvent<Payload>) => void,
): void;
export function useLiveEvent(
  event: string | { readonly name: string },
  handler: (event: LiveEvent<never>) => void,
): void {
  const name = typeof event === 'string' ? event : event.name;
  useTell('event', (told) => {
    if (told.name === name) handler(told as LiveEvent<never>);
  });
}

/** Calls `handler` for each signal of one kind while the component stands. Signals are never replayed. */
export function useSignal<Data extends z.ZodType>(
  signal: SignalDefinition<Data>,
  handler: (data: z.output<Data>) => void,
): void {
  useTell('signal', (told) => {
    if (told.name === signal.name) handler(told.data as z.output<Data>);
  });
}

/** Calls `handler` when events of a space were missed: fetch anew what you keep outside the query cache. */
export function useResync(handler: (space: string | null) => void): void {
  useTell('resync', ({ space }) => handler(space));
}

/** Calls `handler` after each welcome; `again` after a lost connection. Ask anew for what only signals tell. */
export function useWelcome(handler: (welcome: { again: boolean; connectionId: string }) => void): void {
  useTell('welcome', handler);
}

/** Calls `handler` when this person became or ceased to be a member of a space. */
export function useMembership(handler: (change: { space: string; member: boolean }) => void): void {
  useTell('joined', ({ space }) => handler({ space, member: true }));
  useTell('left', ({ space }) => handler({ space, member: false }));
}

/** Sends a command over the live socket; see `LiveClient.command` for its errors. */
export function useCommand<P extends z.ZodType, R extends z.ZodType>(
  definition: CommandDefinition<P, R>,
): (params: z.input<P>, options?: CommandOptions) => Promise<z.output<R>> {
  const client = useLive();
  return (params, options) => client.command(definition, params, options);
}

/** The connection's state; the component is drawn again when it changes. */
export function useConnection(): Connection {
  const client = useLive();
  return useSyncExternalStore(client.onConnection, () => client.connection);
}

/** When the connection was lost, once that has lasted `afterMs`; null while all is well. For banners that do not flicker. */
export function useLostSince(afterMs = 2_000): Date | null {
  const connection = useConnection();
  const since = connection.status === 'lost' ? connection.since : null;
  const [shown, setShown] = useState<Date | null>(null);
  useEffect(() => {
    if (!since) return setShown(null);
    const timer = setTimeout(() => setShown(since), afterMs);
    return () => clearTimeout(timer);
  }, [since, afterMs]);
  return since ? shown : null;
}

/** True once the server runs a newer build than this page's. */
export function useNewBuild(): boolean {
  const client = useLive();
  const [newer, setNewer] = useState(false);
  useEffect(() => client.on('new-build', () => setNewer(true)), [client]);
  return newer;
}
