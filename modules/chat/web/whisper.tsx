import { type Notice, Slot, showNotice, useLiveEvent, useSession } from '@liaison/core/web';
import { useRouter } from '@tanstack/react-router';
import { useCallback, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import {
  excerptOf,
  type Message,
  messageSent,
  readMoved,
  type Whispered,
  whisperGate,
} from '../contract/index.ts';
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

const always = async (): Promise<boolean> => true;

/**
 * Tells me outside the page, while it is hidden, that somebody wrote to me: directly, or naming me. Without a sound, and not
 * what I read elsewhere, nor what `whisperGate` holds back.
 */
export function Whisper() {
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
  const may = useRef<(whispered: Whispered) => Promise<boolean>>(always);
  const decide = useCallback((given: typeof may.current) => {
    may.current = given;
    return () => {
      may.current = always;
    };
  }, []);
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
  useLiveEvent<Message | null>(messageSent.name, ({ data: message, space }) => {
    if (!message || message.authorId === personId || message.deleted) return;
    if (document.visibilityState === 'visible' || !notificationsOn()) return;
    const conversation = list.find((each) => each.id === message.conversationId);
    const direct = conversation?.kind === 'direct' && message.threadId === null;
    const isNamed = message.mentions.includes(personId);
    if (!direct && !isNamed) return;
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
    const before = told.current.get(message.conversationId);
    clearTimeout(before?.timer);
    const next: Told = {
      seq: message.seq,
      // Stands until this one takes its place, and goes with it if nothing does.
      notice: before?.notice ?? null,
      timer: setTimeout(async () => {
        const isWanted = await may.current({
          kind: isNamed ? 'chat.mention' : 'chat.direct-message',
          spaceId: space,
          containerId: message.conversationId,
        });
        // Read elsewhere meanwhile, or followed by another.
        if (isWanted && told.current.get(message.conversationId) === next) next.notice = show();
      }, readElsewhereMs),
    };
    told.current.set(message.conversationId, next);
  });
  return <Slot slot={whisperGate} decide={decide} />;
}
