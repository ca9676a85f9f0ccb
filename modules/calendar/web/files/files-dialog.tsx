import { routeUrl } from '@liaison/core/web';
import { Button, Dialog, NativeSelect, useLabels } from '@liaison/ui';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type CalendarView, exportCalendar } from '../../contract/index.ts';
import classes from '../calendar.module.css';
import { calendarName } from '../calendar-name.ts';
import { FeedSection } from './feed-section.tsx';
import { ImportSection } from './import-section.tsx';

/** What goes into and out of a calendar: a file of another program, a file for one, and links that programs follow. */
export default function FilesDialog({
  calendars,
  onClose,
}: {
  calendars: readonly CalendarView[];
  onClose: () => void;
}) {
  const { t } = useTranslation('calendar');
  const labels = useLabels();
  const [chosen, setChosen] = useState<string | null>(null);
  const calendar = calendars.find(({ id }) => id === chosen) ?? calendars[0];
  if (!calendar) return null;
  const params = { calendarId: calendar.id };
  return (
    <Dialog
      opened
      onClose={onClose}
      title={t('files.title')}
      footer={
        <Button variant="default" onClick={onClose}>
          {labels.close}
        </Button>
      }
    >
      <div className={classes.stack}>
        <NativeSelect
          label={t('field.calendar')}
          value={calendar.id}
          options={calendars.map((each) => ({ value: each.id, label: calendarName(each, t('mine')) }))}
          onChange={setChosen}
        />
        {calendar.right === 'write' || calendar.right === 'manage' ? (
          <ImportSection key={calendar.id} calendarId={calendar.id} />
        ) : null}
        <section aria-label={t('files.out')} className={classes.stack}>
          <h3>{t('files.out')}</h3>
          <p className={classes.quiet}>{t('files.outWhy')}</p>
          <div>
            <Button
              variant="default"
              onClick={() => window.location.assign(routeUrl(exportCalendar, { params }))}
            >
              {t('files.save')}
            </Button>
          </div>
        </section>
        <FeedSection calendarId={calendar.id} />
      </div>
    </Dialog>
  );
}
