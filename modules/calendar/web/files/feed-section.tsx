import { Trouble, useAction, useApi, useFormat } from '@liaison/core/web';
import { Button, NativeSelect, TextInput, useToasts } from '@liaison/ui';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  createFeed,
  type Feed,
  type FeedDetail,
  feedDetails,
  listFeeds,
  maxFeedName,
  revokeFeed,
} from '../../contract/index.ts';
import classes from '../calendar.module.css';

/** Secret links by which another program follows this calendar: made, copied, taken back. */
export function FeedSection({ calendarId }: { calendarId: string }) {
  const { t } = useTranslation('calendar');
  const format = useFormat();
  const toasts = useToasts();
  const feeds = useApi(listFeeds);
  const [name, setName] = useState('');
  const [detail, setDetail] = useState<FeedDetail>('all');
  const create = useAction(createFeed, { invalidates: [listFeeds], onDone: () => setName('') });
  const revoke = useAction(revokeFeed, { invalidates: [listFeeds] });
  const failed = create.error ?? revoke.error ?? feeds.error;
  const copy = async (feed: Feed): Promise<void> => {
    const address = `${location.origin}${feed.path}`;
    try {
      await navigator.clipboard.writeText(address);
      toasts.show({ text: t('files.copied') });
    } catch {
      // Over plain HTTP a page has no clipboard; then it can be read and copied by hand.
      toasts.show({ text: address });
    }
  };
  const here = feeds.data?.rows.filter((feed) => feed.calendarId === calendarId) ?? [];
  return (
    <section aria-label={t('files.links')} className={classes.stack}>
      <h3>{t('files.links')}</h3>
      <p className={classes.quiet}>{t('files.linksWhy')}</p>
      {here.length > 0 ? (
        <ul className={classes.feeds}>
          {here.map((feed) => (
            <li key={feed.id}>
              <span>
                <b>{feed.name || t('files.unnamed')}</b>
                <span className={classes.quiet}>
                  {t(`files.detail.${feed.detail}`)} ·{' '}
                  {feed.readAt === null
                    ? t('files.neverRead')
                    : t('files.readAt', { when: format.dateTime(feed.readAt) })}
                </span>
              </span>
              <Button size="sm" variant="default" onClick={() => void copy(feed)}>
                {t('files.copy')}
              </Button>
              <Button
                size="sm"
                variant="default"
                onClick={() => revoke.mutate({ params: { feedId: feed.id } })}
              >
                {t('files.end')}
              </Button>
            </li>
          ))}
        </ul>
      ) : null}
      <div className={classes.pair}>
        <TextInput
          label={t('files.linkName')}
          value={name}
          maxLength={maxFeedName}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <NativeSelect
          label={t('files.shows')}
          value={detail}
          options={feedDetails.map((each) => ({ value: each, label: t(`files.detail.${each}`) }))}
          onChange={(each) => setDetail(each === 'busy' ? 'busy' : 'all')}
        />
      </div>
      <div>
        <Button
          variant="default"
          loading={create.isPending}
          onClick={() => create.mutate({ params: { calendarId }, body: { name, detail } })}
        >
          {t('files.makeLink')}
        </Button>
      </div>
      <Trouble error={failed} />
    </section>
  );
}
