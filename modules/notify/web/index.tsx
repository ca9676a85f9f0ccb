import { conversationMenu, whisperGate } from '@liaison/chat';
import { bellSeat, defineModule, fill } from '@liaison/core/web';
import { settingsPages } from '@liaison/people';
import { IconBell } from '@tabler/icons-react';
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { Bell } from './bell.tsx';
import { Ear } from './ear.tsx';
import { OfConversation } from './of-conversation.tsx';
import { NotifySettings } from './settings/notify-settings.tsx';
import { useNewsBadge } from './state/count.ts';
import { WhisperGate } from './whisper-gate.tsx';

export default defineModule({
  name: 'notify',
  strings: {
    en: () => import('./strings/en.json', { with: { type: 'json' } }),
    fr: () => import('./strings/fr.json', { with: { type: 'json' } }),
    es: () => import('./strings/es.json', { with: { type: 'json' } }),
    pt: () => import('./strings/pt.json', { with: { type: 'json' } }),
  },
  navStrings: {
    en: () => import('./strings/notify-nav.en.json', { with: { type: 'json' } }),
    fr: () => import('./strings/notify-nav.fr.json', { with: { type: 'json' } }),
    es: () => import('./strings/notify-nav.es.json', { with: { type: 'json' } }),
    pt: () => import('./strings/notify-nav.pt.json', { with: { type: 'json' } }),
  },
  nav: [
    {
      path: '/news',
      icon: IconBell,
      label: 'news',
      group: 'talk',
      order: 35,
      keys: 'G N',
      onlyTabs: true,
      useBadge: useNewsBadge,
    },
  ],
  routes: (shell) => [
    createRoute({
      getParentRoute: () => shell,
      path: '/news',
      component: lazyRouteComponent(() => import('./news-page.tsx'), 'NewsPage'),
    }),
    createRoute({
      getParentRoute: () => shell,
      path: '/news/$newsId',
      component: lazyRouteComponent(() => import('./digest-page.tsx'), 'DigestPage'),
    }),
  ],
  fills: [
    fill(bellSeat, { component: Bell }),
    fill(settingsPages, { order: 10, places: ['notifications'], component: NotifySettings }),
    fill(conversationMenu, { component: OfConversation }),
    fill(whisperGate, { component: WhisperGate }),
  ],
  beside: [Ear],
});
