import { Trouble, useApiPages } from '@liaison/core/web';
import { Button, Empty, Heading } from '@liaison/ui';
import { useTranslation } from 'react-i18next';
import { listNews, type NewsGroup } from '../../contract/index.ts';
import classes from '../news.module.css';
import { GroupRow } from './group-row.tsx';

interface NewsListProps {
  readonly only: 'all' | 'unread' | 'needs-me';
  /** What stands under the list: a way to the page, or to the rest of it. */
  readonly more: 'link' | 'button';
}

/** Groups of news: those that need me, then the others, newest first. Arrows go from one to the next. */
export function NewsList({ only, more }: NewsListProps) {
  const { t } = useTranslation('notify');
  const news = useApiPages(listNews, { query: { only, limit: more === 'link' ? 20 : 50 } });
  const { rows } = news;
  if (!rows && news.error) {
    return (
      <div className={classes.note}>
        <Trouble
          error={news.error}
          actions={
            <Button variant="default" onClick={() => void news.refetch()}>
              {t('retry')}
            </Button>
          }
        />
      </div>
    );
  }
  if (!rows) return <p className={classes.waits}>{t('loading')}</p>;
  if (rows.length === 0) return <Nothing only={only} />;
  const needMe = rows.filter((group) => group.needsMe > 0);
  const others = rows.filter((group) => group.needsMe === 0);
  return (
    <>
      <Groups title={t('needMe')} groups={needMe} expands={more === 'button'} />
      <Groups title={t(needMe.length > 0 ? 'others' : 'all')} groups={others} expands={more === 'button'} />
      <div className={classes.foot}>
        {more === 'link' ? (
          <Button variant="subtle" href="/news">
            {t('showAll')}
          </Button>
        ) : news.hasNextPage ? (
          <Button
            variant="default"
            loading={news.isFetchingNextPage}
            onClick={() => void news.fetchNextPage()}
          >
            {t('showMore')}
          </Button>
        ) : null}
      </div>
    </>
  );
}

function Groups({
  title,
  groups,
  expands,
}: {
  title: string;
  groups: readonly NewsGroup[];
  expands: boolean;
}) {
  if (groups.length === 0) return null;
  return (
    <section aria-label={title}>
      <div className={classes.whose}>
        <Heading>{title}</Heading>
      </div>
      {groups.map((group) => (
        <GroupRow key={group.id} group={group} expands={expands} />
      ))}
    </section>
  );
}

function Nothing({ only }: { only: NewsListProps['only'] }) {
  const { t } = useTranslation('notify');
  return (
    <Empty title={t(only === 'all' ? 'none.title' : 'none.unread')}>
      {only === 'all' ? t('none.why') : null}
    </Empty>
  );
}
