import { api, useProblemText, useSession } from '@liaison/core/web';
import { type PersonVerbs, type PersonView, useToasts } from '@liaison/ui';
import { useCallback } from 'react';
import { openDirect } from '../contract/index.ts';
import { chatPath, useGo } from './go.ts';
import { usePutConversation } from './state/chat-provider.tsx';

/** Opens the one conversation with somebody. */
export function useOpenDirect(): (personId: string) => Promise<void> {
  const put = usePutConversation();
  const go = useGo();
  const toasts = useToasts();
  const problem = useProblemText();
  return useCallback(
    async (personId) => {
      try {
        const conversation = await api(openDirect, { body: { personId } });
        put(conversation);
        go(chatPath(conversation.id), { toWrite: true });
      } catch (error) {
        toasts.show({ id: 'chat-open', tone: 'danger', text: problem(error).text });
      }
    },
    [put, go, toasts, problem],
  );
}

/** "Chat" on every face but one's own. Guests write only where they were invited to. */
export function useChatVerb(): (person: PersonView) => PersonVerbs {
  const { personId, role } = useSession();
  const open = useOpenDirect();
  return (person) => (person.id === personId || role === 'guest' ? {} : { chat: () => void open(person.id) });
}
