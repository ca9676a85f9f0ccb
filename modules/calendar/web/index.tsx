import { callDossier } from '@liaison/calls';
import { defineModule, fill } from '@liaison/core/web';
import { administrationPages, personSections, settingsPages } from '@liaison/people';
import { IconCalendar } from '@tabler/icons-react';
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { HoursSettings } from './hours/hours-settings.tsx';
import { Reminders } from './reminders.tsx';
import { RoomsAdministration } from './rooms/rooms-administration.tsx';
import { AppointmentsWith, SharedAppointments } from './shared-appointments.tsx';
import { readSearch } from './state/search.ts';

export default defineModule({
  name: 'calendar',
  strings: {
    en: () => import('./strings/en.json', { with: { type: 'json' } }),
    fr: () => import('./strings/fr.json', { with: { type: 'json' } }),
    es: () => import('./strings/es.json', { with: { type: 'json' } }),
    pt: () => import('./strings/pt.json', { with: { type: 'json' } }),
  },
  navStrings: {
    en: () => import('./strings/calendar-nav.en.json', { with: { type: 'json' } }),
    fr: () => import('./strings/calendar-nav.fr.json', { with: { type: 'json' } }),
    es: () => import('./strings/calendar-nav.es.json', { with: { type: 'json' } }),
    pt: () => import('./strings/calendar-nav.pt.json', { with: { type: 'json' } }),
  },
  nav: [
    { path: '/calendar', icon: IconCalendar, label: 'nav.calendar', group: 'write', order: 30, keys: 'G E' },
  ],
  routes: (shell) => [
    createRoute({
      getParentRoute: () => shell,
      path: '/calendar',
      validateSearch: readSearch,
      component: lazyRouteComponent(() => import('./calendar-page.tsx'), 'CalendarPage'),
    }),
  ],
  fills: [
    fill(callDossier, { order: 5, component: SharedAppointments }),
    fill(personSections, { order: 5, component: AppointmentsWith }),
    fill(settingsPages, { order: 20, places: ['working-hours'], component: HoursSettings }),
    fill(administrationPages, { order: 40, places: ['rooms'], component: RoomsAdministration }),
  ],
  beside: [Reminders],
});
