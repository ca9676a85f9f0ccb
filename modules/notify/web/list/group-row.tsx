import { useApiPages, useFormat, useProblemText } from '@liaison/core/web';
import { IconButton, Row, useToasts } from '@liaison/ui';
import { IconCheck, IconChevronDown, IconChevronUp } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { listNewsOfGroup, type News, type NewsGroup } from '../../contract/index.ts';
import classes from '../news.module.css';
import { useReadNews } from '../state/read.ts';
import { isReadAtItsPlace } from './kinds.ts';
import { NewsFace } from './news-face.tsx';
import { NewsRows } from './news-rows.tsx';
import { useNewsWords } from './news-words.ts';

/** One group: what is newest of it, and how much of it is unread. */
export function GroupRow({ group, expands }: { group: NewsGroup; expands: boolean }) {
  const { t } = useTranslation('notify');
  const { latest } = group;
  const format = useFormat();
  const { title, second } = useNewsWords(latest);
  const problemText = useProblemText();
  const toasts = useToasts();
  const read = useReadNews((error) => toasts.show({ text: problemText(error).text, tone: 'danger' }));
  const [open, setOpen] = useState(false);
  const markRead = (): void => read.mutate({ body: { groupIds: [group.id] } });
  const hasMore = expands && group.unread > 1;
  return (
    <div className={classes.row} data-news={latest.kind}>
      <Row
        href={latest.path}
        onClick={() => {
          if (group.unread > 0 && !isReadAtItsPlace(latest.kind)) markRead();
        }}
        face={<NewsFace news={latest} />}
        name={title}
        meta={format.row(latest.at)}
        second={second}
        unread={group.unread > 1 ? group.unread : group.unread === 1}
        missed={latest.kind === 'calls.missed' && group.unread > 0}
        action={
          <span data-verbs="">
            {group.unread > 0 ? (
              <IconButton aria-label={t('readOne', { name: title })} onClick={markRead}>
                <IconCheck size={17} />
              </IconButton>
            ) : null}
            {hasMore ? (
              <IconButton
                aria-label={t(open ? 'fold' : 'unfold', { name: title })}
                aria-expanded={open}
                onClick={() => setOpen(!open)}
              >
                {open ? <IconChevronUp size={17} /> : <IconChevronDown size={17} />}
              </IconButton>
            ) : null}
          </span>
        }
      />
      {open && hasMore ? <Inside groupId={group.id} title={title} /> : null}
    </div>
  );
}

/** What a group holds. */
function Inside({ groupId, title }: { groupId: string; title: string }) {
  const news = useApiPages(listNewsOfGroup, { params: { groupId }, query: { limit: 20 } });
  return (
    <div className={classes.inside}>
      <NewsRows news={news} label={title} drawn={(each) => <LineRow key={each.id} news={each} />} />
    </div>
  );
}

function LineRow({ news }: { news: News }) {
  const format = useFormat();
  const { title, second } = useNewsWords(news);
  return (
    <Row
      href={news.path}
      name={second || title}
      meta={format.row(news.at)}
      compact
      unread={news.readAt === null}
    />
  );
}
