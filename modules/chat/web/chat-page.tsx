import { useApi, useKeys, usePageTitle, useProblemText, useSession } from '@liaison/core/web';
import { Button, Empty, PageHeader, PageLoading, Panes, Refusal } from '@liaison/ui';
import { useParams, useSearch } from '@tanstack/react-router';
import { useCallback, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { getConversation } from '../contract/index.ts';
import classes from './chat.module.css';
import { ConversationPage } from './conversation/conversation-page.tsx';
import { MembersPane } from './conversation/members-pane.tsx';
import { SearchPane } from './conversation/search-pane.tsx';
import { ThreadPane } from './conversation/thread-pane.tsx';
import { type ChatSearch, chatPath, useGo } from './go.ts';
import { ConversationList } from './list/conversation-list.tsx';
import { NewConversation } from './list/new-conversation.tsx';
import { useConversations } from './state/chat-provider.tsx';

/** The list of conversations, the one that is open, and what stands beside it. */
export function ChatPage() {
  const { t } = useTranslation('chat');
  const { role } = useSession();
  const go = useGo();
  const { conversationId } = useParams({ strict: false }) as { conversationId?: string };
  const search = useSearch({ strict: false }) as ChatSearch;
  const [making, setMaking] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const list = useConversations();
  const listed = list.data?.find((each) => each.id === conversationId);
  // One that the list does not name: beyond its length, or just made by somebody else.
  const alone = useApi(
    getConversation,
    conversationId !== undefined && list.data !== undefined && !listed
      ? { params: { conversationId } }
      : null,
  );
  const conversation = listed ?? (alone.data?.id === conversationId ? alone.data : undefined);
  usePageTitle(t('title'));
  useKeys([
    ...(role === 'guest'
      ? []
      : [{ keys: 'N', label: t('keys.new'), group: t('title'), run: () => setMaking(true) }]),
    ...(conversationId === undefined
      ? [{ keys: '/', label: t('keys.search'), group: t('title'), run: () => field.current?.focus() }]
      : []),
  ]);
  const closeSide = useCallback(() => go(chatPath(conversationId)), [go, conversationId]);
  const side =
    conversation === undefined ? undefined : search.thread !== undefined ? (
      <ThreadPane key={search.thread} conversation={conversation} rootId={search.thread} target={search.m} />
    ) : search.side === 'members' ? (
      <MembersPane conversation={conversation} />
    ) : search.side === 'search' ? (
      <SearchPane key={conversation.id} conversation={conversation} />
    ) : undefined;
  return (
    <>
      <Panes
        list={<ConversationList selectedId={conversationId} onNew={() => setMaking(true)} field={field} />}
        view={conversationId === undefined ? 'list' : side ? 'side' : 'page'}
        onShowList={() => go(chatPath())}
        {...(side ? { side, onCloseSide: closeSide } : {})}
      >
        {conversationId === undefined ? (
          <NothingOpen onNew={() => setMaking(true)} empty={list.data?.length === 0} />
        ) : conversation ? (
          <ConversationPage key={conversation.id} conversation={conversation} search={search} />
        ) : (
          <Missing error={alone.error ?? (list.data ? null : list.error)} />
        )}
      </Panes>
      {making ? <NewConversation onClose={() => setMaking(false)} /> : null}
    </>
  );
}

function NothingOpen({ onNew, empty }: { onNew: () => void; empty: boolean }) {
  const { t } = useTranslation('chat');
  const { role } = useSession();
  return (
    <>
      <PageHeader title={t('title')} />
      <div className={classes.middle}>
        <Empty
          title={t(empty ? 'empty.title' : 'empty.choose')}
          actions={
            role === 'guest' ? undefined : (
              <Button variant="filled" onClick={onNew}>
                {t('new.open')}
              </Button>
            )
          }
        >
          {t(empty ? 'empty.why' : 'empty.hint')}
        </Empty>
      </div>
    </>
  );
}

function Missing({ error }: { error: Error | null }) {
  const { t } = useTranslation('chat');
  const problem = useProblemText();
  if (!error) return <PageLoading />;
  return (
    <div className={classes.middle}>
      <Refusal
        isPage
        title={problem(error).text}
        actions={<Button href={chatPath()}>{t('missing.back')}</Button>}
      />
    </div>
  );
}
