import { useApiPages, useFormat, usePageTitle } from '@liaison/core/web';
import { Button, PageBody, PageHeader, Panes, Refusal, Row } from '@liaison/ui';
import { useParams, useRouter } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { listDigest, type News } from '../contract/index.ts';
import { NewsFace } from './list/news-face.tsx';
import { NewsRows } from './list/news-rows.tsx';
import { useNewsWords } from './list/news-words.ts';
import classes from './news.module.css';

/** What one digest gathers. */
export function DigestPage() {
  const { t } = useTranslation('notify');
  const { history } = useRouter();
  const { newsId = '' } = useParams({ strict: false }) as { newsId?: string };
  const isId = /^[0-9a-f-]{36}$/.test(newsId);
  const news = useApiPages(listDigest, isId ? { params: { newsId }, query: { limit: 50 } } : null);
  usePageTitle(t('digest.title'));
  return (
    <Panes>
      <PageHeader title={t('digest.title')} onBack={() => history.push('/news')} />
      <PageBody label={t('digest.title')}>
        <div className={classes.page}>
          {!isId || news.rows?.length === 0 ? (
            <Refusal title={t('digest.none')} actions={<Button href="/news">{t('digest.toAll')}</Button>}>
              {t('digest.noneWhy')}
            </Refusal>
          ) : (
            <NewsRows
              news={news}
              label={t('digest.title')}
              drawn={(each) => <GatheredRow key={each.id} news={each} />}
            />
          )}
        </div>
      </PageBody>
    </Panes>
  );
}

function GatheredRow({ news }: { news: News }) {
  const format = useFormat();
  const { title, second } = useNewsWords(news);
  return (
    <Row
      href={news.path}
      face={<NewsFace news={news} />}
      name={title}
      second={second}
      meta={format.row(news.at)}
      unread={news.readAt === null}
    />
  );
}
