import { Trouble, useAction, useApi, useFormat, usePageTitle } from '@liaison/core/web';
import {
  Actions,
  Button,
  Checkbox,
  Choices,
  Link,
  PageBody,
  PageHeader,
  Pair,
  Section,
  TextInput,
  useToasts,
} from '@liaison/ui';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { getWorkingHours, setWorkingHours, type WorkingHours } from '../../contract/index.ts';
import { firstDayOf } from '../state/days.ts';
import { clockOf, endOf, minuteOf } from './clock.ts';
import classes from './hours.module.css';

/** When I work: what the finder of common times proposes first to whoever looks for one with me. */
export default function HoursPage() {
  const { t } = useTranslation('calendar');
  // The zone is the profile's, which may have changed a moment ago.
  const { data, error, isFetchedAfterMount } = useApi(getWorkingHours, {}, { staleMs: 0 });
  usePageTitle(t('workingHours.title'));
  return (
    <>
      <PageHeader title={t('workingHours.title')} />
      <PageBody padded label={t('workingHours.title')}>
        <Trouble error={error} />
        {/* Fields begin with what is so now, and not with what was kept of it from before. */}
        {data && isFetchedAfterMount ? <HoursForm hours={data} /> : null}
      </PageBody>
    </>
  );
}

function HoursForm({ hours }: { hours: WorkingHours }) {
  const { t } = useTranslation('calendar');
  const toasts = useToasts();
  const { locale } = useFormat();
  const [days, setDays] = useState<readonly number[]>(hours.days);
  const [from, setFrom] = useState(clockOf(hours.fromMinute));
  const [until, setUntil] = useState(clockOf(hours.toMinute));
  const save = useAction(setWorkingHours, {
    invalidates: [getWorkingHours],
    onDone: () => toasts.show({ text: t('workingHours.saved') }),
  });
  const fromMinute = minuteOf(from);
  const toMinute = endOf(until);
  const isComplete = fromMinute !== null && toMinute !== null;
  const isBackwards = isComplete && toMinute <= fromMinute;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isComplete && !isBackwards) save.mutate({ body: { days: [...days], fromMinute, toMinute } });
  };
  const firstDay = firstDayOf(locale);
  const week = Array.from({ length: 7 }, (_, index) => ((firstDay - 1 + index) % 7) + 1);
  const dayName = new Intl.DateTimeFormat(locale, { weekday: 'long', timeZone: 'UTC' });
  return (
    <form onSubmit={submit}>
      <Section title={t('workingHours.title')} why={t('workingHours.why')}>
        <Choices legend={t('workingHours.days')}>
          {week.map((day) => (
            <Checkbox
              key={day}
              // The first of January 2024 was a Monday.
              label={dayName.format(Date.UTC(2024, 0, day))}
              checked={days.includes(day)}
              onChange={() =>
                setDays(days.includes(day) ? days.filter((each) => each !== day) : [...days, day].sort())
              }
            />
          ))}
        </Choices>
        <Pair>
          <TextInput
            type="time"
            required
            withAsterisk={false}
            label={t('workingHours.from')}
            value={from}
            onChange={(event) => setFrom(event.currentTarget.value)}
          />
          <TextInput
            type="time"
            required
            withAsterisk={false}
            label={t('workingHours.until')}
            value={until}
            error={isBackwards ? t('endsBefore') : undefined}
            onChange={(event) => setUntil(event.currentTarget.value)}
          />
        </Pair>
        <p className={classes.zone}>
          {t('workingHours.zone', { zone: hours.timeZone.replaceAll('_', ' ') })}{' '}
          <Link href="/settings/profile">{t('workingHours.toProfile')}</Link>
        </p>
        <Trouble error={save.error} />
        <Actions>
          <Button type="submit" variant="filled" size="md" loading={save.isPending} disabled={isBackwards}>
            {t('save')}
          </Button>
        </Actions>
      </Section>
    </form>
  );
}
