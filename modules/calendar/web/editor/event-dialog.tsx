import { cityName, codeOf, Trouble, useAction, useApi, useFormat } from '@liaison/core/web';
import {
  Button,
  Checkbox,
  Dialog,
  ErrorNote,
  NativeSelect,
  Textarea,
  TextInput,
  useLabels,
} from '@liaison/ui';
import type { TFunction } from 'i18next';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type AppointmentFields,
  type CalendarView,
  changeEvent,
  changeMine,
  createEvent,
  dayFromWall,
  getEvent,
  type Invitee,
  listOccurrences,
  localFromWall,
  type Mine,
  maxNote,
  maxPlace,
  maxTitle,
  wallFromLocal,
  wallOf,
} from '../../contract/index.ts';
import classes from '../calendar.module.css';
import { calendarName } from '../calendar-name.ts';
import { zoneOptions } from '../zones.ts';
import { ColourField } from './calendar-dialog.tsx';
import type { Draft } from './draft.ts';
import { InviteesField } from './invitees-field.tsx';
import { endingOn, kindOf, kinds, type RuleKind, ruleOf, sayRule, untilOf } from './rule.ts';
import { TimeFinder } from './time-finder.tsx';

const reminderChoices = ['none', '0', '5', '10', '30', '60', '1440'] as const;

/** Everything about an appointment; what stands there already stays as it is where nobody touches it. */
export default function EventDialog({
  draft,
  calendars,
  onMade,
  onClose,
}: {
  draft: Draft;
  calendars: readonly CalendarView[];
  onMade: (eventId: string) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation('calendar');
  const labels = useLabels();
  const format = useFormat();
  const old = draft.change?.appointment;
  const times = old?.fields.times;
  const [title, setTitle] = useState(old?.fields.title ?? '');
  const [isAllDay, setAllDay] = useState(times?.isAllDay ?? draft.isAllDay ?? false);
  const [zone, setZone] = useState(times?.timeZone ?? draft.timeZone);
  const local = (ms: number) => localFromWall(wallOf(ms, draft.timeZone));
  const [start, setStart] = useState(whole(times?.start) ?? local(draft.startMs));
  // Whole days end on their last day here, and on the day after it where they are kept.
  const [end, setEnd] = useState(
    times?.isAllDay
      ? whole(dayFromWall(wallFromLocal(times.end) - 86_400_000))!
      : (times?.end ?? local(draft.endMs)),
  );
  const [rule, setRule] = useState<string | null>(old?.fields.rule ?? null);
  const [place, setPlace] = useState(old?.fields.place ?? '');
  const [note, setNote] = useState(old?.fields.note ?? '');
  const [invitees, setInvitees] = useState<readonly Invitee[]>(() => inviteesOf(old));
  const [chosenId, setChosenId] = useState(() => old?.calendarId ?? draft.calendarId);
  const [mine, setMine] = useState<Mine>(old?.mine ?? { isBusy: true, reminders: [10], colour: null });
  const [fault, setFault] = useState<string | null>(null);

  const after = { invalidates: [listOccurrences, getEvent] };
  const create = useAction(createEvent, after);
  const change = useAction(changeEvent, after);
  const keepMine = useAction(changeMine, after);
  const failed = create.error ?? change.error ?? keepMine.error;
  const isSaving = create.isPending || change.isPending || keepMine.isPending;
  const at = draft.change?.at ?? null;
  // While it is open the right to it may be taken away, or the appointment be deleted.
  const now = useApi(
    getEvent,
    old ? { params: { eventId: old.id }, query: at === null ? {} : { at } } : null,
  );
  const isGone = !isSaving && codeOf(now.error) === 'not-found';
  const mayOnlyRead = !isSaving && now.data?.canChange === false;
  const day = start.slice(0, 10);
  const kind = kindOf(rule, day);
  const isOne = draft.change?.scope === 'one';
  // The one that it lies in is called by its name also where she may only read it by now.
  const writable = calendars.filter(
    ({ id, kind: what, right }) =>
      (what === 'personal' || what === 'team') &&
      (right === 'write' || right === 'manage' || id === old?.calendarId),
  );
  const isOpen = chosenId === (old?.calendarId ?? null) || writable.some(({ id }) => id === chosenId);
  const calendarId = (isOpen ? chosenId : old?.calendarId) ?? calendars.find(isOwn)?.id ?? '';

  function moveStart(next: string): void {
    if (!next || Number.isNaN(wallFromLocal(next))) return;
    const length = wallFromLocal(end) - wallFromLocal(start);
    setStart(next);
    setEnd(localFromWall(wallFromLocal(next) + Math.max(0, length)));
    if (rule !== null && kind !== 'other') setRule(endingOn(ruleOf(kind, next.slice(0, 10)), untilOf(rule)));
  }

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (mayOnlyRead) return;
    if (end < start) return setFault(t('endsBefore'));
    setFault(null);
    const written: AppointmentFields['times'] = isAllDay
      ? {
          isAllDay: true,
          start: day,
          end: dayFromWall(wallFromLocal(end.slice(0, 10)) + 86_400_000),
          timeZone: null,
        }
      : { isAllDay: false, start, end, timeZone: zone };
    const fields: AppointmentFields = { title, place, note, times: written, rule };
    try {
      if (!old || !draft.change) {
        const made = await create.mutateAsync({
          params: { calendarId },
          body: { fields, mine, invitees: [...invitees] },
        });
        onMade(made.id);
      } else {
        const { scope } = draft.change;
        const changed = changedFields(old.fields, fields);
        const saved = await change.mutateAsync({
          params: { eventId: old.id },
          body: {
            scope,
            at,
            version: old.version,
            fields: changed,
            ...(isOne ? {} : { invitees: [...invitees] }),
            ...(calendarId === old.calendarId ? {} : { calendarId }),
          },
        });
        if (JSON.stringify(mine) !== JSON.stringify(old.mine)) {
          await keepMine.mutateAsync({ params: { eventId: saved.id }, body: mine });
        }
      }
      onClose();
    } catch {
      // Said below the fields.
    }
  }

  if (isGone) {
    return (
      <Dialog
        opened
        onClose={onClose}
        width={620}
        title={t('edit')}
        footer={
          <Button variant="default" onClick={onClose}>
            {labels.close}
          </Button>
        }
      >
        <ErrorNote title={t('gone')}>{t('lost')}</ErrorNote>
      </Dialog>
    );
  }
  const taken = codeOf(failed) === 'calendar-taken' ? takenText(failed, t, format.dateTime) : null;
  return (
    <Dialog
      opened
      onClose={onClose}
      width={620}
      title={t(old ? 'edit' : 'new')}
      footer={
        <>
          <Button variant="default" onClick={onClose}>
            {labels.cancel}
          </Button>
          <Button type="submit" form="calendar-event" loading={isSaving} disabled={mayOnlyRead}>
            {t('save')}
          </Button>
        </>
      }
    >
      <form id="calendar-event" className={classes.stack} onSubmit={(event) => void save(event)}>
        <TextInput
          label={t('field.title')}
          value={title}
          maxLength={maxTitle}
          data-autofocus
          autoFocus
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <div className={classes.pair}>
          <TextInput
            label={t('field.start')}
            type={isAllDay ? 'date' : 'datetime-local'}
            value={isAllDay ? day : start}
            required
            onChange={(event) => moveStart(whole(event.currentTarget.value) ?? '')}
          />
          <TextInput
            label={t('field.end')}
            type={isAllDay ? 'date' : 'datetime-local'}
            value={isAllDay ? end.slice(0, 10) : end}
            required
            error={fault}
            onChange={(event) => event.currentTarget.value && setEnd(whole(event.currentTarget.value)!)}
          />
        </div>
        <Checkbox
          label={t('field.allDay')}
          checked={isAllDay}
          onChange={(event) => {
            setAllDay(event.currentTarget.checked);
            // A day that is marked mostly takes nobody's time.
            setMine({ ...mine, isBusy: !event.currentTarget.checked, reminders: [] });
          }}
        />
        {isAllDay ? null : (
          <>
            <NativeSelect
              label={t('field.zone')}
              value={zone}
              options={zoneOptions(zone, format.language)}
              onChange={setZone}
            />
            {zone === format.timeZone ? null : (
              <p className={classes.quiet}>{t('zoneNote', { city: cityName(zone, format.language) })}</p>
            )}
          </>
        )}
        {isOne ? null : (
          <div className={classes.pair}>
            <NativeSelect
              label={t('field.repeat')}
              value={kind}
              options={kinds
                .filter((each) => each !== 'other' || kind === 'other')
                .map((each) => ({
                  value: each,
                  label:
                    each === 'never'
                      ? t('rule.never')
                      : sayRule(ruleOf(each, day) ?? rule ?? '', day, format.locale, t),
                }))}
              onChange={(value) =>
                value !== 'other' && setRule(endingOn(ruleOf(value as RuleKind, day), untilOf(rule)))
              }
            />
            {rule === null ? null : (
              <TextInput
                label={t('field.until')}
                type="date"
                min={day}
                value={untilOf(rule) ?? ''}
                onChange={(event) => setRule(endingOn(rule, event.currentTarget.value || null))}
              />
            )}
          </div>
        )}
        {isOne ? null : <InviteesField value={invitees} calendars={calendars} onChange={setInvitees} />}
        {isAllDay || isOne || invitees.length === 0 ? null : (
          <TimeFinder
            invitees={invitees}
            minutes={Math.max(15, (wallFromLocal(end) - wallFromLocal(start)) / 60_000)}
            day={day}
            onPick={(startMs, endMs) => {
              setStart(localFromWall(wallOf(startMs, zone)));
              setEnd(localFromWall(wallOf(endMs, zone)));
            }}
          />
        )}
        <TextInput
          label={t('field.place')}
          value={place}
          maxLength={maxPlace}
          onChange={(event) => setPlace(event.currentTarget.value)}
        />
        <Textarea
          label={t('field.note')}
          value={note}
          maxLength={maxNote}
          autosize
          minRows={2}
          maxRows={8}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <div className={classes.pair}>
          {draft.change && draft.change.scope !== 'all' ? null : (
            <NativeSelect
              label={t('field.calendar')}
              value={calendarId}
              options={writable.map((each) => ({ value: each.id, label: calendarName(each, t('mine')) }))}
              onChange={setChosenId}
            />
          )}
          <NativeSelect
            label={t('field.reminder')}
            value={String(mine.reminders[0] ?? 'none')}
            options={reminderChoices.map((value) => ({ value, label: t(`reminderOf.${value}`) }))}
            onChange={(value) => setMine({ ...mine, reminders: value === 'none' ? [] : [Number(value)] })}
          />
          <NativeSelect
            label={t('field.shownAs')}
            value={mine.isBusy ? 'taken' : 'free'}
            options={[
              { value: 'taken', label: t('taken') },
              { value: 'free', label: t('free') },
            ]}
            onChange={(value) => setMine({ ...mine, isBusy: value === 'taken' })}
          />
        </div>
        <ColourField
          value={mine.colour}
          none={t('colourOfCalendar')}
          onChange={(colour) => setMine({ ...mine, colour })}
        />
        {isOpen ? null : <ErrorNote title={t('calendarClosed')}>{t('calendarClosedWhy')}</ErrorNote>}
        {mayOnlyRead ? <ErrorNote title={t('readOnly')}>{t('readOnlyWhy')}</ErrorNote> : null}
        <Trouble error={failed} {...(taken === null ? {} : { text: taken })} />
      </form>
    </Dialog>
  );
}

const isOwn = ({ kind, isFirst }: CalendarView): boolean => kind === 'personal' && isFirst;

/** A day becomes its nine o'clock, so that a time is there when it stops being a whole day. */
const whole = (local: string | undefined): string | undefined =>
  local === undefined ? undefined : local.length === 10 ? `${local}T09:00` : local.slice(0, 16);

const inviteesOf = (appointment: NonNullable<Draft['change']>['appointment'] | undefined): Invitee[] =>
  (appointment?.participants ?? []).map((each): Invitee => {
    if (each.kind === 'person') return { kind: 'person', personId: each.personId! };
    if (each.kind === 'resource') return { kind: 'resource', calendarId: each.calendarId! };
    return { kind: 'address', address: each.address! };
  });

function changedFields(old: AppointmentFields, next: AppointmentFields): Partial<AppointmentFields> {
  const changed: Partial<AppointmentFields> = {};
  if (next.title !== old.title) changed.title = next.title;
  if (next.place !== old.place) changed.place = next.place;
  if (next.note !== old.note) changed.note = next.note;
  if (JSON.stringify(next.times) !== JSON.stringify(old.times)) changed.times = next.times;
  if (next.rule !== old.rule) changed.rule = next.rule;
  return changed;
}

function takenText(error: unknown, t: TFunction<'calendar'>, say: (when: string) => string): string {
  const { errors } = error as { errors?: { path: string; message: string }[] };
  const of = (path: string) => errors?.find((each) => each.path === path)?.message;
  const startsAt = of('startsAt');
  return startsAt ? t('takenAt', { name: of('name'), time: say(startsAt) }) : t('problem.calendar-taken');
}
