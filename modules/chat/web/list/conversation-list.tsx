import { useApi, useFormat, usePersonView, useProblemText, useSession } from '@liaison/core/web';
import { foldText } from '@liaison/people';
import {
  Button,
  Empty,
  ErrorNote,
  Face,
  IconButton,
  ListPane,
  PersonFace,
  Progress,
  ReachWord,
  Row,
  Rows,
  reachText,
  SectionTitle,
  Segments,
  TextInput,
  useLabels,
  usePanes,
} from '@liaison/ui';
import { IconEdit, IconSearch, IconUsersGroup } from '@tabler/icons-react';
import { type ReactNode, type RefObject, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Conversation, excerptOf, type Message, searchMessages } from '../../contract/index.ts';
import classes from '../chat.module.css';
import { chatPath, messagePath } from '../go.ts';
import { useSettled } from '../palette.tsx';
import { useConversations } from '../state/chat-provider.tsx';
import type { Conversations } from '../state/conversations.ts';
import { countAll, newIn } from '../state/conversations.ts';
import { otherIn, shortName } from '../state/names.ts';
import { knownView, usePeople } from '../state/people.ts';
import { NotifyOffer } from './notify-offer.tsx';

/** So many of the newest stand on top, whatever they are; below them teams and people apart. */
const recentCount = 4;

type Part = 'all' | 'unread' | 'mentions';
type Names = ReturnType<typeof usePeople>;

export function ConversationList({
  selectedId,
  onNew,
  field,
}: {
  selectedId: string | undefined;
  onNew: () => void;
  field: RefObject<HTMLInputElement | null>;
}) {
  const { t } = useTranslation('chat');
  const { personId, role } = useSession();
  const problem = useProblemText();
  const [part, setPart] = useState<Part>('all');
  const [typed, setTyped] = useState('');
  const { data, error, refetch } = useConversations();
  const list = useMemo(
    () => (data ?? []).filter((each) => !each.archived || each.id === selectedId),
    [data, selectedId],
  );
  const names = usePeople(
    list.flatMap((each) => [otherIn(each, personId), each.last?.authorId ?? undefined].filter(isId)),
  );
  const { unread, mentions } = countAll(data ?? []);
  const isPage = usePanes().main === 'list';
  const wanted = foldText(typed.trim());
  const nameOf = (each: Conversation): string =>
    each.kind === 'team' ? each.title : (names.get(otherIn(each, personId) ?? '')?.name ?? '');
  const matching = list.filter((each) => {
    if (wanted !== '') return foldText(nameOf(each)).includes(wanted);
    if (part === 'unread') return newIn(each) > 0 || each.id === selectedId;
    if (part === 'mentions') return each.unreadMentions > 0;
    return true;
  });
  const row = (each: Conversation) => (
    <ConversationRow
      key={each.id}
      conversation={each}
      names={names}
      selected={each.id === selectedId}
      href={rowPath(each, part === 'mentions')}
    />
  );
  const flat = wanted !== '' || part !== 'all' || matching.length <= recentCount + 2;
  return (
    <ListPane
      title={t('title')}
      actions={
        role === 'guest' ? null : (
          <IconButton aria-label={t('new.open')} onClick={onNew} aria-keyshortcuts="N">
            <IconEdit size={18} />
          </IconButton>
        )
      }
      tools={
        <>
          <div className={classes.find}>
            <TextInput
              ref={field}
              type="search"
              aria-label={t('list.search')}
              placeholder={t('list.search')}
              leftSection={<IconSearch size={16} />}
              value={typed}
              maxLength={100}
              onChange={(event) => setTyped(event.currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key === 'Escape') setTyped('');
              }}
            />
          </div>
          {wanted === '' ? (
            <Segments<Part>
              label={t('list.part')}
              value={part}
              onChange={setPart}
              items={[
                { id: 'all', label: t('list.all') },
                { id: 'unread', label: t('list.unread'), ...(unread > 0 ? { count: unread } : {}) },
                { id: 'mentions', label: t('list.mentions'), ...(mentions > 0 ? { count: mentions } : {}) },
              ]}
            />
          ) : null}
        </>
      }
    >
      <NotifyOffer />
      {error && !data ? (
        <div className={classes.pad}>
          <ErrorNote
            title={problem(error).text}
            actions={<Button onClick={() => void refetch()}>{t('again')}</Button>}
          />
        </div>
      ) : null}
      {data === undefined && !error ? <Progress bare label={t('loading')} /> : null}
      {flat ? <Rows label={t('title')}>{matching.map(row)}</Rows> : <Sections list={matching} row={row} />}
      {data !== undefined && matching.length === 0 && wanted === '' ? (
        isPage && list.length === 0 ? (
          <Empty
            title={t('empty.title')}
            actions={role === 'guest' ? undefined : <Button onClick={onNew}>{t('new.open')}</Button>}
          >
            {t('empty.why')}
          </Empty>
        ) : (
          <p className={classes.none}>{t(`list.none.${part}`)}</p>
        )
      ) : null}
      {wanted.length >= 2 ? <MessagesFound words={typed.trim()} list={list} nameOf={nameOf} /> : null}
    </ListPane>
  );
}

/** Where a row leads: to the conversation, or to where I am named when that is what is looked for or all that is new. */
const rowPath = (each: Conversation, byMention: boolean): string =>
  each.firstMention && (byMention || each.unread === 0)
    ? messagePath({ conversationId: each.id, ...each.firstMention })
    : chatPath(each.id);

const isId = (id: string | undefined): id is string => id !== undefined;

function Sections({ list, row }: { list: Conversations; row: (each: Conversation) => ReactNode }) {
  const { t } = useTranslation('chat');
  const rest = list.slice(recentCount);
  const teams = rest.filter((each) => each.kind === 'team');
  const people = rest.filter((each) => each.kind === 'direct');
  return (
    <>
      <Rows label={t('list.recent')}>{list.slice(0, recentCount).map(row)}</Rows>
      {teams.length > 0 ? (
        <>
          <SectionTitle>{t('list.teams')}</SectionTitle>
          <Rows label={t('list.teams')}>{teams.map(row)}</Rows>
        </>
      ) : null}
      {people.length > 0 ? (
        <>
          <SectionTitle>{t('list.people')}</SectionTitle>
          <Rows label={t('list.people')}>{people.map(row)}</Rows>
        </>
      ) : null}
    </>
  );
}

interface ConversationRowProps {
  conversation: Conversation;
  names: Names;
  selected: boolean;
  href: string;
}

function ConversationRow(props: ConversationRowProps) {
  const { personId } = useSession();
  const other = otherIn(props.conversation, personId);
  return other ? <DirectRow {...props} other={other} /> : <TeamRow {...props} />;
}

/** "Tomás: insurance covers the buoys", "You: …". */
function useLastWords({ conversation, names }: Pick<ConversationRowProps, 'conversation' | 'names'>): string {
  const { t } = useTranslation('chat');
  const { personId } = useSession();
  const { last, kind } = conversation;
  if (conversation.unread === 0 && conversation.firstMention) return t('list.named');
  if (!last) return '';
  const words = last.deleted ? t('message.deleted') : last.excerpt || t('list.file');
  if (last.authorId === personId) return t('list.byMe', { words });
  const author = last.authorId === null ? undefined : names.get(last.authorId)?.name;
  return kind === 'direct' || !author ? words : t('list.by', { name: shortName(author), words });
}

function TeamRow({ conversation, names, selected, href }: ConversationRowProps) {
  const { t } = useTranslation('chat');
  const format = useFormat();
  const words = useLastWords({ conversation, names });
  return (
    <Row
      href={href}
      selected={selected}
      face={
        <Face name={conversation.title} id={conversation.id} square icon={<IconUsersGroup size={19} />} />
      }
      name={conversation.title || t('somebody')}
      meta={conversation.last ? format.row(conversation.last.sentAt) : undefined}
      unread={newIn(conversation)}
      second={words || t('members', { count: conversation.memberCount })}
    />
  );
}

function DirectRow({ conversation, names, selected, href, other }: ConversationRowProps & { other: string }) {
  const { t } = useTranslation('chat');
  const labels = useLabels();
  const format = useFormat();
  const person = usePersonView(other, knownView(names.get(other)));
  const words = useLastWords({ conversation, names });
  const reach = person?.reach;
  // A state that says how somebody can be reached just now matters more than words that were read already.
  const tellsState = reach && conversation.unread === 0 && ['call', 'ringing', 'dnd'].includes(reach.state);
  const state = person ? reachText(labels, person) : undefined;
  return (
    <Row
      href={href}
      selected={selected}
      face={person ? <PersonFace person={person} /> : <Face name={t('somebody')} id={other} />}
      name={person?.name ?? t('somebody')}
      meta={conversation.last ? format.row(conversation.last.sentAt) : undefined}
      unread={newIn(conversation)}
      second={
        (tellsState || words === '') && reach ? (
          <ReachWord state={reach.state}>{state}</ReachWord>
        ) : (
          words || (state ?? '')
        )
      }
    />
  );
}

/** Messages of all conversations with the words of the search field. */
function MessagesFound({
  words,
  list,
  nameOf,
}: {
  words: string;
  list: Conversations;
  nameOf: (each: Conversation) => string;
}) {
  const { t } = useTranslation('chat');
  const format = useFormat();
  const settled = useSettled(words, 250);
  const { data, isFetching } = useApi(
    searchMessages,
    settled.length < 2 ? null : { query: { q: settled, limit: 20 } },
    { staleMs: 10_000, keepLast: true },
  );
  const rows = data?.rows ?? [];
  const authors = usePeople(rows.flatMap((message) => message.authorId ?? []));
  const placeOf = (message: Message): string => {
    const conversation = list.find((each) => each.id === message.conversationId);
    return conversation ? nameOf(conversation) : '';
  };
  return (
    <>
      <SectionTitle>{t('list.messages')}</SectionTitle>
      {data === undefined && isFetching ? <Progress bare label={t('loading')} /> : null}
      <Rows label={t('list.messages')}>
        {rows.map((message) => {
          const author = message.authorId === null ? undefined : authors.get(message.authorId);
          const known = knownView(author);
          return (
            <Row
              key={message.id}
              href={messagePath(message)}
              face={<Face name={t('somebody')} {...known} id={message.authorId ?? message.id} />}
              name={[author?.name ?? t('somebody'), placeOf(message)]
                .filter((each, at, all) => each !== '' && all.indexOf(each) === at)
                .join(' · ')}
              meta={format.row(message.sentAt)}
              second={excerptOf(message.body)}
            />
          );
        })}
      </Rows>
      {data && rows.length === 0 && !isFetching ? (
        <p className={classes.none}>{t('search.nothing')}</p>
      ) : null}
    </>
  );
}
