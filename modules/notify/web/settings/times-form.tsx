import { Trouble, useAction, useFormat } from '@liaison/core/web';
import {
  Actions,
  Button,
  Checkbox,
  Choices,
  NativeSelect,
  Pair,
  Radio,
  Section,
  Select,
  Switch,
  TextInput,
  useToasts,
} from '@liaison/ui';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Quiet, readPreferences, setTimes, type Times } from '../../contract/index.ts';
import classes from './settings.module.css';

const days = [1, 2, 3, 4, 5, 6, 7];
/** The first of January 2024 was a Monday. */
const nameOfDay = (day: number, locale: string): string =>
  new Intl.DateTimeFormat(locale, { weekday: 'short', timeZone: 'UTC' }).format(Date.UTC(2024, 0, day));

/** Quiet hours, what is pushed in calls, and when the digest comes. */
export function TimesForm({ times, zone }: { times: Times; zone: string }) {
  const { t } = useTranslation('notify');
  const toasts = useToasts();
  const [draft, setDraft] = useState(times);
  const save = useAction(setTimes, {
    invalidates: [readPreferences],
    onDone: () => toasts.show({ text: t('settings.saved') }),
  });
  const { quiet } = draft;
  const change = (part: Partial<Quiet>): void =>
    setDraft((last) => ({ ...last, quiet: { ...last.quiet, ...part } }));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate({ body: draft });
  };
  return (
    <form onSubmit={submit}>
      <Section title={t('quiet.title')} why={t('quiet.why')}>
        <Switch
          label={t('quiet.on')}
          checked={quiet.on}
          onChange={(event) => change({ on: event.currentTarget.checked })}
        />
        {quiet.on ? <QuietFields quiet={quiet} zone={zone} change={change} /> : null}
      </Section>
      <Section title={t('inCalls.title')} why={t('inCalls.why')}>
        <Radio.Group
          aria-label={t('inCalls.title')}
          value={draft.inCalls}
          onChange={(value) => setDraft((last) => ({ ...last, inCalls: value as Times['inCalls'] }))}
        >
          <div className={classes.stack}>
            <Radio value="calls-only" label={t('inCalls.callsOnly')} />
            <Radio value="everything" label={t('inCalls.everything')} />
          </div>
        </Radio.Group>
      </Section>
      <Section title={t('digest.title')} why={t('digest.why')}>
        <Pair>
          <TextInput
            type="time"
            required
            withAsterisk={false}
            label={t('digest.at')}
            value={draft.digestAt}
            onChange={(event) => {
              const digestAt = event.currentTarget.value;
              setDraft((last) => ({ ...last, digestAt }));
            }}
          />
        </Pair>
        <Trouble error={save.error} />
        <Actions>
          <Button type="submit" variant="filled" size="md" loading={save.isPending}>
            {t('settings.save')}
          </Button>
        </Actions>
      </Section>
    </form>
  );
}

function QuietFields({
  quiet,
  zone,
  change,
}: {
  quiet: Quiet;
  zone: string;
  change: (part: Partial<Quiet>) => void;
}) {
  const { t } = useTranslation('notify');
  const { locale } = useFormat();
  const zones = [...new Set([...Intl.supportedValuesOf('timeZone'), 'UTC', quiet.zone ?? zone])].sort();
  return (
    <>
      <Choices legend={t('quiet.days')}>
        {days.map((day) => (
          <Checkbox
            key={day}
            label={nameOfDay(day, locale)}
            checked={quiet.days.includes(day)}
            onChange={(event) =>
              change({
                days: event.currentTarget.checked
                  ? [...quiet.days, day].sort()
                  : quiet.days.filter((each) => each !== day),
              })
            }
          />
        ))}
      </Choices>
      <Pair>
        <TextInput
          type="time"
          required
          withAsterisk={false}
          label={t('quiet.from')}
          value={quiet.from}
          onChange={(event) => change({ from: event.currentTarget.value })}
        />
        <TextInput
          type="time"
          required
          withAsterisk={false}
          label={t('quiet.until')}
          value={quiet.until}
          onChange={(event) => change({ until: event.currentTarget.value })}
        />
      </Pair>
      <Select
        label={t('quiet.zone')}
        data={[
          { value: '', label: t('quiet.myZone', { zone: zone.replaceAll('_', ' ') }) },
          ...zones.map((each) => ({ value: each, label: each.replaceAll('_', ' ') })),
        ]}
        value={quiet.zone ?? ''}
        onChange={(value) => change({ zone: value || null })}
        searchable
        limit={80}
        allowDeselect={false}
      />
      <NativeSelect
        label={t('quiet.calls')}
        value={quiet.calls}
        onChange={(value) => change({ calls: value as Quiet['calls'] })}
        options={(['ring', 'silent'] as const).map((value) => ({ value, label: t(`quiet.${value}`) }))}
      />
    </>
  );
}
