import { callDossier, refuseWithWord } from '@liaison/calls';
import { defineModule, fill, type NavBadge } from '@liaison/core/web';
import { filesElsewhere, placesElsewhere } from '@liaison/files';
import { personSections } from '@liaison/people';
import { IconMessageCircle } from '@tabler/icons-react';
import { type AnyRoute, createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { ConversationsPage, ConversationsPlace, source } from './files/place.tsx';
import type { ChatSearch } from './go.ts';
import { conversationSource } from './palette.tsx';
import { RefuseWithWord, SharedWords, SharedWordsWith } from './shared-with.tsx';
import { ChatProvider, useUnread } from './state/chat-provider.tsx';
import { useChatVerb } from './verbs.ts';
import { Whisper } from './whisper.tsx';

function useChatBadge(): NavBadge | null {
  const { unread } = useUnread();
  return unread > 0 ? { count: unread } : null;
}

function readSearch(search: Record<string, unknown>): ChatSearch {
  const m = Number(search.m);
  return {
    ...(search.m !== undefined && Number.isSafeInteger(m) && m > 0 ? { m } : {}),
    ...(typeof search.thread === 'string' && /^[0-9a-f-]{36}$/.test(search.thread)
      ? { thread: search.thread }
      : {}),
    ...(search.side === 'members' || search.side === 'search' ? { side: search.side } : {}),
  };
}

function routes(shell: AnyRoute): readonly AnyRoute[] {
  // One page for the list alone and for each conversation, so that the list stays where it was scrolled to.
  const chat = createRoute({
    getParentRoute: () => shell,
    path: '/chat',
    validateSearch: readSearch,
    component: lazyRouteComponent(() => import('./chat-page.tsx'), 'ChatPage'),
  });
  const none = createRoute({ getParentRoute: () => chat, path: '/' });
  const one = createRoute({ getParentRoute: () => chat, path: '$conversationId' });
  return [chat.addChildren([none, one])];
}

export default defineModule({
  name: 'chat',
  strings: {
    en: () => import('./strings/en.json', { with: { type: 'json' } }),
    fr: () => import('./strings/fr.json', { with: { type: 'json' } }),
    es: () => import('./strings/es.json', { with: { type: 'json' } }),
    pt: () => import('./strings/pt.json', { with: { type: 'json' } }),
  },
  nav: [
    {
      path: '/chat',
      icon: IconMessageCircle,
      label: 'title',
      group: 'talk',
      order: 30,
      keys: 'G C',
      useBadge: useChatBadge,
    },
  ],
  routes,
  persons: { usePersonVerbs: useChatVerb },
  fills: [
    fill(callDossier, { order: 10, component: SharedWords }),
    fill(refuseWithWord, { component: RefuseWithWord }),
    fill(personSections, { order: 10, component: SharedWordsWith }),
    fill(placesElsewhere, { component: ConversationsPlace }),
    fill(filesElsewhere(source), { component: ConversationsPage }),
  ],
  palette: [conversationSource],
  providers: [ChatProvider],
  beside: [Whisper],
});
