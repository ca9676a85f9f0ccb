import { useApi, useProblemText } from '@liaison/core/web';
import { DayDivider, ErrorNote, Progress, SidePane, useLabels } from '@liaison/ui';
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { type Conversation, listThread, type Message } from '../../contract/index.ts';
import classes from '../chat.module.css';
import { useChat, useMarkRead } from '../state/chat-provider.tsx';
import { usePeople } from '../state/people.ts';
import { createTimelineStore } from '../state/timeline-store.ts';
import { ComposerBox, type ComposerHandle } from './composer-box.tsx';
import { Log, type LogHandle } from './log.tsx';
import { LogContext } from './log-context.ts';
import { MessageRow } from './message-row.tsx';
import { TypingLine } from './typing-line.tsx';
import { useTimelineStore } from './use-timeline-store.ts';

/** A message and the replies to it, beside the conversation. */
export function ThreadPane({
  conversation,
  rootId,
  target,
}: {
  conversation: Conversation;
  rootId: string;
  target: number | undefined;
}) {
  const { t } = useTranslation('chat');
  const labels = useLabels();
  const problem = useProblemText();
  const names = usePeople(conversation.memberIds);
  const { root, error } = useRoot(conversation.id, rootId);
  const [opensAt] = useState(target);
  const store = useTimelineStore(conversation.id, rootId, { at: opensAt, target });
  const markRead = useMarkRead();
  const log = useRef<LogHandle>(null);
  const composer = useRef<ComposerHandle>(null);
  const [editing, setEditing] = useState<Message | null>(null);
  const view = useMemo(
    () => ({ conversation, names, openThread: null, edit: setEditing }),
    [conversation, names],
  );
  return (
    <SidePane
      title={t('thread.title')}
      meta={root ? t('thread.replies', { count: root.replies }) : undefined}
      foot={
        <>
          <TypingLine conversationId={conversation.id} threadId={rootId} names={names} />
          <ComposerBox
            handle={composer}
            conversation={conversation}
            threadId={rootId}
            label={t('thread.reply')}
            people={names}
            editing={editing}
            onEdited={() => setEditing(null)}
            onUp={() => setEditing(log.current?.myLast() ?? null)}
            onSent={() => log.current?.toNewest()}
            autoFocus
          />
        </>
      }
    >
      {error ? (
        <div className={classes.pad}>
          <ErrorNote title={problem(error).text} />
        </div>
      ) : null}
      {!root && !error ? <Progress bare label={t('loading')} /> : null}
      <LogContext value={view}>
        <div className={classes.thread}>
          {store ? (
            <Log
              handle={log}
              store={store}
              conversationId={conversation.id}
              threadId={rootId}
              label={t('thread.title')}
              readMark={null}
              target={target}
              waiting={0}
              above={root?.sentAt}
              head={
                root ? (
                  <div className={classes.root}>
                    <MessageRow
                      message={root}
                      continued={false}
                      newDay={false}
                      firstNew={false}
                      since=""
                      marked={false}
                      recent={false}
                      after={undefined}
                      shownFrom={null}
                      shownTo={null}
                    />
                    {root.replies > 0 ? <DayDivider>{labels.replies(root.replies)}</DayDivider> : null}
                  </div>
                ) : null
              }
              onSeen={(seq) => {
                // Only where it is the newest of all: below it lies what the conversation itself has not shown yet.
                if (conversation.unread === 0 && seq >= conversation.readSeq) markRead(conversation, seq);
              }}
            />
          ) : null}
        </div>
      </LogContext>
    </SidePane>
  );
}

/** The message that began the thread, as it is now. */
function useRoot(conversationId: string, rootId: string): { root: Message | undefined; error: Error | null } {
  const chat = useChat();
  const { data, error } = useApi(
    listThread,
    { params: { messageId: rootId }, query: { limit: 1 } },
    { staleMs: Number.POSITIVE_INFINITY },
  );
  // Kept true by the same rules as any list: a list of one.
  const [store] = useState(() =>
    createTimelineStore({
      belongs: (message) => message.id === rootId,
      fetch: async () => ({ messages: [], older: false, newer: false }),
    }),
  );
  useEffect(() => chat.follow(conversationId, store), [chat, conversationId, store]);
  const first = data?.root;
  useEffect(() => {
    if (first) void store.jump().then(() => store.take(first));
  }, [first, store]);
  const state = useSyncExternalStore(store.subscribe, () => store.state);
  return { root: state.messages[0] ?? first, error };
}
