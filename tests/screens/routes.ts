import { type Screen, screens } from './screens.ts';

/** A route as it matches an address: `$name` is one part, a `$` at the end is the rest. */
const patternOf = (route: string): RegExp =>
  new RegExp(
    `^${route
      .replace(/[.*+?^()[\]{}|\\]/g, '\\$&')
      .replace(/\/$/, '')
      .replaceAll(/\$\w+/g, '[^/]+')}/?$`,
  );

/** Routes behind which one part draws the pages of several modules: there an address counts, and not the route. */
const isOpen = (route: string): boolean => route.endsWith('/$');

/** Of the app's routes those that no screen shows, and of the screens' those that the app does not have. */
export function unevenRoutes(routes: readonly string[], shown: readonly Screen[] = screens): string[] {
  const inApp = new Set(routes);
  const onScreens = new Set(shown.map(({ route }) => route));
  return [
    ...[...inApp].filter((route) => !onScreens.has(route)).map((route) => `no screen shows ${route}`),
    ...[...onScreens].filter((route) => !inApp.has(route)).map((route) => `the app has no ${route}`),
  ];
}

/** Of the addresses that the pages lead to, those that no screen shows, each once. */
export function missingFrom(addresses: readonly string[], shown: readonly Screen[] = screens): string[] {
  const patterns = shown.filter(({ route }) => !isOpen(route)).map(({ route }) => patternOf(route));
  const exact = new Set(
    shown.flatMap(({ route, address }) => (isOpen(route) && typeof address === 'string' ? [address] : [])),
  );
  return [...new Set(addresses)].filter(
    (path) =>
      !path.startsWith('/api/') &&
      !exact.has(path) &&
      !/^\/admin\/calls\/[\w-]+$/.test(path) &&
      !patterns.some((pattern) => pattern.test(path)),
  );
}
