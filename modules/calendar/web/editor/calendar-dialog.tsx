import { Trouble, useAction } from '@liaison/core/web';
import { Button, Dialog, TextInput, useLabels } from '@liaison/ui';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type CalendarView,
  changeCalendar,
  colours,
  createCalendar,
  deleteCalendar,
  listCalendars,
  listOccurrences,
  maxCalendarName,
} from '../../contract/index.ts';
import classes from '../calendar.module.css';
import { calendarName } from '../calendar-name.ts';

/** A calendar's name and colour, or a new one of mine. */
export default function CalendarDialog({
  calendar,
  onClose,
}: {
  calendar: CalendarView | null;
  onClose: () => void;
}) {
  const { t } = useTranslation('calendar');
  const labels = useLabels();
  const [name, setName] = useState(calendar?.name ?? '');
  const [colour, setColour] = useState(calendar?.colour ?? 2);
  const after = { invalidates: [listCalendars, listOccurrences], onDone: onClose };
  const create = useAction(createCalendar, after);
  const change = useAction(changeCalendar, after);
  const remove = useAction(deleteCalendar, after);
  const failed = create.error ?? change.error ?? remove.error;
  const isNamed = calendar?.isFirst !== true;
  const save = () => {
    if (!calendar) {
      create.mutate({ body: { spaceId: null, kind: 'calendar', name, colour, capacity: null } });
    } else {
      change.mutate({ params: { calendarId: calendar.id }, body: { colour, ...(isNamed ? { name } : {}) } });
    }
  };
  return (
    <Dialog
      opened
      onClose={onClose}
      title={calendar ? calendarName(calendar, t('mine')) : t('addCalendar')}
      footer={
        <>
          {calendar && isNamed ? (
            <Button
              variant="subtle"
              loading={remove.isPending}
              onClick={() => remove.mutate({ params: { calendarId: calendar.id } })}
            >
              {t('deleteCalendar')}
            </Button>
          ) : null}
          <Button variant="default" onClick={onClose}>
            {labels.cancel}
          </Button>
          <Button
            loading={create.isPending || change.isPending}
            disabled={isNamed && name.trim() === ''}
            onClick={save}
          >
            {t('save')}
          </Button>
        </>
      }
    >
      <div className={classes.stack}>
        {isNamed ? (
          <TextInput
            label={t('field.name')}
            value={name}
            maxLength={maxCalendarName}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        ) : null}
        <ColourField value={colour} onChange={(value) => setColour(value ?? 0)} />
        <Trouble error={failed} />
      </div>
    </Dialog>
  );
}

/** One of the numbered colours, or with `none` that of the calendar. */
export function ColourField({
  value,
  none,
  onChange,
}: {
  value: number | null;
  none?: string;
  onChange: (colour: number | null) => void;
}) {
  const { t } = useTranslation('calendar');
  return (
    <fieldset className={classes.colours}>
      <legend>{t('field.colour')}</legend>
      {none === undefined ? null : (
        <button
          type="button"
          aria-pressed={value === null}
          className={classes.noColour}
          onClick={() => onChange(null)}
        >
          {none}
        </button>
      )}
      {Array.from({ length: colours }, (_, index) => (
        <button
          // biome-ignore lint/suspicious/noArrayIndexKey: colours are numbers
          key={index}
          type="button"
          className={classes.swatch}
          data-colour={index}
          aria-pressed={value === index}
          aria-label={t('colour', { number: index + 1 })}
          onClick={() => onChange(index)}
        />
      ))}
    </fieldset>
  );
}
