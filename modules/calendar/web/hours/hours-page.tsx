import { Trouble, useAction, useApi, useFormat, usePageTitle } from '@liaison/core/web';
import {
  Actions,
  Button,
  IconButton,
  Link,
  PageBody,
  PageHeader,
  Progress,
  Section,
  TextInput,
  useLabels,
  useToasts,
} from '@liaison/ui';
import { IconPlus, IconX } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  getWorkingHours,
  type HoursSpan,
  maxSpansOfDay,
  overlapping,
  setWorkingHours,
  type WorkingHours,
} from '../../contract/index.ts';
import { useFirstDay } from '../state/use-first-day.ts';
import { clockOf, endOf, minuteOf } from './clock.ts';
import classes from './hours.module.css';

/** When I work: what the finder of common times proposes first to whoever looks for one with me. */
export default function HoursPage() {
  const { t } = useTranslation('calendar');
  // The zone is the profile's, which may have changed a moment ago.
  const labels = useLabels();
  const { data, error, isFetchedAfterMount } = useApi(getWorkingHours, {}, { staleMs: 0 });
  usePageTitle(t('workingHours.title'));
  return (
    <>
      <PageHeader title={t('workingHours.title')} />
      <PageBody padded label={t('workingHours.title')}>
        <Trouble error={error} />
        {!error && !(data && isFetchedAfterMount) ? <Progress bare label={labels.loading} /> : null}
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
  const [written, setWritten] = useState<readonly WrittenSpan[]>(() => hours.spans.map(toWritten));
  const save = useAction(setWorkingHours, {
    invalidates: [getWorkingHours],
    onDone: () => toasts.show({ text: t('workingHours.saved') }),
  });
  const spans = written.map(toSpan);
  const complete = spans.filter((each) => each !== null);
  const isComplete = complete.length === spans.length;
  const crossed = overlapping(complete);
  const { firstDay } = useFirstDay(locale);
  const week = Array.from({ length: 7 }, (_, index) => ((firstDay - 1 + index) % 7) + 1);
  const dayName = new Intl.DateTimeFormat(locale, { weekday: 'long', timeZone: 'UTC' });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isComplete && crossed.size === 0) save.mutate({ body: { spans: complete } });
  };
  const add = (day: number): void => {
    const last = written.findLast((each) => each.day === day);
    const from = last ? Math.min(1380, (endOf(last.until) ?? 960) + 60) : 540;
    const until = last ? Math.min(1440, from + 240) : 1050;
    setWritten([...written, { key: nextKey(), day, from: clockOf(from), until: clockOf(until) }]);
  };
  return (
    <form onSubmit={submit}>
      <Section title={t('workingHours.title')} why={t('workingHours.why')}>
        {week.map((day) => {
          // The first of January 2024 was a Monday.
          const name = dayName.format(Date.UTC(2024, 0, day));
          const ofDay = written.filter((each) => each.day === day);
          return (
            <fieldset key={day} className={classes.day}>
              <legend>{name}</legend>
              {ofDay.length === 0 ? <span className={classes.free}>{t('workingHours.free')}</span> : null}
              {ofDay.map((each) => {
                const span = spans[written.indexOf(each)];
                const change = (fields: Partial<WrittenSpan>) =>
                  setWritten(written.map((other) => (other === each ? { ...each, ...fields } : other)));
                return (
                  <div key={each.key} className={classes.span}>
                    <TextInput
                      type="time"
                      required
                      aria-label={t('workingHours.fromOf', { day: name })}
                      value={each.from}
                      onChange={(event) => change({ from: event.currentTarget.value })}
                    />
                    <span aria-hidden="true">–</span>
                    <TextInput
                      type="time"
                      required
                      aria-label={t('workingHours.untilOf', { day: name })}
                      value={each.until}
                      onChange={(event) => change({ until: event.currentTarget.value })}
                    />
                    <IconButton
                      aria-label={t('workingHours.remove', { day: name })}
                      onClick={() => setWritten(written.filter((other) => other !== each))}
                    >
                      <IconX size={18} />
                    </IconButton>
                    {span && span.toMinute > 1440 ? (
                      <span className={classes.note}>{t('workingHours.dayAfter')}</span>
                    ) : null}
                    {span && crossed.has(span) ? (
                      <span className={classes.wrong} role="alert">
                        {t('workingHours.overlap')}
                      </span>
                    ) : null}
                  </div>
                );
              })}
              {ofDay.length < maxSpansOfDay ? (
                <Button
                  variant="subtle"
                  leftSection={<IconPlus size={16} />}
                  aria-label={t('workingHours.addTo', { day: name })}
                  onClick={() => add(day)}
                >
                  {t('workingHours.add')}
                </Button>
              ) : null}
            </fieldset>
          );
        })}
        <p className={classes.zone}>
          {t('workingHours.zone', { zone: hours.timeZone.replaceAll('_', ' ') })}{' '}
          <Link href="/settings/profile">{t('workingHours.toProfile')}</Link>
        </p>
        <Trouble error={save.error} />
        <Actions>
          <Button
            type="submit"
            variant="filled"
            size="md"
            loading={save.isPending}
            disabled={!isComplete || crossed.size > 0}
          >
            {t('save')}
          </Button>
        </Actions>
      </Section>
    </form>
  );
}

/** Hours as the fields hold them. */
interface WrittenSpan {
  readonly key: number;
  readonly day: number;
  readonly from: string;
  readonly until: string;
}

let keys = 0;
const nextKey = (): number => {
  keys += 1;
  return keys;
};

const toWritten = ({ day, fromMinute, toMinute }: HoursSpan): WrittenSpan => ({
  key: nextKey(),
  day,
  from: clockOf(fromMinute),
  until: clockOf(toMinute),
});

/** Null for fields that are not filled. What ends before it begins ends on the day after. */
function toSpan({ day, from, until }: WrittenSpan): HoursSpan | null {
  const fromMinute = minuteOf(from);
  const toMinute = endOf(until);
  if (fromMinute === null || toMinute === null) return null;
  return { day, fromMinute, toMinute: toMinute <= fromMinute ? toMinute + 1440 : toMinute };
}
