import { defineModule, type NavGroup, type WebModule } from '@liaison/core/web';
import {
  IconCalendar,
  IconFolder,
  IconMessageCircle,
  IconPhone,
  IconShield,
  IconUsers,
} from '@tabler/icons-react';
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

/** Modules that stand in for real ones, so that the shell is tried by itself. */

function standIn(
  word: string,
  group: NavGroup,
  order: number,
  more: { keys?: string; count?: number; icon: typeof IconPhone },
): WebModule {
  const name = word.toLowerCase();
  const strings = async () => ({ nav: word });
  return defineModule({
    name,
    strings: { en: strings, fr: strings, es: strings, pt: strings },
    nav: [
      {
        path: `/${name}`,
        icon: more.icon,
        label: 'nav',
        group,
        order,
        ...(more.keys ? { keys: more.keys } : {}),
        ...(more.count ? { useBadge: () => ({ count: more.count ?? 0 }) } : {}),
      },
    ],
    routes: (shell) => [
      createRoute({
        getParentRoute: () => shell,
        path: `/${name}`,
        component: lazyRouteComponent(() => import('./page.tsx'), 'Page'),
      }),
    ],
  });
}

const nothing = async () => ({});
const late = () => import('./late-words.ts');

/** Stands beside the pages, and has nothing to say yet. */
function Beside() {
  useTranslation('late');
  return null;
}

export const modules: readonly WebModule[] = [
  standIn('Phone', 'talk', 10, { icon: IconPhone, keys: 'G P', count: 1 }),
  standIn('Chat', 'talk', 20, { icon: IconMessageCircle, keys: 'G C', count: 3 }),
  standIn('Calendar', 'write', 30, { icon: IconCalendar }),
  standIn('People', 'keep', 40, { icon: IconUsers, keys: 'G K' }),
  standIn('Files', 'keep', 50, { icon: IconFolder }),
  standIn('Manage', 'manage', 900, { icon: IconShield }),
  defineModule({
    name: 'late',
    strings: { en: late, fr: late, es: late, pt: late },
    navStrings: { en: nothing, fr: nothing, es: nothing, pt: nothing },
    beside: [Beside],
  }),
  defineModule({
    name: 'outside',
    strings: { en: nothing, fr: nothing, es: nothing, pt: nothing },
    publicRoutes: (root) => [
      createRoute({
        getParentRoute: () => root,
        path: '/sign-in',
        component: lazyRouteComponent(() => import('./sign-in.tsx'), 'SignIn'),
      }),
    ],
  }),
];
