import { Trouble, UploadZone, useAction, useApi, useFormat, useUpload } from '@liaison/core/web';
import { Button, Progress } from '@liaison/ui';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type CalendarImport,
  getCalendarImport,
  listOccurrences,
  listRunningCalendarImports,
  startCalendarImport,
  stopCalendarImport,
  uploadAppointments,
} from '../../contract/index.ts';
import classes from '../calendar.module.css';

/** Takes a file of appointments: first it says what is in it. */
export function ImportSection({ calendarId }: { calendarId: string }) {
  const { t } = useTranslation('calendar');
  /** Null: none, until a file is sent; undefined: the one that goes on since before this dialog, if there is one. */
  const [importId, setImportId] = useState<string | null | undefined>();
  const running = useApi(listRunningCalendarImports, {}, { staleMs: 0 });
  const found = running.isFetchedAfterMount
    ? running.data?.rows.find((each) => each.calendarId === calendarId)
    : undefined;
  // Kept from then on: how it ended is shown too.
  if (importId === undefined && found) setImportId(found.id);
  const uploading = useUpload(uploadAppointments, ({ id }) => setImportId(id));
  return (
    <section aria-label={t('files.in')} className={classes.stack}>
      <h3>{t('files.in')}</h3>
      {importId ? (
        <Imported
          key={importId}
          importId={importId}
          isRunning={found?.id === importId}
          onAgain={() => setImportId(null)}
        />
      ) : !running.isFetchedAfterMount ? (
        <Progress bare label={t('loading')} />
      ) : (
        <UploadZone
          hint={t('files.drop')}
          choose={t('files.choose')}
          note={t('files.inWhy')}
          accept=".ics,.ical,.ifb,text/calendar"
          uploading={uploading}
          onFile={(file) =>
            void uploading.send(
              { params: { calendarId }, query: { fileName: file.name.slice(0, 255) } },
              file,
            )
          }
        />
      )}
    </section>
  );
}

/** What is in the file, and how far it is taken. */
function Imported({
  importId,
  isRunning,
  onAgain,
}: {
  importId: string;
  isRunning: boolean;
  onAgain: () => void;
}) {
  const { t } = useTranslation('calendar');
  const args = { params: { importId } };
  const after = { invalidates: [[getCalendarImport, args] as const, listOccurrences] };
  const start = useAction(startCalendarImport, after);
  const stop = useAction(stopCalendarImport, after);
  const [isWatched, setWatched] = useState(isRunning);
  const state = useApi(getCalendarImport, args, { staleMs: 0, ...(isWatched ? { everyMs: 700 } : {}) });
  const data = state.data;
  const failed = start.error ?? stop.error ?? state.error;
  if (isWatched && data && ['done', 'failed', 'stopped'].includes(data.state)) setWatched(false);
  if (!data) {
    return failed ? <Trouble error={failed} /> : <Progress bare label={t('loading')} />;
  }
  const begin = () => start.mutate(args, { onSuccess: () => setWatched(true) });
  return (
    <>
      <p>
        <b>{data.fileName}</b>
      </p>
      {data.state === 'ready' ? (
        <>
          <p>{t('files.found', { count: data.total })}</p>
          <Preview data={data} />
        </>
      ) : (
        <>
          <Progress
            label={t(`files.state.${data.state}`)}
            value={data.total === 0 ? 1 : data.done / data.total}
            detail={t('files.progress', { done: data.done, total: data.total })}
          />
          <p role="status">
            {[
              t('files.added', { count: data.added }),
              data.changed > 0 ? t('files.changed', { count: data.changed }) : null,
              data.unchanged > 0 ? t('files.unchanged', { count: data.unchanged }) : null,
            ]
              .filter((each) => each !== null)
              .join(' ')}
          </p>
        </>
      )}
      {data.faultCount > 0 ? (
        <div>
          <p>{t('files.faults', { count: data.faultCount })}</p>
          <ul className={classes.faults}>
            {data.faults.slice(0, 20).map((fault) => (
              <li key={`${fault.line} ${fault.code} ${fault.detail}`}>
                {t('files.line', {
                  line: fault.line,
                  what: t(`files.fault.${fault.code}`),
                  detail: fault.detail,
                })}
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      <Trouble error={failed} />
      <div className={classes.verbs}>
        {data.state === 'ready' && data.total > 0 ? (
          <Button loading={start.isPending} onClick={begin}>
            {t('files.start', { count: data.total })}
          </Button>
        ) : null}
        {data.state === 'stopped' || data.state === 'failed' ? (
          <Button loading={start.isPending} onClick={begin}>
            {t('files.goOn')}
          </Button>
        ) : null}
        {data.state === 'running' ? (
          <Button variant="default" loading={stop.isPending} onClick={() => stop.mutate(args)}>
            {t('files.stop')}
          </Button>
        ) : (
          <Button variant="default" onClick={onAgain}>
            {t('files.another')}
          </Button>
        )}
      </div>
    </>
  );
}

function Preview({ data }: { data: CalendarImport }) {
  const { t } = useTranslation('calendar');
  const format = useFormat();
  const wholeDay = new Intl.DateTimeFormat(format.locale, { dateStyle: 'medium', timeZone: 'UTC' });
  return (
    <ul className={classes.faults}>
      {data.preview.map((each) => (
        <li key={each.line}>
          {each.title || t('untitled')} ·{' '}
          {each.isAllDay ? wholeDay.format(new Date(each.startsAt)) : format.dateTime(each.startsAt)}
          {each.isSeries ? ` · ${t('files.series')}` : null}
        </li>
      ))}
    </ul>
  );
}
