import { conversationItems } from '@liaison/chat';
import { contactNumberVerb, contactSections } from '@liaison/contacts';
import { defineModule, dossierSeat, fill, lineSeat } from '@liaison/core/web';
import { administrationPages, numberVerb, personSections } from '@liaison/people';
import { IconPhone } from '@tabler/icons-react';
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { CallsAdministration } from './admin/administration.tsx';
import { CallWatch } from './call-watch.tsx';
import { CallsProvider } from './calls-provider.tsx';
import { ContactNumberVerb, PersonNumberVerb } from './contact-number.tsx';
import { ConversationCalls } from './conversation-calls.tsx';
import { DossierSeat } from './dossier-seat.tsx';
import { CallsWith, CallsWithContact } from './last-calls.tsx';
import { LineSeat } from './line-seat.tsx';
import { useMissedBadge } from './missed-badge.ts';
import { callPalette } from './palette-source.tsx';
import { useCallVerb, useDialling } from './person-verbs.ts';

export default defineModule({
  name: 'calls',
  strings: {
    en: () => import('./strings/en.json', { with: { type: 'json' } }),
    fr: () => import('./strings/fr.json', { with: { type: 'json' } }),
    es: () => import('./strings/es.json', { with: { type: 'json' } }),
    pt: () => import('./strings/pt.json', { with: { type: 'json' } }),
  },
  nav: [
    {
      path: '/phone',
      icon: IconPhone,
      label: 'nav',
      group: 'talk',
      order: 10,
      keys: 'G P',
      useBadge: useMissedBadge,
    },
  ],
  routes: (shell) => [
    createRoute({
      getParentRoute: () => shell,
      path: '/phone',
      validateSearch: (search: Record<string, unknown>): { view?: 'recent' | 'telephones' } =>
        search.view === 'recent' || search.view === 'telephones' ? { view: search.view } : {},
      component: lazyRouteComponent(() => import('./phone-page.tsx'), 'PhonePage'),
    }),
  ],
  providers: [CallsProvider],
  beside: [CallWatch],
  fills: [
    fill(lineSeat, { component: LineSeat }),
    fill(dossierSeat, { component: DossierSeat }),
    fill(conversationItems, { component: ConversationCalls }),
    fill(administrationPages, {
      places: ['telephones', 'calls', 'calls/', 'captures'],
      component: CallsAdministration,
    }),
    fill(contactNumberVerb, { component: ContactNumberVerb }),
    fill(numberVerb, { component: PersonNumberVerb }),
    fill(personSections, { order: 20, component: CallsWith }),
    fill(contactSections, { order: 20, component: CallsWithContact }),
  ],
  palette: [callPalette],
  persons: { usePersonVerbs: useCallVerb, useDial: useDialling },
});
