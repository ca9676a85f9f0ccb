import { Slot, useKeys, usePageTitle, usePersonView, useReachability, useSession } from '@liaison/core/web';
import {
  Button,
  Face,
  FaceStack,
  IconButton,
  Menu,
  PageHeader,
  PersonFace,
  PersonState,
  ReachWord,
  usePersonVerbs,
} from '@liaison/ui';
import {
  IconBell,
  IconBellOff,
  IconDots,
  IconPhone,
  IconSearch,
  IconUser,
  IconUsers,
  IconUsersGroup,
  IconVideo,
} from '@tabler/icons-react';
import { type DragEvent, type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Conversation, Message } from '../../contract/index.ts';
import classes from '../chat.module.css';
import { type ChatSearch, chatPath, useGo } from '../go.ts';
import { conversationVerbs } from '../slots.ts';
import { useChat, useMarkRead } from '../state/chat-provider.tsx';
import { otherIn } from '../state/names.ts';
import { canNotify, notificationsOn, switchNotifications } from '../state/notifications.ts';
import { knownView, usePeople } from '../state/people.ts';
import type { TimelineStore } from '../state/timeline-store.ts';
import { ComposerBox, type ComposerHandle } from './composer-box.tsx';
import { Log, type LogHandle } from './log.tsx';
import { LogContext } from './log-context.ts';
import { TypingLine } from './typing-line.tsx';

/** Free people are counted one by one up to this many members. */
const maxCounted = 60;

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

  const store = useTimelineStore(conversation, search.m);
  const [readMark] = useState(() =>
    conversation.unread > 0 || conversation.unreadMentions > 0
      ? { seq: conversation.readSeq, at: conversation.readAt }
      : null,
  );
  const markRead = useMarkRead();
  const log = useRef<LogHandle>(null);
  const composer = useRef<ComposerHandle>(null);
  const [editing, setEditing] = useState<Message | null>(null);

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
  const drop = useDropped((files) => composer.current?.attach(files));

  return (
    <div className={classes.page} {...(conversation.canWrite ? drop.handlers : {})}>
      <Header conversation={conversation} title={title} other={other} names={names} />
      <LogContext value={view}>
        {store ? (
          <Log
            handle={log}
            store={store}
            conversationId={conversation.id}
            threadId={null}
            label={t('log.label', { name: title })}
            readMark={readMark}
            target={search.m}
            waiting={conversation.unread}
            onSeen={(seq) => markRead(conversation, seq)}
          />
        ) : (
          <div className={classes.logBox} />
        )}
      </LogContext>
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
      {drop.over ? <div className={classes.drop}>{t('upload.drop', { name: title })}</div> : null}
    </div>
  );
}

/** The timeline while it is on screen; a link to a message shows what lies around it. */
function useTimelineStore(conversation: Conversation, target: number | undefined): TimelineStore | null {
  const chat = useChat();
  const { id } = conversation;
  const [store, setStore] = useState<TimelineStore | null>(null);
  const opening = useRef({ unread: conversation.unread, readSeq: conversation.readSeq, target });
  useEffect(() => {
    const opened = chat.open(id, null);
    const { unread, readSeq, target: wanted } = opening.current;
    setStore(opened.store);
    void opened.store.jump(wanted ?? (unread > 20 ? readSeq : undefined));
    return opened.end;
  }, [chat, id]);
  const shown = useRef(target);
  useEffect(() => {
    if (!store || target === undefined || target === shown.current) return;
    shown.current = target;
    if (!store.state.messages.some((message) => message.seq === target)) void store.jump(target);
  }, [store, target]);
  return store;
}

interface HeaderProps {
  conversation: Conversation;
  title: string;
  other: string | undefined;
  names: ReturnType<typeof usePeople>;
}

function Header({ conversation, title, other, names }: HeaderProps) {
  const { t } = useTranslation('chat');
  const go = useGo();
  const [freeIds, setFreeIds] = useState<readonly string[]>([]);
  const actions = (
    <>
      <Slot slot={conversationVerbs} conversation={conversation} freeIds={freeIds} />
      <IconButton
        aria-label={t('header.search')}
        onClick={() => go(chatPath(conversation.id, { side: 'search' }))}
        aria-keyshortcuts="/"
      >
        <IconSearch size={18} />
      </IconButton>
      <MoreMenu conversation={conversation} other={other} title={title} />
    </>
  );
  if (other) {
    return <DirectHeader title={title} other={other} names={names} actions={actions} />;
  }
  const people = conversation.memberIds.slice(0, 4).flatMap((id) => {
    const known = knownView(names.get(id));
    return known ? [{ id, ...known }] : [];
  });
  return (
    <>
      {conversation.memberIds.length <= maxCounted ? (
        <FreeCount ids={conversation.memberIds} onCount={setFreeIds} />
      ) : null}
      <PageHeader
        face={<Face name={title} id={conversation.id} square icon={<IconUsersGroup size={19} />} />}
        title={title}
        meta={
          <>
            <button
              type="button"
              className={classes.metaButton}
              onClick={() => go(chatPath(conversation.id, { side: 'members' }))}
            >
              {t('members', { count: conversation.memberCount })}
            </button>
            {freeIds.length > 0 ? (
              <>
                {' · '}
                <ReachWord state="free">{t('header.free', { count: freeIds.length })}</ReachWord>
              </>
            ) : null}
          </>
        }
        actions={
          <>
            <FaceStack people={people} size={28} />
            {actions}
          </>
        }
      />
    </>
  );
}

function DirectHeader({
  title,
  other,
  names,
  actions,
}: Pick<HeaderProps, 'title' | 'names'> & { other: string; actions: ReactNode }) {
  const { t } = useTranslation('chat');
  const known = names.get(other);
  const person = usePersonView(other, knownView(known)) ?? { id: other, name: title };
  const verbs = usePersonVerbs(person);
  const place = [known?.title, known?.office].filter(Boolean).join(', ');
  return (
    <PageHeader
      face={<PersonFace person={person} />}
      title={title}
      meta={
        <>
          <PersonState person={person} />
          {place ? `${person.reach || person.lastKnown ? ' · ' : ''}${place}` : ''}
        </>
      }
      actions={
        <>
          {verbs.call ? (
            <span className={classes.wide}>
              <Button variant="default" leftSection={<IconPhone size={17} />} onClick={verbs.call}>
                {t('header.call')}
              </Button>
            </span>
          ) : null}
          {verbs.call ? (
            <span className={classes.narrow} data-keep="">
              <IconButton aria-label={t('header.callName', { name: title })} onClick={verbs.call}>
                <IconPhone size={20} />
              </IconButton>
            </span>
          ) : null}
          {verbs.video ? (
            <IconButton aria-label={t('header.videoName', { name: title })} onClick={verbs.video}>
              <IconVideo size={18} />
            </IconButton>
          ) : null}
          {actions}
        </>
      }
    />
  );
}

function MoreMenu({ conversation, other, title }: Pick<HeaderProps, 'conversation' | 'other' | 'title'>) {
  const { t } = useTranslation('chat');
  const go = useGo();
  const [on, setOn] = useState(notificationsOn);
  const { open } = usePersonVerbs({ id: other ?? '', name: title });
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <IconButton aria-label={t('header.more')}>
          <IconDots size={18} />
        </IconButton>
      </Menu.Target>
      <Menu.Dropdown>
        {other && open ? (
          <Menu.Item leftSection={<IconUser size={16} />} onClick={open}>
            {t('header.profile', { name: title })}
          </Menu.Item>
        ) : null}
        <Menu.Item
          leftSection={<IconUsers size={16} />}
          onClick={() => go(chatPath(conversation.id, { side: 'members' }))}
        >
          {t('header.members')}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconSearch size={16} />}
          onClick={() => go(chatPath(conversation.id, { side: 'search' }))}
        >
          {t('header.search')}
        </Menu.Item>
        {canNotify() ? (
          <Menu.Item
            leftSection={on ? <IconBellOff size={16} /> : <IconBell size={16} />}
            onClick={() => void switchNotifications(!on).then(setOn)}
          >
            {t(on ? 'notify.stop' : 'notify.start')}
          </Menu.Item>
        ) : null}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Counts who of the members is free: each tells by itself, because states change one by one. */
function FreeCount({
  ids,
  onCount,
}: {
  ids: readonly string[];
  onCount: (freeIds: readonly string[]) => void;
}) {
  const me = useSession().personId;
  const free = useRef(new Set<string>());
  const tell = useCallback(
    (id: string, isFree: boolean) => {
      const before = free.current.has(id);
      if (before === isFree) return;
      if (isFree) free.current.add(id);
      else free.current.delete(id);
      onCount([...free.current]);
    },
    [onCount],
  );
  return ids.filter((id) => id !== me).map((id) => <FreeProbe key={id} id={id} tell={tell} />);
}

function FreeProbe({ id, tell }: { id: string; tell: (id: string, isFree: boolean) => void }): null {
  const { reach } = useReachability(id);
  const isFree = reach?.state === 'free';
  useEffect(() => {
    tell(id, isFree);
    return () => tell(id, false);
  }, [id, isFree, tell]);
  return null;
}

/** Files dragged over the page. */
function useDropped(onFiles: (files: readonly File[]) => void) {
  const [over, setOver] = useState(false);
  const depth = useRef(0);
  const hasFiles = (event: DragEvent): boolean => event.dataTransfer.types.includes('Files');
  return {
    over,
    handlers: {
      onDragEnter(event: DragEvent) {
        if (!hasFiles(event)) return;
        event.preventDefault();
        depth.current += 1;
        setOver(true);
      },
      onDragOver(event: DragEvent) {
        if (hasFiles(event)) event.preventDefault();
      },
      onDragLeave(event: DragEvent) {
        if (!hasFiles(event)) return;
        depth.current = Math.max(0, depth.current - 1);
        if (depth.current === 0) setOver(false);
      },
      onDrop(event: DragEvent) {
        depth.current = 0;
        setOver(false);
        if (!hasFiles(event)) return;
        event.preventDefault();
        onFiles([...event.dataTransfer.files]);
      },
    },
  };
}
