import { useLiveEvent, useSession } from '@liaison/core/web';
import { useRouter } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { excerptOf, type Message, messageSent } from '../contract/index.ts';
import { messagePath } from './go.ts';
import { useConversations } from './state/chat-provider.tsx';
import { notificationsOn } from './state/notifications.ts';
import { knownView, usePeople } from './state/people.ts';

/** Tells me outside the page, while it is hidden, that somebody wrote to me: directly, or naming me. Without a sound. */
export function Whisper(): null {
  const { t } = useTranslation('chat');
  const { personId } = useSession();
  const { history } = useRouter();
  const { data: list = [] } = useConversations();
  const people = usePeople(list.flatMap((each) => (each.kind === 'direct' ? each.memberIds : [])));
  useLiveEvent<Message | null>(messageSent.name, ({ data: message }) => {
    if (!message || message.authorId === personId || message.deleted) return;
    if (document.visibilityState === 'visible' || !notificationsOn()) return;
    const conversation = list.find((each) => each.id === message.conversationId);
    const direct = conversation?.kind === 'direct' && message.threadId === null;
    if (!direct && !message.mentions.includes(personId)) return;
    const author = message.authorId === null ? undefined : people.get(message.authorId);
    const title = author?.name ?? conversation?.title ?? t('title');
    const photo = knownView(author)?.photo;
    try {
      const shown = new Notification(title, {
        body: excerptOf(message.body) || t('list.file'),
        // One notice per conversation: the newest takes the place of the one before.
        tag: `liaison.chat.${message.conversationId}`,
        silent: true,
        ...(photo ? { icon: photo } : {}),
      });
      shown.onclick = () => {
        window.focus();
        history.push(messagePath(message));
        shown.close();
      };
    } catch {
      // Browsers on telephones have the class but let only a service worker show notices.
    }
  });
  return null;
}
