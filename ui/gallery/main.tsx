import { type ReactNode, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { type PersonVerbs, PersonVerbsProvider, ToastProvider, UiProvider } from '../src/index.ts';
import { CallPage } from './call-page.tsx';
import { ChatPage } from './chat-page.tsx';
import { FindPage } from './find-page.tsx';
import { Parts } from './parts.tsx';
import { RefusalPage } from './refusal-page.tsx';

const query = new URLSearchParams(window.location.search);
const scheme = query.get('scheme');

/** `?page=` parts, chat, chat-list, thread, call, find or refusal; `&scheme=` light or dark; `&dir=rtl`. */
const pages: Record<string, () => ReactNode> = {
  parts: () => <Parts />,
  chat: () => <ChatPage />,
  'chat-list': () => <ChatPage view="list" />,
  thread: () => <ChatPage view="side" />,
  call: () => <CallPage />,
  find: () => <FindPage />,
  refusal: () => <RefusalPage />,
};

if (query.get('dir') === 'rtl') document.documentElement.dir = 'rtl';

const nothing = () => {};
const verbs: PersonVerbs = { open: nothing, call: nothing, video: nothing, chat: nothing, mail: nothing };

const root = document.getElementById('root');
if (!root) throw new Error('The page has no root.');
createRoot(root).render(
  <StrictMode>
    <UiProvider forceColorScheme={scheme === 'dark' || scheme === 'light' ? scheme : undefined}>
      <PersonVerbsProvider verbsFor={() => verbs}>
        <ToastProvider>{(pages[query.get('page') ?? 'parts'] ?? pages.parts)?.()}</ToastProvider>
      </PersonVerbsProvider>
    </UiProvider>
  </StrictMode>,
);
