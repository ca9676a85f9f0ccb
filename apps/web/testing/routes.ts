import { QueryClient } from '@tanstack/react-query';
import { type AnyRoute, createRouter } from '@tanstack/react-router';
import { createRoutes } from '../src/router.tsx';

/** Every address of the app that draws something, as its router has them. */
export function routesOfTheApp(): string[] {
  const { root } = createRoutes(new QueryClient(), async () => {});
  const routes: readonly AnyRoute[] = Object.values(createRouter({ routeTree: root }).routesById);
  return routes.flatMap(({ fullPath, children }) => (children ? [] : [fullPath]));
}
