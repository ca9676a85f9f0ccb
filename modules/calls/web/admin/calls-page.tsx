import { useAction, useApiPages, useFormat, usePageTitle } from '@liaison/core/web';
import {
  Button,
  ConfirmDialog,
  Empty,
  PageBody,
  PageHeader,
  Progress,
  Segments,
  Tag,
  useLabels,
} from '@liaison/ui';
import { IconLadder, IconPhoneOff } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { endWatchedCall, listWatchedCalls, type WatchedCall } from '../../contract/index.ts';
import classes from './admin.module.css';
import { LegFacts, Scores } from './leg-facts.tsx';
import { PersonCell } from './person-cell.tsx';
import { Trouble } from './trouble.tsx';

/** How often running calls are asked for again, in milliseconds. */
const everyMs = 3000;

/** Calls that run now, and those of the last days: who with whom, how each sounds, and its ladder. */
export default function CallsPage() {
  const { t } = useTranslation('calls');
  const [only, setOnly] = useState<'running' | 'all'>('running');
  const [ending, setEnding] = useState<WatchedCall | null>(null);
  usePageTitle(t('admin.calls'));
  const labels = useLabels();
  const calls = useApiPages(listWatchedCalls, { query: { only, limit: 50 } }, { staleMs: 0, keepLast: true });
  const end = useAction(endWatchedCall, {
    invalidates: [listWatchedCalls],
    onDone: () => setEnding(null),
    onFailed: () => setEnding(null),
  });
  const { rows, refetch } = calls;
  useEffect(() => {
    if (only !== 'running') return;
    const timer = setInterval(() => void refetch(), everyMs);
    return () => clearInterval(timer);
  }, [only, refetch]);
  return (
    <>
      <PageHeader title={t('admin.calls')} meta={t('admin.callsMeta')} />
      <div className={classes.pills}>
        <Segments
          label={t('admin.whichCalls')}
          items={[
            { id: 'running', label: t('admin.running') },
            { id: 'all', label: t('admin.all') },
          ]}
          value={only}
          onChange={setOnly}
        />
      </div>
      <PageBody label={t('admin.calls')}>
        <Trouble error={calls.error ?? end.error} />
        {calls.isPending ? <Progress bare label={labels.loading} /> : null}
        {rows && rows.length === 0 ? (
          <Empty title={only === 'running' ? t('admin.noCalls') : t('admin.neverCalls')} />
        ) : (
          <ul className={classes.things} aria-label={t('admin.calls')}>
            {(rows ?? []).map((call) => (
              <OneCall key={call.id} call={call} onEnd={() => setEnding(call)} />
            ))}
          </ul>
        )}
        {calls.hasNextPage ? (
          <div className={classes.more}>
            <Button
              variant="default"
              loading={calls.isFetchingNextPage}
              onClick={() => void calls.fetchNextPage()}
            >
              {t('admin.more')}
            </Button>
          </div>
        ) : null}
      </PageBody>
      <ConfirmDialog
        opened={ending !== null}
        title={t('admin.endTitle')}
        verb={t('admin.end')}
        danger
        busy={end.isPending}
        onConfirm={() => ending && end.mutate({ params: { id: ending.id } })}
        onCancel={() => setEnding(null)}
      >
        {t('admin.endWhat')}
      </ConfirmDialog>
    </>
  );
}

function OneCall({ call, onEnd }: { call: WatchedCall; onEnd: () => void }) {
  const { t } = useTranslation('calls');
  const format = useFormat();
  const names = { caller: call.caller.name, callee: call.callee.name };
  return (
    <li className={classes.thing}>
      <span className={classes.thingWords}>
        <span className={classes.thingName}>
          <PersonCell {...call.caller} /> → <PersonCell {...call.callee} /> <StateTag call={call} />
          <small>{format.row(call.startedAt)}</small>
        </span>
        <LegFacts call={call} short />
        <Scores call={call} />
      </span>
      <span className={classes.verbs}>
        <Button
          size="sm"
          variant="default"
          href={`/admin/calls/${call.id}`}
          leftSection={<IconLadder size={16} />}
          aria-label={t('admin.ladderOf', names)}
        >
          {t('admin.ladder')}
        </Button>
        {call.endedAt === null ? (
          <Button
            size="sm"
            variant="default"
            leftSection={<IconPhoneOff size={16} />}
            aria-label={t('admin.endOf', names)}
            onClick={onEnd}
          >
            {t('admin.endShort')}
          </Button>
        ) : null}
      </span>
    </li>
  );
}

export function StateTag({ call }: { call: WatchedCall }) {
  const { t } = useTranslation('calls');
  if (call.endedAt !== null) {
    const reason = call.reason ?? 'completed';
    return (
      <Tag tone={reason === 'failed' || reason === 'lost' ? 'danger' : 'plain'}>{t(`reason.${reason}`)}</Tag>
    );
  }
  if (call.now === null) return <Tag tone="warn">{t('admin.noAnswerFromServer')}</Tag>;
  return <Tag tone={call.now.state === 'connected' ? 'free' : 'accent'}>{t(`state.${call.now.state}`)}</Tag>;
}
