import { listParked, type ParkedWork, resumeParked } from '@liaison/core/contract';
import { Trouble, useAction, useApiPages, useFormat } from '@liaison/core/web';
import {
  Actions,
  Button,
  ConfirmDialog,
  Empty,
  PageBody,
  PageHeader,
  Progress,
  Tag,
  Thing,
  Things,
  useLabels,
  useToasts,
} from '@liaison/ui';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './admin.module.css';

/** Background work that failed so often that it waits for somebody to look at it. */
export function Page() {
  const { t } = useTranslation('people');
  const toasts = useToasts();
  const labels = useLabels();
  const [dropping, setDropping] = useState<ParkedWork | null>(null);
  const work = useApiPages(listParked, { query: { limit: 50 } }, { staleMs: 0 });
  const resume = useAction(resumeParked, {
    invalidates: [listParked],
    onDone: (_answer, { body }) => {
      setDropping(null);
      toasts.show({ text: t(body.how === 'skip' ? 'parked.skipped' : 'parked.retried') });
    },
    onFailed: () => {
      setDropping(null);
      void work.refetch();
    },
  });
  const { rows } = work;
  return (
    <>
      <PageHeader title={t('admin.parked')} meta={t('parked.meta')} />
      <PageBody label={t('admin.parked')}>
        <div className={classes.pad}>
          <Trouble error={work.error ?? resume.error} />
          {work.isPending ? <Progress bare label={labels.loading} /> : null}
          {rows && rows.length === 0 ? (
            <Empty title={t('parked.none')}>{t('parked.noneHow')}</Empty>
          ) : (
            <Things label={t('parked.list')}>
              {(rows ?? []).map((each) => (
                <OneWork
                  key={each.id}
                  work={each}
                  busy={resume.isPending && resume.variables?.body.id === each.id}
                  onRetry={() => resume.mutate({ body: { id: each.id, how: 'retry' } })}
                  onDrop={() => setDropping(each)}
                />
              ))}
            </Things>
          )}
        </div>
        {work.hasNextPage ? (
          <div className={classes.more}>
            <Button
              variant="default"
              loading={work.isFetchingNextPage}
              onClick={() => void work.fetchNextPage()}
            >
              {t('more')}
            </Button>
          </div>
        ) : null}
      </PageBody>
      <ConfirmDialog
        opened={dropping !== null}
        danger
        title={t('parked.skipTitle', { name: dropping?.name ?? '' })}
        verb={t('parked.skip')}
        busy={resume.isPending}
        onConfirm={() => dropping && resume.mutate({ body: { id: dropping.id, how: 'skip' } })}
        onCancel={() => setDropping(null)}
      >
        {t(dropping?.kind === 'job' ? 'parked.skipJob' : 'parked.skipReaction')}
      </ConfirmDialog>
    </>
  );
}

function OneWork({
  work,
  busy,
  onRetry,
  onDrop,
}: {
  work: ParkedWork;
  busy: boolean;
  onRetry: () => void;
  onDrop: () => void;
}) {
  const { t } = useTranslation('people');
  const format = useFormat();
  const { name } = work;
  return (
    <Thing
      wraps
      icon={<IconAlertTriangle size={19} />}
      name={
        <>
          <code className={classes.mono}>{name}</code>
          <Tag>{t(`parked.${work.kind}`)}</Tag>
          {work.event ? (
            <span className={classes.after}>{t('parked.after', { event: work.event })}</span>
          ) : null}
        </>
      }
      second={
        <>
          <span className={classes.reason}>{work.error ?? t('parked.noReason')}</span>
          <br />
          {t('parked.tries', { count: work.tries })}
          {', '}
          {t('parked.times', { since: format.dateTime(work.since), last: format.dateTime(work.parkedAt) })}
        </>
      }
      action={
        <Actions>
          <Button
            variant="default"
            loading={busy}
            aria-label={t('parked.retryOf', { name })}
            onClick={onRetry}
          >
            {t('parked.retry')}
          </Button>
          <Button variant="subtle" aria-label={t('parked.skipOf', { name })} onClick={onDrop}>
            {t('parked.skip')}
          </Button>
        </Actions>
      }
    />
  );
}
