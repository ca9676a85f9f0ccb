import { usePageTitle } from '@liaison/core/web';
import { IconButton, PageBody, PageHeader, Panes, Segments } from '@liaison/ui';
import { IconSettings } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { goBetween } from './list/go-between.ts';
import { NewsList } from './list/news-list.tsx';
import { ReadAll } from './list/read-all.tsx';
import classes from './news.module.css';
import { useNewsCount } from './state/count.ts';

type Only = 'all' | 'unread' | 'needs-me';

/** All my news, with what each group holds. */
export function NewsPage() {
  const { t } = useTranslation('notify');
  const { unread, needsMe } = useNewsCount();
  const [only, setOnly] = useState<Only>('all');
  usePageTitle(t('title'));
  return (
    <Panes>
      <PageHeader
        title={t('title')}
        actions={
          <>
            <span data-keep="">
              <ReadAll />
            </span>
            <IconButton aria-label={t('settings.open')} href="/settings/notifications">
              <IconSettings size={20} />
            </IconButton>
          </>
        }
      />
      <PageBody label={t('title')}>
        {/* biome-ignore lint/a11y/noStaticElementInteractions: arrows go between the links inside, which are what is pressed */}
        <div className={classes.page} onKeyDown={goBetween}>
          <div className={classes.only}>
            <Segments
              label={t('only.label')}
              value={only}
              onChange={setOnly}
              items={[
                { id: 'all', label: t('only.all') },
                { id: 'needs-me', label: t('only.needsMe'), ...(needsMe > 0 ? { count: needsMe } : {}) },
                { id: 'unread', label: t('only.unread'), ...(unread > 0 ? { count: unread } : {}) },
              ]}
            />
          </div>
          <NewsList key={only} only={only} more="button" />
        </div>
      </PageBody>
    </Panes>
  );
}
