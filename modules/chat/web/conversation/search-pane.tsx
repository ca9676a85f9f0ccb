import { useApiPages, useFormat, useProblemText } from '@liaison/core/web';
import { Button, Empty, ErrorNote, Face, Progress, Row, Rows, SidePane, TextInput } from '@liaison/ui';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Conversation, excerptOf, searchMessages } from '../../contract/index.ts';
import classes from '../chat.module.css';
import { messagePath } from '../go.ts';
import { useSettled } from '../palette.tsx';
import { knownView, usePeople } from '../state/people.ts';

/** Finds messages of one conversation by their words. */
export function SearchPane({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation('chat');
  const format = useFormat();
  const problem = useProblemText();
  const [typed, setTyped] = useState('');
  const words = useSettled(typed.trim(), 250);
  const found = useApiPages(
    searchMessages,
    words.length < 2 ? null : { query: { q: words, conversationId: conversation.id, limit: 30 } },
    { staleMs: 10_000, keepLast: true },
  );
  const rows = words.length < 2 ? [] : (found.rows ?? []);
  const names = usePeople(rows.flatMap((message) => message.authorId ?? []));
  return (
    <SidePane title={t('header.search')}>
      <div className={classes.findHere}>
        <TextInput
          type="search"
          aria-label={t('header.search')}
          placeholder={t('search.words')}
          leftSection={<IconSearch size={16} />}
          value={typed}
          maxLength={200}
          autoFocus
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      </div>
      {found.error ? (
        <div className={classes.pad}>
          <ErrorNote title={problem(found.error).text} />
        </div>
      ) : null}
      {found.isFetching && rows.length === 0 ? <Progress bare label={t('loading')} /> : null}
      <Rows label={t('list.messages')}>
        {rows.map((message) => {
          const author = message.authorId === null ? undefined : names.get(message.authorId);
          return (
            <Row
              key={message.id}
              href={messagePath(message, { side: 'search' })}
              face={<Face name={t('somebody')} {...knownView(author)} id={message.authorId ?? message.id} />}
              name={author?.name ?? t('somebody')}
              meta={format.row(message.sentAt)}
              second={excerptOf(message.body)}
            />
          );
        })}
      </Rows>
      {words.length < 2 ? <Empty title={t('search.start')}>{t('search.startWhy')}</Empty> : null}
      {words.length >= 2 && !found.isFetching && rows.length === 0 && !found.error ? (
        <Empty title={t('search.nothing')}>{t('search.nothingWhy')}</Empty>
      ) : null}
      {found.hasNextPage && rows.length > 0 ? (
        <div className={classes.pad}>
          <Button
            variant="default"
            loading={found.isFetchingNextPage}
            onClick={() => void found.fetchNextPage()}
          >
            {t('search.more')}
          </Button>
        </div>
      ) : null}
    </SidePane>
  );
}
