import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useMemo } from 'react';
import type { Role } from '../contract/actor.ts';
import { clearDrafts } from './drafts.ts';

/** Who is signed in here, as every module may know it. */
export interface Session {
  readonly sessionId: string;
  readonly personId: string;
  /** The space of this person alone: events that concern nobody else are told there. */
  readonly personalSpaceId: string;
  readonly orgId: string;
  readonly orgName: string;
  readonly name: string;
  /** The one address: mailbox, SIP, handle. */
  readonly address: string;
  readonly extension: string | null;
  readonly role: Role;
  /** BCP 47; null follows the browser. */
  readonly language: string | null;
  /** IANA zone; null follows the browser. */
  readonly timeZone: string | null;
  /** Address of the picture, same origin. */
  readonly photo: string | null;
}

/** How the app learns who is signed in; given by `apps/web` from the people module's contract. */
export interface SessionSource {
  /** Null when nobody is signed in; throws when the server cannot be asked. */
  load(): Promise<Session | null>;
  /** Ends the session on the server. */
  end(): Promise<void>;
}

/** The session in the query cache: the router's gate asks it before any page of the shell. */
export const sessionQuery = (source: SessionSource) =>
  queryOptions({
    queryKey: ['session'],
    // Without the query's signal: taking it would let the last watcher that goes (a provider that is drawn anew) cancel the
    // question that the router's gate still waits for.
    queryFn: () => source.load(),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  });

interface SessionView {
  readonly session: Session | null;
  readonly signOut: () => Promise<void>;
  readonly refresh: () => Promise<void>;
}

const SessionContext = createContext<SessionView | null>(null);

export interface SessionProviderProps {
  source: SessionSource;
  /** After signing out: forget what is cached and show the sign-in page. */
  onSignedOut: () => void;
  children: ReactNode;
}

/** Gives the session to everything below. `session` is null on public pages and after signing out. */
export function SessionProvider({ source, onSignedOut, children }: SessionProviderProps) {
  const client = useQueryClient();
  const { data } = useQuery({ ...sessionQuery(source), enabled: false });
  const session = data ?? null;
  const view = useMemo(
    () => ({
      session,
      async signOut() {
        await source.end();
        if (session) clearDrafts(session.personId);
        onSignedOut();
      },
      refresh: async () => {
        await client.fetchQuery({ ...sessionQuery(source), staleTime: 0 });
      },
    }),
    [session, source, onSignedOut, client],
  );
  return <SessionContext value={view}>{children}</SessionContext>;
}

/** Who is signed in. Only for pages inside the shell, where somebody always is. */
export function useSession(): Session {
  const session = useContext(SessionContext)?.session;
  if (!session) throw new Error('useSession was called where nobody is signed in');
  return session;
}

/** Who is signed in, if somebody is. */
export const useMaybeSession = (): Session | null => useContext(SessionContext)?.session ?? null;

/** Signs out here, and forgets what this page kept. */
export function useSignOut(): () => Promise<void> {
  const view = useContext(SessionContext);
  if (!view) throw new Error('useSignOut needs a SessionProvider');
  return view.signOut;
}

/** Asks who is signed in anew: after signing in, and after the profile changed. */
export function useRefreshSession(): () => Promise<void> {
  const view = useContext(SessionContext);
  if (!view) throw new Error('useRefreshSession needs a SessionProvider');
  return view.refresh;
}
