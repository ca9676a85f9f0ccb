import { Trouble, type UseApiPagesResult } from '@liaison/core/web';
import { Button, Rows } from '@liaison/ui';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { News } from '../../contract/index.ts';
import classes from '../news.module.css';

/** Single news under each other, with a way to the rest. */
export function NewsRows({
  news,
  label,
  drawn,
}: {
  news: UseApiPagesResult<News>;
  label: string;
  drawn: (each: News) => ReactNode;
}) {
  const { t } = useTranslation('notify');
  return (
    <>
      {news.error ? (
        <div className={classes.note}>
          <Trouble error={news.error} />
        </div>
      ) : null}
      <Rows label={label}>{news.rows?.map(drawn)}</Rows>
      {news.hasNextPage ? (
        <div className={classes.foot}>
          <Button
            variant="subtle"
            loading={news.isFetchingNextPage}
            onClick={() => void news.fetchNextPage()}
          >
            {t('showMore')}
          </Button>
        </div>
      ) : null}
    </>
  );
}
