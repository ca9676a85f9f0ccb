import { defineModule } from '@liaison/core/web';
import {
  IconDeviceMobile,
  IconSettings,
  IconShield,
  IconShieldLock,
  IconUserCircle,
  IconUsers,
} from '@tabler/icons-react';
import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { usePeopleFound } from './directory/palette-source.tsx';
import { usePerson } from './shared/faces.ts';
import { useFoundPeople } from './shared/found-people.ts';
import { Freshness } from './shared/freshness.ts';
import { useIsAdministrator } from './shared/roles.ts';
import { usePersonVerbs } from './shared/verbs.ts';

const adminPages = {
  people: () => import('./admin/people-admin.tsx'),
  'people/$personId': () => import('./admin/person-admin.tsx'),
  import: () => import('./admin/import-page.tsx'),
  'import/$importId': () => import('./admin/import-page.tsx'),
  teams: () => import('./admin/teams-page.tsx'),
  'teams/$teamId': () => import('./admin/team-page.tsx'),
  invitations: () => import('./admin/invitations-page.tsx'),
  organisation: () => import('./admin/organisation-page.tsx'),
  log: () => import('./admin/log-page.tsx'),
  parked: () => import('./admin/parked-page.tsx'),
};

const settingsPages = {
  profile: () => import('./settings/profile-page.tsx'),
  security: () => import('./settings/security-page.tsx'),
  sessions: () => import('./settings/sessions-page.tsx'),
  devices: () => import('./settings/devices-page.tsx'),
  appearance: () => import('./settings/appearance-page.tsx'),
  data: () => import('./settings/data-page.tsx'),
};

export default defineModule({
  name: 'people',
  strings: {
    en: () => import('./strings/en.json', { with: { type: 'json' } }),
    fr: () => import('./strings/fr.json', { with: { type: 'json' } }),
    es: () => import('./strings/es.json', { with: { type: 'json' } }),
    pt: () => import('./strings/pt.json', { with: { type: 'json' } }),
  },
  navStrings: {
    en: () => import('./strings/people-nav.en.json', { with: { type: 'json' } }),
    fr: () => import('./strings/people-nav.fr.json', { with: { type: 'json' } }),
    es: () => import('./strings/people-nav.es.json', { with: { type: 'json' } }),
    pt: () => import('./strings/people-nav.pt.json', { with: { type: 'json' } }),
  },
  nav: [
    { path: '/people', icon: IconUsers, label: 'nav.people', group: 'keep', order: 40, keys: 'G K' },
    {
      path: '/admin',
      icon: IconShield,
      label: 'nav.admin',
      group: 'manage',
      order: 900,
      useShown: useIsAdministrator,
    },
  ],
  mine: [
    { path: '/settings/profile', icon: IconUserCircle, label: 'settings.profile', order: 10 },
    { path: '/settings/security', icon: IconShieldLock, label: 'settings.security', order: 20 },
    { path: '/settings/devices', icon: IconDeviceMobile, label: 'settings.devices', order: 30 },
    { path: '/settings', icon: IconSettings, label: 'settings.all', order: 90 },
  ],
  publicRoutes: (root) => [
    createRoute({
      getParentRoute: () => root,
      path: '/sign-in',
      component: lazyRouteComponent(() => import('./outside/sign-in-page.tsx'), 'SignInPage'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/setup',
      component: lazyRouteComponent(() => import('./outside/setup-page.tsx'), 'SetupPage'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/join',
      component: lazyRouteComponent(() => import('./outside/join-page.tsx'), 'JoinPage'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/welcome',
      component: lazyRouteComponent(() => import('./welcome/welcome-page.tsx'), 'WelcomePage'),
    }),
  ],
  routes: (shell) => {
    // The frame draws list and page from the address, so that the list stays where it was scrolled to.
    const people = createRoute({
      getParentRoute: () => shell,
      path: '/people',
      component: lazyRouteComponent(() => import('./directory/people-page.tsx'), 'PeoplePage'),
    });
    const teams = createRoute({
      getParentRoute: () => shell,
      path: '/people/teams',
      component: lazyRouteComponent(() => import('./teams/teams-page.tsx'), 'TeamsPage'),
    });
    const settings = createRoute({
      getParentRoute: () => shell,
      path: '/settings',
      component: lazyRouteComponent(() => import('./settings/settings-frame.tsx'), 'SettingsFrame'),
    });
    const admin = createRoute({
      getParentRoute: () => shell,
      path: '/admin',
      component: lazyRouteComponent(() => import('./admin/admin-frame.tsx'), 'AdminFrame'),
    });
    return [
      people.addChildren([
        createRoute({ getParentRoute: () => people, path: '/' }),
        createRoute({ getParentRoute: () => people, path: '$personId' }),
      ]),
      teams.addChildren([
        createRoute({ getParentRoute: () => teams, path: '/' }),
        createRoute({ getParentRoute: () => teams, path: '$teamId' }),
      ]),
      settings.addChildren([
        createRoute({
          getParentRoute: () => settings,
          path: '/',
          component: lazyRouteComponent(settingsPages.profile, 'Page'),
        }),
        ...Object.entries(settingsPages).map(([path, load]) =>
          createRoute({
            getParentRoute: () => settings,
            path,
            component: lazyRouteComponent(load, 'Page'),
          }),
        ),
        // Pages of other modules.
        createRoute({
          getParentRoute: () => settings,
          path: '$',
          component: lazyRouteComponent(() => import('./settings/settings-frame.tsx'), 'OtherSettings'),
        }),
      ]),
      admin.addChildren([
        createRoute({
          getParentRoute: () => admin,
          path: '/',
          beforeLoad: () => {
            throw redirect({ to: '/admin/people', replace: true });
          },
        }),
        // On telephones the list of pages is a page.
        createRoute({ getParentRoute: () => admin, path: 'menu', component: () => null }),
        ...Object.entries(adminPages).map(([path, load]) =>
          createRoute({ getParentRoute: () => admin, path, component: lazyRouteComponent(load, 'Page') }),
        ),
        // Pages of other modules.
        createRoute({
          getParentRoute: () => admin,
          path: '$',
          component: lazyRouteComponent(() => import('./admin/admin-frame.tsx'), 'OtherAdministration'),
        }),
      ]),
    ];
  },
  palette: [{ name: 'people', order: 10, useResults: usePeopleFound }],
  persons: { usePerson, usePersonVerbs, useFoundPeople },
  beside: [Freshness],
});
