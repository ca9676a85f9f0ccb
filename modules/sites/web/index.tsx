import { defineModule, fill } from '@liaison/core/web';
import { administrationPages } from '@liaison/people';
import { SitesAdministration } from './administration.tsx';

export default defineModule({
  name: 'sites',
  strings: {
    en: () => import('./strings/en.json', { with: { type: 'json' } }),
    fr: () => import('./strings/fr.json', { with: { type: 'json' } }),
    es: () => import('./strings/es.json', { with: { type: 'json' } }),
    pt: () => import('./strings/pt.json', { with: { type: 'json' } }),
  },
  // The page's own words come with the page.
  navStrings: {
    en: () => import('./strings/sites-nav.en.json', { with: { type: 'json' } }),
    fr: () => import('./strings/sites-nav.fr.json', { with: { type: 'json' } }),
    es: () => import('./strings/sites-nav.es.json', { with: { type: 'json' } }),
    pt: () => import('./strings/sites-nav.pt.json', { with: { type: 'json' } }),
  },
  fills: [fill(administrationPages, { order: 50, places: ['sites'], component: SitesAdministration })],
});
