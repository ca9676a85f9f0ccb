import { defineModule } from '@liaison/core/web';
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { everythingFound } from './palette-source.tsx';

/** The question stands in the address, so that it can be kept, sent and come back to. */
export interface SearchAddress {
  readonly q?: string;
}

export default defineModule({
  name: 'search',
  strings: {
    en: () => import('./strings/en.json', { with: { type: 'json' } }),
    fr: () => import('./strings/fr.json', { with: { type: 'json' } }),
    es: () => import('./strings/es.json', { with: { type: 'json' } }),
    pt: () => import('./strings/pt.json', { with: { type: 'json' } }),
  },
  navStrings: {
    en: () => import('./strings/search-nav.en.json', { with: { type: 'json' } }),
    fr: () => import('./strings/search-nav.fr.json', { with: { type: 'json' } }),
    es: () => import('./strings/search-nav.es.json', { with: { type: 'json' } }),
    pt: () => import('./strings/search-nav.pt.json', { with: { type: 'json' } }),
  },
  routes: (shell) => [
    createRoute({
      getParentRoute: () => shell,
      path: '/search',
      validateSearch: ({ q }: Record<string, unknown>): SearchAddress =>
        typeof q === 'string' || typeof q === 'number' ? { q: String(q).slice(0, 200) } : {},
      component: lazyRouteComponent(() => import('./search-page.tsx'), 'SearchPage'),
    }),
  ],
  palette: everythingFound,
});
