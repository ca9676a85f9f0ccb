import { browserLanguage, onSignedOut, sessionQuery, type WebModule } from '@liaison/core/web';
import type { QueryClient } from '@tanstack/react-query';
import {
  type AnyRoute,
  type AnyRouter,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { Gate } from './gate.tsx';
import { live } from './live.ts';
import { modules } from './modules.ts';
import { PageError } from './page-error.tsx';
import { PageFetching } from './page-fetching.tsx';
import { PageMissing } from './page-missing.tsx';
import { Root } from './root.tsx';
import { forgetFirstAnswer, forgetSession, sessionSource } from './session-source.ts';
import { ShellFrame } from './shell.tsx';

/** Where people sign in; the people module draws it, and what else stands before a session. */
const signInPath = '/sign-in';

const shellId = 'shell';

/** The address of the first page for somebody who is signed in. */
export const firstPath = (): string | undefined =>
  modules.flatMap((module) => module.nav ?? []).sort((a, b) => a.order - b.order)[0]?.path;

/** An address of ours to come back to; anything else leads home. */
const wayBack = (href: string): string => (/^\/(?![/\\])/.test(href) ? href : '/');

/** Fetches the strings of a module before a page of it is drawn. */
type LoadStrings = (module: string) => Promise<void>;

/** The pages of a module below `parent`; where its strings are not in the first load, they come beside the page. */
function pagesOf(
  module: WebModule,
  routes: ((parent: AnyRoute) => readonly AnyRoute[]) | undefined,
  parent: AnyRoute,
  loadStrings: LoadStrings,
): readonly AnyRoute[] {
  if (!routes || !module.navStrings) return routes?.(parent) ?? [];
  const withStrings = createRoute({
    getParentRoute: () => parent,
    id: module.name,
    loader: () => loadStrings(module.name),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return [withStrings.addChildren([...routes(withStrings)])];
}

/** What is read of a route's options to prepare it; the library types them by their place in the tree. */
interface Prepared {
  readonly id?: string;
  readonly component?: { readonly preload?: () => Promise<unknown> };
}

/**
 * Begins to fetch what the address will show, beside the question who is here: the router itself asks for pages only once
 * that is answered.
 */
function prepare(router: AnyRouter): void {
  const { pathname } = router.latestLocation;
  const [matchedRoutes] = router.getMatchedRoutes(pathname === '/' ? (firstPath() ?? '/') : pathname);
  const matched = matchedRoutes.map(({ options }) => options as Prepared);
  for (const { id, component } of matched) {
    // What fails here fails again where it is awaited, and is shown there.
    component?.preload?.().catch(() => {});
    const module = modules.find((each) => each.navStrings && each.name === id);
    module?.strings[browserLanguage()]().catch(() => {});
  }
  if (!matched.some(({ id }) => id === shellId)) forgetFirstAnswer();
}

/** All pages: the modules' public ones, and the others inside the shell, behind the gate. */
export function createRoutes(queries: QueryClient, loadStrings: LoadStrings) {
  const root = createRootRoute({ component: Root, notFoundComponent: PageMissing, errorComponent: Gate });
  const shell = createRoute({
    getParentRoute: () => root,
    id: shellId,
    beforeLoad: async ({ location }) => {
      const session = await queries.ensureQueryData(sessionQuery(sessionSource));
      if (!session)
        throw redirect({ to: signInPath, search: { back: wayBack(location.href) }, replace: true });
      live.start();
    },
    component: ShellFrame,
    pendingComponent: () => null,
    errorComponent: Gate,
    notFoundComponent: PageMissing,
  });
  const own: AnyRoute[] = [
    createRoute({
      getParentRoute: () => shell,
      path: '/',
      beforeLoad: () => {
        const first = firstPath();
        if (first) throw redirect({ to: first, replace: true });
      },
      component: lazyRouteComponent(() => import('./empty-home.tsx'), 'EmptyHome'),
    }),
    createRoute({
      getParentRoute: () => shell,
      path: '/find',
      component: lazyRouteComponent(() => import('./find-page.tsx'), 'FindPage'),
    }),
    createRoute({
      getParentRoute: () => shell,
      path: '/me',
      component: lazyRouteComponent(() => import('./me-page.tsx'), 'MePage'),
    }),
    // What no page has is missing inside the shell, so that the way on is beside it.
    createRoute({ getParentRoute: () => shell, path: '$', component: PageMissing }),
  ];
  const inShell = modules.flatMap((module) => pagesOf(module, module.routes, shell, loadStrings));
  const outside = modules.flatMap((module) => pagesOf(module, module.publicRoutes, root, loadStrings));
  return { root: root.addChildren([...outside, shell.addChildren([...own, ...inShell])]), shell };
}

/** Puts all pages together, and leads out of them when the session ends. */
export function createAppRouter(queries: QueryClient, loadStrings: LoadStrings) {
  const { root, shell } = createRoutes(queries, loadStrings);
  const router = createRouter({
    routeTree: root,
    defaultPreload: false,
    defaultErrorComponent: PageError,
    defaultPendingComponent: PageFetching,
    defaultNotFoundComponent: PageMissing,
    defaultPendingMs: 300,
    scrollRestoration: true,
  });

  prepare(router);

  let leaving = false;
  /**
   * The session ended, by us or by somebody else: nothing of it may stay on the screen. It is told of several times (by
   * us, by the socket, by each request that is refused) and leads out once: what the sign-in page has asked by then is
   * not the session's.
   */
  const leave = (): void => {
    const { matches, location } = router.state;
    const inside = matches.some((match) => match.routeId === shell.id);
    live.stop();
    forgetSession();
    queries.setQueryData(['session'], null);
    if (!inside || leaving || location.pathname === signInPath) return;
    leaving = true;
    void queries.cancelQueries();
    // The session's own entry stays: what watches it must see that it is empty now.
    queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
    queries.getMutationCache().clear();
    void router
      .navigate({ to: signInPath, search: { back: wayBack(location.href) }, replace: true })
      .finally(() => {
        leaving = false;
      });
  };
  onSignedOut(leave);
  live.onConnection(() => {
    if (live.connection.status === 'ended' && live.connection.why === 'signed-out') leave();
  });
  return { router, leave };
}
