import { dayOf, useAction, useApi, useApiPages, useFormat, useProblemText } from '@liaison/core/web';
import {
  Button,
  Empty,
  ErrorNote,
  Face,
  IconButton,
  ListPane,
  PersonFace,
  Progress,
  Row,
  Rows,
  SectionTitle,
  Segments,
  useLabels,
} from '@liaison/ui';
import { IconAsterisk, IconDialpad, IconPhoneIncoming, IconPhoneOutgoing } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type CallRecord,
  countMissedCalls,
  featureOfCode,
  listCalls,
  markCallsSeen,
} from '../contract/index.ts';
import { useTelephone } from './calls-provider.tsx';
import classes from './recent-calls.module.css';
import { useRecordText } from './record-text.ts';
import { usePartyView } from './use-party-view.ts';

type Part = 'all' | 'missed';

/** My calls, newest first; pressing one calls back. Whoever opens the missed ones has seen them. */
export function RecentCalls() {
  const { t } = useTranslation('calls');
  const navigate = useNavigate();
  const format = useFormat();
  const problem = useProblemText();
  const [part, setPart] = useState<Part>('all');
  const calls = useApiPages(listCalls, { query: { only: part, limit: 40 } });
  const { data: missed } = useApi(countMissedCalls);
  const { mutate: markSeen, isPending: marking } = useAction(markCallsSeen, {
    invalidates: [countMissedCalls],
  });
  const unseen = missed?.count ?? 0;
  useEffect(() => {
    if (part === 'missed' && unseen > 0 && !marking) markSeen({});
  }, [part, unseen, marking, markSeen]);

  const days: { day: string; rows: CallRecord[] }[] = [];
  for (const row of calls.rows ?? []) {
    const day = dayOf(row.startedAt, format.timeZone);
    const last = days.at(-1);
    if (last?.day === day) last.rows.push(row);
    else days.push({ day, rows: [row] });
  }
  const today = dayOf(Date.now(), format.timeZone);
  return (
    <ListPane
      title={t('recent.title')}
      actions={
        <span className={classes.narrow}>
          <IconButton
            aria-label={t('recent.dial')}
            onClick={() => void navigate({ to: '/phone', search: {} })}
          >
            <IconDialpad size={20} />
          </IconButton>
        </span>
      }
      tools={
        <Segments<Part>
          label={t('recent.which')}
          items={[
            { id: 'all', label: t('recent.all') },
            { id: 'missed', label: t('recent.missed'), ...(unseen > 0 ? { count: unseen } : {}) },
          ]}
          value={part}
          onChange={setPart}
        />
      }
    >
      {calls.isError ? (
        <ErrorNote
          title={problem(calls.error).text}
          actions={<Button onClick={() => void calls.refetch()}>{t('recent.again')}</Button>}
        />
      ) : null}
      {calls.isPending ? <Progress bare label={t('recent.loading')} /> : null}
      {calls.rows?.length === 0 ? (
        <Empty title={part === 'missed' ? t('recent.noneMissed') : t('recent.none')}>
          {part === 'missed' ? null : t('recent.noneHint')}
        </Empty>
      ) : null}
      {days.map(({ day, rows }) => (
        <div key={day}>
          {day === today ? null : <SectionTitle>{format.dayTitle(rows[0]?.startedAt ?? day)}</SectionTitle>}
          <Rows label={day === today ? t('recent.today') : format.dayTitle(rows[0]?.startedAt ?? day)}>
            {rows.map((row) => (
              <CallRow key={row.id} record={row} />
            ))}
          </Rows>
        </div>
      ))}
      {calls.hasNextPage ? (
        <div className={classes.more}>
          <Button
            variant="subtle"
            loading={calls.isFetchingNextPage}
            onClick={() => void calls.fetchNextPage()}
          >
            {t('recent.more')}
          </Button>
        </div>
      ) : null}
    </ListPane>
  );
}

function CallRow({ record }: { record: CallRecord }) {
  const { t } = useTranslation('calls');
  const labels = useLabels();
  const format = useFormat();
  const text = useRecordText();
  const { controller } = useTelephone();
  const view = usePartyView(record.peer);
  const { peer } = record;
  const service = !peer.personId && featureOfCode(peer.name) !== undefined;
  const to = peer.personId ?? peer.address ?? peer.extension ?? peer.name;
  if (!view) return null;
  return (
    <Row
      face={
        service ? (
          <Face square name={view.name} icon={<IconAsterisk size={18} />} size={36} />
        ) : (
          <PersonFace person={view} size={36} />
        )
      }
      name={view.name || t('recent.unknown')}
      meta={<time dateTime={record.startedAt}>{format.time(record.startedAt)}</time>}
      secondIcon={
        record.direction === 'incoming' ? <IconPhoneIncoming size={15} /> : <IconPhoneOutgoing size={15} />
      }
      second={
        <>
          {text(record)}
          <span className={classes.hidden}>. {labels.verbFor(labels.call, view.name)}</span>
        </>
      }
      {...(record.missed ? { missed: true } : {})}
      {...(record.missed && !record.seen ? { unread: true } : {})}
      onClick={() => void controller.call(to, view.name)}
    />
  );
}
