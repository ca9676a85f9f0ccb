import { Slot, usePersonView } from '@liaison/core/web';
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
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Conversation, conversationMenu, conversationVerbs } from '../../contract/index.ts';
import classes from '../chat.module.css';
import { chatPath, useGo } from '../go.ts';
import { canNotify, notificationsOn, switchNotifications } from '../state/notifications.ts';
import { knownView, type usePeople } from '../state/people.ts';
import { FreeCount } from './free-count.tsx';

/** Free people are counted one by one up to this many members. */
const maxCounted = 60;

interface HeaderProps {
  conversation: Conversation;
  title: string;
  other: string | undefined;
  names: ReturnType<typeof usePeople>;
}

/** Who or what the conversation is with, and what can be done with all of it. */
export function ConversationHeader({ conversation, title, other, names }: HeaderProps) {
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
        <Slot slot={conversationMenu} conversation={conversation} />
      </Menu.Dropdown>
    </Menu>
  );
}
