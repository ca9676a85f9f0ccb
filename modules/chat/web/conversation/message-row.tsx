import { api, useFormat, usePersonView, useProblemText, useSession } from '@liaison/core/web';
import { DayDivider, Dot, Mention, Message as MessageView, NewDivider, useToasts } from '@liaison/ui';
import { memo, type ReactNode, useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Message, setReaction } from '../../contract/index.ts';
import classes from '../chat.module.css';
import { useChat } from '../state/chat-provider.tsx';
import { knownView } from '../state/people.ts';
import { Attachments } from './attachments.tsx';
import { BetweenMessages } from './between.tsx';
import { useLogView } from './log-context.ts';
import { MessageActions } from './message-actions.tsx';
import { drawnReactions } from './reactions.tsx';
import type { LogRow } from './rows.ts';
import { WrittenText } from './written-text.tsx';

/** The key of a message's row: one that was queued keeps it when the server has it. */
export const rowKey = (message: Pick<Message, 'authorId' | 'clientKey' | 'id'>, me: string): string =>
  message.authorId === me ? message.clientKey : message.id;

interface MessageRowProps extends LogRow {
  /** When I had read up to here, formatted, for the line above the first new one. */
  since: string;
  /** Just jumped to. */
  marked: boolean;
  /** Among the last ones: the state of its author matters now. */
  recent: boolean;
  /** When the message before it was sent, null before the first of all; undefined: nothing stands between them. */
  after: string | null | undefined;
  /** From when to when messages are on the page. */
  shownFrom: string | null;
  shownTo: string | null;
}

/** One message of a conversation or thread, with the dividers above it. */
export const MessageRow = memo(function MessageRow(props: MessageRowProps) {
  const { message, newDay, firstNew, since, marked, after, shownFrom, shownTo } = props;
  const { personId } = useSession();
  const format = useFormat();
  const [near, setNear] = useState(false);
  return (
    // Reached by J and K, not by Tab: a long conversation must not stand before everything after it.
    // biome-ignore lint/a11y/noStaticElementInteractions: pointing at a row only shows its verbs, which are buttons
    <div
      className={classes.row}
      data-key={rowKey(message, personId)}
      data-seq={message.seq}
      data-marked={marked || undefined}
      tabIndex={-1}
      onPointerEnter={() => setNear(true)}
      onPointerLeave={() => setNear(false)}
      onFocus={() => setNear(true)}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setNear(false);
      }}
    >
      {newDay ? <DayDivider>{format.dayTitle(message.sentAt)}</DayDivider> : null}
      {after === undefined ? null : (
        <BetweenMessages from={after} to={message.sentAt} shownFrom={shownFrom} shownTo={shownTo} />
      )}
      {firstNew ? <NewDivider since={since} /> : null}
      <Drawn {...props} near={near} />
    </div>
  );
});

function Drawn({ message, continued, recent, near }: MessageRowProps & { near: boolean }) {
  const { t } = useTranslation('chat');
  const { personId } = useSession();
  const format = useFormat();
  const chat = useChat();
  const toasts = useToasts();
  const problem = useProblemText();
  const { names, openThread, conversation } = useLogView();
  const author = useAuthor(message.authorId);
  const [menu, setMenu] = useState(false);
  const react = useCallback(
    (emoji: string) => {
      const on = !message.reactions.some((each) => each.emoji === emoji && each.personIds.includes(personId));
      api(setReaction, { params: { messageId: message.id }, body: { emoji, on } }).then(chat.take, (error) =>
        toasts.show({ tone: 'danger', text: problem(error).text }),
      );
    },
    [message, personId, chat, toasts, problem],
  );
  const repliers = message.repliers.map((id) => ({
    id,
    name: t('somebody'),
    ...knownView(names.get(id)),
  }));
  return (
    <MessageView
      by={author}
      time={format.time(message.sentAt)}
      dateTime={message.sentAt}
      continued={continued}
      showState={recent && (author.reach?.state === 'meeting' || author.reach?.state === 'dnd')}
      attachments={<Attachments attachments={message.attachments} />}
      reactions={drawnReactions(message, personId, t)}
      onReact={react}
      {...(openThread && message.replies > 0
        ? {
            replies: {
              count: message.replies,
              people: repliers,
              ...(message.lastReplyAt
                ? { last: t('thread.last', { time: format.row(message.lastReplyAt) }) }
                : {}),
            },
            onOpenReplies: () => openThread(message),
          }
        : {})}
      actions={
        (near || menu) && !message.deleted && conversation.canWrite ? (
          <MessageActions message={message} onReact={react} onMenu={setMenu} />
        ) : undefined
      }
    >
      <MessageText message={message} />
    </MessageView>
  );
}

/** Who wrote it: as people know them now, or a stand-in for somebody who is gone. */
export function useAuthor(authorId: string | null) {
  const { t } = useTranslation('chat');
  const { names } = useLogView();
  const person = usePersonView(authorId ?? '', knownView(names.get(authorId ?? '')));
  return person ?? { id: authorId ?? 'gone', name: t('somebody') };
}

export function MessageText({ message }: { message: Message }) {
  const { t } = useTranslation('chat');
  const mention = useMention();
  const { names } = useLogView();
  if (message.deleted) {
    const remover = message.removedById === null ? undefined : names.get(message.removedById)?.name;
    return (
      <span className={classes.quiet}>
        {message.removedById === null
          ? t('message.deleted')
          : remover === undefined
            ? t('message.removedByManager')
            : t('message.removedBy', { name: remover })}
      </span>
    );
  }
  return (
    <>
      {message.body === '' ? null : (
        <WrittenText text={message.body} mention={mention} by={message.authorId} />
      )}
      {message.editedAt ? <span className={classes.edited}>{t('message.edited')}</span> : null}
    </>
  );
}

/** Draws somebody who is named in a text, with the state of now. */
export function useMention(): (personId: string, name: string) => ReactNode {
  return useCallback((personId, name) => <MentionChip personId={personId} name={name} />, []);
}

function MentionChip({ personId, name }: { personId: string; name: string }) {
  const me = useSession().personId;
  const person = usePersonView(personId, { name });
  return (
    <Mention you={personId === me}>
      {person?.reach ? <Dot state={person.reach.state} size={9} /> : null}
      {person?.name ?? name}
    </Mention>
  );
}
