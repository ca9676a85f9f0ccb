import { type Notice, showNotice, useLiveEvent, useSession } from '@liaison/core/web';
import { useRouter } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { excerptOf, type Message, messageSent, readMoved } from '../contract/index.ts';
import { messagePath } from './go.ts';
import { useConversations } from './state/chat-provider.tsx';
import { notificationsOn } from './state/notifications.ts';
import { knownView, usePeople } from './state/people.ts';

/** Another page of mine that shows the conversation says within this time that I have read it. */
const readElsewhereMs = 800;

interface Told {
  readonly seq: number;
  readonly timer: ReturnType<typeof setTimeout>;
  notice: Notice | null;
}

/** Tells me outside the page, while it is hidden, that somebody wrote to me: directly, or naming me. Without a sound, and not what I read elsewhere. */
export function Whisper(): null {
  const { t } = useTranslation('chat');
  const { personId } = useSession();
  const { history } = useRouter();
  const { data: list = [] } = useConversations();
  const people = usePeople(list.flatMap((each) => (each.kind === 'direct' ? each.memberIds : [])));
  /** The newest notice of each conversation. */
  const told = useRef(new Map<string, Told>());
  const forget = (conversationId: string): void => {
    const held = told.current.get(conversationId);
    if (!held) return;
    clearTimeout(held.timer);
    held.notice?.close();
    told.current.delete(conversationId);
  };
  useEffect(() => {
    const held = told.current;
    return () => {
      for (const each of held.values()) clearTimeout(each.timer);
    };
  }, []);
  useLiveEvent(readMoved, ({ data }) => {
    const held = told.current.get(data.conversationId);
    if (held && data.readSeq >= held.seq) forget(data.conversationId);
  });
  useLiveEvent<Message | null>(messageSent.name, ({ data: message }) => {
    if (!message || message.authorId === personId || message.deleted) return;
    if (document.visibilityState === 'visible' || !notificationsOn()) return;
    const conversation = list.find((each) => each.id === message.conversationId);
    const direct = conversation?.kind === 'direct' && message.threadId === null;
    if (!direct && !message.mentions.includes(personId)) return;
    const author = message.authorId === null ? undefined : people.get(message.authorId);
    const title = author?.name ?? conversation?.title ?? t('title');
    const photo = knownView(author)?.photo;
    const path = messagePath(message);
    const show = (): Notice =>
      showNotice({
        title,
        body: excerptOf(message.body) || t('list.file'),
        // One notice per conversation: the newest takes the place of the one before.
        tag: `liaison.chat.${message.conversationId}`,
        path,
        silent: true,
        ...(photo ? { icon: photo } : {}),
        onPress: () => history.push(path),
      });
    clearTimeout(told.current.get(message.conversationId)?.timer);
    const next: Told = {
      seq: message.seq,
      notice: null,
      timer: setTimeout(() => {
        next.notice = show();
      }, readElsewhereMs),
    };
    told.current.set(message.conversationId, next);
  });
  return null;
}
