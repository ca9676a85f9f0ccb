import { useKeys, usePageTitle, usePersonView, useSession } from '@liaison/core/web';
import { DropHint, useFileDrop } from '@liaison/ui';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Conversation, Message } from '../../contract/index.ts';
import classes from '../chat.module.css';
import { type ChatSearch, chatPath, useGo, useVisitToWrite } from '../go.ts';
import { useMarkRead } from '../state/chat-provider.tsx';
import { otherIn } from '../state/names.ts';
import { knownView, usePeople } from '../state/people.ts';
import { ComposerBox, type ComposerHandle } from './composer-box.tsx';
import { ConversationHeader } from './conversation-header.tsx';
import { Log, type LogHandle } from './log.tsx';
import { LogContext } from './log-context.ts';
import { NamedInThread } from './named-in-thread.tsx';
import { TypingLine } from './typing-line.tsx';
import { useTimelineStore } from './use-timeline-store.ts';

/** One conversation: its header, its messages, and where one writes. */
export function ConversationPage({
  conversation,
  search,
}: {
  conversation: Conversation;
  search: ChatSearch;
}) {
  const { t } = useTranslation('chat');
  const { personId } = useSession();
  const go = useGo();
  const names = usePeople(conversation.memberIds);
  const other = otherIn(conversation, personId);
  const otherView = usePersonView(other ?? '', knownView(names.get(other ?? '')));
  const title = conversation.kind === 'team' ? conversation.title : (otherView?.name ?? t('somebody'));
  usePageTitle(title);

  // A link to a reply is for the thread: here nothing is to be shown around its number.
  const target = search.thread === undefined ? search.m : undefined;
  const [opensAt] = useState(() => target ?? (conversation.unread > 20 ? conversation.readSeq : undefined));
  const store = useTimelineStore(conversation.id, null, { at: opensAt, target });
  const [readMark] = useState(() =>
    conversation.unread > 0 || conversation.unreadMentions > 0
      ? { seq: conversation.readSeq, at: conversation.readAt }
      : null,
  );
  const markRead = useMarkRead();
  const log = useRef<LogHandle>(null);
  const composer = useRef<ComposerHandle>(null);
  const [editing, setEditing] = useState<Message | null>(null);
  const visit = useVisitToWrite();
  useEffect(() => {
    if (visit !== undefined) composer.current?.focus();
  }, [visit]);

  const openThread = useCallback(
    (message: Message) => go(chatPath(conversation.id, { thread: message.id })),
    [go, conversation.id],
  );
  const view = useMemo(
    () => ({ conversation, names, openThread, edit: setEditing }),
    [conversation, names, openThread],
  );
  const editLast = (): void => {
    const message = log.current?.myLast();
    if (message) setEditing(message);
  };
  const group = t('title');
  useKeys([
    { keys: 'J', label: t('keys.next'), group, run: () => log.current?.step(1) },
    { keys: 'K', label: t('keys.previous'), group, run: () => log.current?.step(-1) },
    {
      keys: 'R',
      label: t('keys.reply'),
      group,
      run: () => {
        const message = log.current?.focused();
        if (message && !message.deleted) openThread(message);
        else composer.current?.focus();
      },
    },
    { keys: 'E', label: t('keys.edit'), group, run: editLast },
    {
      keys: '/',
      label: t('keys.search'),
      group,
      run: () => go(chatPath(conversation.id, { side: 'search' })),
    },
  ]);
  const drop = useFileDrop(
    conversation.canWrite ? ({ files }) => composer.current?.attach([...files]) : null,
  );

  return (
    <div className={classes.page} {...drop.handlers}>
      <ConversationHeader conversation={conversation} title={title} other={other} names={names} />
      <LogContext value={view}>
        {store ? (
          <Log
            handle={log}
            store={store}
            conversationId={conversation.id}
            threadId={null}
            label={t('log.label', { name: title })}
            readMark={readMark}
            target={target}
            waiting={conversation.unread}
            onSeen={(seq) => markRead(conversation, seq)}
          />
        ) : (
          <div className={classes.logBox} />
        )}
      </LogContext>
      <NamedInThread conversation={conversation} openThread={search.thread} />
      <TypingLine conversationId={conversation.id} threadId={null} names={names} />
      <ComposerBox
        handle={composer}
        conversation={conversation}
        threadId={null}
        label={t('composer.to', { name: title })}
        people={names}
        editing={editing}
        onEdited={() => setEditing(null)}
        onUp={editLast}
        onSent={() => log.current?.toNewest()}
      />
      <DropHint drop={drop}>{t('upload.drop', { name: title })}</DropHint>
    </div>
  );
}
