import { routeUrl, useAction, useApiPages, useFormat, usePageTitle } from '@liaison/core/web';
import { Button, Empty, Link, PageBody, PageHeader, Progress, Tag, useLabels } from '@liaison/ui';
import { IconDownload, IconPlayerStop } from '@tabler/icons-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { type Capture, downloadCapture, endCapture, listCaptures } from '../../contract/index.ts';
import classes from './admin.module.css';
import { PersonCell } from './person-cell.tsx';
import { Trouble } from './trouble.tsx';

/** Captures that run and that ran, to be ended and taken away. */
export default function CapturesPage() {
  const { t } = useTranslation('calls');
  usePageTitle(t('admin.captures'));
  const labels = useLabels();
  const captures = useApiPages(listCaptures, { query: { limit: 50 } }, { staleMs: 0 });
  const end = useAction(endCapture, { invalidates: [listCaptures] });
  const { rows, refetch } = captures;
  const running = rows?.some((capture) => capture.endedAt === null) ?? false;
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => void refetch(), 3000);
    return () => clearInterval(timer);
  }, [running, refetch]);
  return (
    <>
      <PageHeader title={t('admin.captures')} meta={t('capture.meta')} />
      <PageBody label={t('admin.captures')}>
        <Trouble error={captures.error ?? end.error} />
        {captures.isPending ? <Progress bare label={labels.loading} /> : null}
        {rows && rows.length === 0 ? (
          <Empty title={t('capture.none')}>{t('capture.noneHow')}</Empty>
        ) : (
          <ul className={classes.things} aria-label={t('admin.captures')}>
            {(rows ?? []).map((capture) => (
              <OneCapture
                key={capture.id}
                capture={capture}
                busy={end.isPending}
                onEnd={() => end.mutate({ params: { id: capture.id } })}
              />
            ))}
          </ul>
        )}
        {captures.hasNextPage ? (
          <div className={classes.more}>
            <Button
              variant="default"
              loading={captures.isFetchingNextPage}
              onClick={() => void captures.fetchNextPage()}
            >
              {t('admin.more')}
            </Button>
          </div>
        ) : null}
      </PageBody>
    </>
  );
}

function OneCapture({ capture, busy, onEnd }: { capture: Capture; busy: boolean; onEnd: () => void }) {
  const { t } = useTranslation('calls');
  const format = useFormat();
  const running = capture.endedAt === null;
  const started = format.dateTime(capture.startedAt);
  return (
    <li className={classes.thing}>
      <span className={classes.thingWords}>
        <span className={classes.thingName}>
          {t(`capture.of.${capture.targetKind}`)}
          {capture.targetKind === 'person' ? <PersonCell personId={capture.targetId} name={null} /> : null}
          {capture.targetKind === 'call' ? (
            <Link href={`/admin/calls/${capture.targetId}`}>{t('capture.openCall')}</Link>
          ) : null}
          {running ? (
            <Tag tone="accent">{t('capture.runsUntil', { time: format.time(capture.until) })}</Tag>
          ) : null}
          {capture.truncated ? <Tag tone="warn">{t('capture.truncated')}</Tag> : null}
        </span>
        <small>
          {started} · {t('capture.messages', { count: capture.messages })}
          {capture.rtpHeaders ? ` · ${t('capture.packets', { count: capture.packets })}` : ''} ·{' '}
          {format.bytes(capture.bytes)}
        </small>
      </span>
      {running ? (
        <Button variant="default" leftSection={<IconPlayerStop size={17} />} loading={busy} onClick={onEnd}>
          {t('capture.end')}
        </Button>
      ) : null}
      <a
        className={classes.download}
        href={routeUrl(downloadCapture, { params: { id: capture.id } })}
        aria-label={t('capture.downloadOf', { when: started })}
        download
      >
        <IconDownload size={17} />
        {t('capture.download')}
      </a>
    </li>
  );
}
