import { codeOf, useApi, useFormat, usePageTitle } from '@liaison/core/web';
import { Button, Empty, PageBody, PageHeader, Progress, Refusal, Segments, useLabels } from '@liaison/ui';
import { IconRadar } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { getCallTrace } from '../../contract/index.ts';
import classes from './admin.module.css';
import { StateTag } from './calls-page.tsx';
import { CaptureDialog } from './capture-dialog.tsx';
import { Ladder } from './ladder.tsx';
import { LegFacts, Scores } from './leg-facts.tsx';
import { PersonCell } from './person-cell.tsx';
import { Trouble } from './trouble.tsx';

/** One call as it went: its legs now, and the ladder of everything that was said about it. */
export default function CallPage({ callId }: { callId: string }) {
  const { t } = useTranslation('calls');
  const format = useFormat();
  const navigate = useNavigate();
  const [view, setView] = useState<'diagram' | 'list'>(() =>
    // A ladder of three names does not fit a telephone: there the list is read first.
    window.matchMedia('(max-width: 700px)').matches ? 'list' : 'diagram',
  );
  const [capturing, setCapturing] = useState(false);
  const [runs, setRuns] = useState(true);
  usePageTitle(t('admin.ladder'));
  const labels = useLabels();
  const { data, error, isPending } = useApi(
    getCallTrace,
    { params: { id: callId } },
    { staleMs: 0, ...(runs ? { everyMs: 3000 } : {}) },
  );
  const call = data?.call;
  if (call && runs !== (call.endedAt === null)) setRuns(call.endedAt === null);
  return (
    <>
      <PageHeader
        title={t('admin.ladder')}
        meta={call ? format.dateTime(call.startedAt) : ''}
        onBack={() => void navigate({ to: '/admin/$', params: { _splat: 'calls' } })}
        actions={
          call && call.endedAt === null ? (
            <Button
              variant="default"
              leftSection={<IconRadar size={17} />}
              onClick={() => setCapturing(true)}
            >
              {t('capture.verb')}
            </Button>
          ) : null
        }
      />
      <PageBody label={t('admin.ladder')}>
        {codeOf(error) === 'not-found' ? (
          <Refusal
            title={t('admin.callMissing')}
            actions={<Button href="/admin/calls">{t('admin.toCalls')}</Button>}
          >
            {t('admin.callMissingWhy')}
          </Refusal>
        ) : (
          <Trouble error={error} />
        )}
        {isPending ? <Progress bare label={labels.loading} /> : null}
        {call ? (
          <div className={classes.section}>
            <span className={classes.pair}>
              <PersonCell {...call.caller} /> → <PersonCell {...call.callee} /> <StateTag call={call} />
            </span>
            <LegFacts call={call} />
            <Scores call={call} />
          </div>
        ) : null}
        {data && data.lines.length === 0 ? (
          <Empty title={t('ladder.none')}>{t('ladder.noneWhy')}</Empty>
        ) : null}
        {data && data.lines.length > 0 ? (
          <>
            <div className={classes.pills}>
              <Segments
                label={t('ladder.view')}
                items={[
                  { id: 'diagram', label: t('ladder.diagram') },
                  { id: 'list', label: t('ladder.list') },
                ]}
                value={view}
                onChange={setView}
              />
            </div>
            <Ladder lines={data.lines} view={view} />
            {data.truncated ? <p className={classes.pad}>{t('ladder.truncated')}</p> : null}
          </>
        ) : null}
      </PageBody>
      {capturing ? (
        <CaptureDialog
          target={{ targetKind: 'call', targetId: callId }}
          onClose={() => setCapturing(false)}
        />
      ) : null}
    </>
  );
}
