import { defineModule, type NavGroup, type PaletteSource, type WebModule } from '@liaison/core/web';
import {
  IconCalendar,
  IconFolder,
  IconMessageCircle,
  IconPhone,
  IconShield,
  IconUsers,
} from '@tabler/icons-react';
import { createRoute, lazyRouteComponent, useRouter } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
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

/** Finds what is typed after "held" when the test lets it; until then what it found before stays, as in every module. */
const useHeld: PaletteSource['useResults'] = (query) => {
  const { history } = useRouter();
  const [found, setFound] = useState('');
  const asked = query.startsWith('held ') ? query.slice(5) : '';
  useEffect(() => {
    let isOver = false;
    if (asked !== '') void fetch(`/held/${asked}`).then(() => isOver || setFound(asked));
    return () => {
      isOver = true;
    };
  }, [asked]);
  if (asked === '') return null;
  const onSelect = () => history.push(`/files?found=${found}`);
  return {
    id: 'held',
    title: 'Held',
    busy: found !== asked,
    rows:
      found === ''
        ? []
        : [{ id: found, face: null, title: found, verbs: [{ id: 'open', label: 'Open', onSelect }] }],
  };
};

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
    name: 'held',
    strings: { en: nothing, fr: nothing, es: nothing, pt: nothing },
    palette: [{ name: 'held', order: 10, useResults: useHeld }],
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
