import { Trouble, useAction } from '@liaison/core/web';
import { Button, ConfirmDialog, Dialog, NativeSelect, TextInput, useLabels } from '@liaison/ui';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type CalendarView,
  changeCalendar,
  createCalendar,
  deleteCalendar,
  listCalendars,
  listOccurrences,
  maxCalendarName,
} from '../../contract/index.ts';
import classes from '../calendar.module.css';
import { ColourField } from '../editor/calendar-dialog.tsx';

const mostSeats = 10_000;

/** A room or a piece of equipment to change, or a new one. */
export function RoomDialog({ thing, onClose }: { thing: CalendarView | null; onClose: () => void }) {
  const { t } = useTranslation('calendar');
  const labels = useLabels();
  const [kind, setKind] = useState<'room' | 'equipment'>(thing?.kind === 'equipment' ? 'equipment' : 'room');
  const [name, setName] = useState(thing?.name ?? '');
  const [seats, setSeats] = useState(thing?.capacity?.toString() ?? '');
  const [colour, setColour] = useState(thing?.colour ?? 7);
  const [asked, setAsked] = useState<'retire' | 'delete' | null>(null);
  const after = { invalidates: [listCalendars, listOccurrences], onDone: onClose };
  const create = useAction(createCalendar, after);
  const change = useAction(changeCalendar, after);
  const retire = useAction(changeCalendar, after);
  const remove = useAction(deleteCalendar, after);
  const failed = create.error ?? change.error ?? retire.error ?? remove.error;
  const capacity = kind === 'room' && seats.trim() !== '' ? Number(seats) : null;
  const isCounted =
    capacity === null || (Number.isInteger(capacity) && capacity >= 1 && capacity <= mostSeats);
  const save = (): void => {
    if (thing) change.mutate({ params: { calendarId: thing.id }, body: { name, colour, capacity } });
    else create.mutate({ body: { spaceId: null, kind, name, colour, capacity } });
  };
  if (thing && asked) {
    const params = { calendarId: thing.id };
    // What went wrong is told where it was asked for.
    const back = { onError: () => setAsked(null) };
    return (
      <ConfirmDialog
        opened
        title={t(`rooms.${asked}Title`, { name: thing.name })}
        verb={t(`rooms.${asked}`)}
        danger
        busy={retire.isPending || remove.isPending}
        onConfirm={() =>
          asked === 'retire'
            ? retire.mutate({ params, body: { isRetired: true } }, back)
            : remove.mutate({ params }, back)
        }
        onCancel={() => setAsked(null)}
      >
        {t(`rooms.${asked}What`)}
      </ConfirmDialog>
    );
  }
  return (
    <Dialog
      opened
      onClose={onClose}
      title={thing ? thing.name : t('rooms.add')}
      footer={
        <>
          {thing?.isRetired ? (
            <>
              <Button variant="subtle" onClick={() => setAsked('delete')}>
                {t('rooms.delete')}
              </Button>
              <Button
                variant="subtle"
                loading={retire.isPending}
                onClick={() =>
                  retire.mutate({ params: { calendarId: thing.id }, body: { isRetired: false } })
                }
              >
                {t('rooms.bringBack')}
              </Button>
            </>
          ) : thing ? (
            <Button variant="subtle" onClick={() => setAsked('retire')}>
              {t('rooms.retire')}
            </Button>
          ) : null}
          <Button variant="default" onClick={onClose}>
            {labels.cancel}
          </Button>
          <Button
            loading={create.isPending || change.isPending}
            disabled={name.trim() === '' || !isCounted}
            onClick={save}
          >
            {t('save')}
          </Button>
        </>
      }
    >
      <div className={classes.stack}>
        {thing ? null : (
          <NativeSelect
            label={t('rooms.kind')}
            value={kind}
            options={[
              { value: 'room', label: t('rooms.room') },
              { value: 'equipment', label: t('rooms.equipment') },
            ]}
            onChange={(value) => setKind(value === 'equipment' ? 'equipment' : 'room')}
          />
        )}
        <TextInput
          label={t('field.name')}
          value={name}
          maxLength={maxCalendarName}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {kind === 'room' ? (
          <TextInput
            label={t('rooms.seats')}
            description={t('rooms.seatsWhy')}
            inputMode="numeric"
            value={seats}
            error={isCounted ? undefined : t('rooms.seatsWrong')}
            onChange={(event) => setSeats(event.currentTarget.value)}
          />
        ) : null}
        <ColourField value={colour} onChange={(value) => setColour(value ?? 7)} />
        <Trouble error={failed} />
      </div>
    </Dialog>
  );
}
