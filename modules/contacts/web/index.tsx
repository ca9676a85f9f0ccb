import { callDossier } from '@liaison/calls';
import { defineModule, fill } from '@liaison/core/web';
import { personSections } from '@liaison/people';
import { IconAddressBook } from '@tabler/icons-react';
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { CallerCard, CardOfPerson } from './dossier-card.tsx';
import { contactsFound } from './palette-source.tsx';

/** What the address says of a new card: for whom, with which number or address. */
export interface ContactsSearch {
  readonly number?: string;
  readonly name?: string;
  readonly email?: string;
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, 254) : undefined;

function readSearch(search: Record<string, unknown>): ContactsSearch {
  const [number, name, email] = [text(search.number), text(search.name), text(search.email)];
  return { ...(number ? { number } : {}), ...(name ? { name } : {}), ...(email ? { email } : {}) };
}

export default defineModule({
  name: 'contacts',
  strings: {
    en: () => import('./strings/en.json', { with: { type: 'json' } }),
    fr: () => import('./strings/fr.json', { with: { type: 'json' } }),
    es: () => import('./strings/es.json', { with: { type: 'json' } }),
    pt: () => import('./strings/pt.json', { with: { type: 'json' } }),
  },
  navStrings: {
    en: () => import('./strings/contacts-nav.en.json', { with: { type: 'json' } }),
    fr: () => import('./strings/contacts-nav.fr.json', { with: { type: 'json' } }),
    es: () => import('./strings/contacts-nav.es.json', { with: { type: 'json' } }),
    pt: () => import('./strings/contacts-nav.pt.json', { with: { type: 'json' } }),
  },
  nav: [
    {
      path: '/contacts',
      icon: IconAddressBook,
      label: 'nav.contacts',
      group: 'keep',
      order: 45,
      keys: 'G B',
    },
  ],
  routes: (shell) => {
    // One page for all of it, so that the list stays where it was scrolled to.
    const contacts = createRoute({
      getParentRoute: () => shell,
      path: '/contacts',
      validateSearch: readSearch,
      component: lazyRouteComponent(() => import('./contacts-page.tsx'), 'ContactsPage'),
    });
    return [
      contacts.addChildren([
        createRoute({ getParentRoute: () => contacts, path: '/' }),
        createRoute({ getParentRoute: () => contacts, path: 'new' }),
        createRoute({ getParentRoute: () => contacts, path: 'import' }),
        createRoute({ getParentRoute: () => contacts, path: 'duplicates' }),
        createRoute({ getParentRoute: () => contacts, path: 'birthdays' }),
        createRoute({ getParentRoute: () => contacts, path: '$contactId' }),
      ]),
    ];
  },
  fills: [
    fill(callDossier, { order: 8, component: CallerCard }),
    fill(personSections, { order: 30, component: CardOfPerson }),
  ],
  palette: [contactsFound],
});
