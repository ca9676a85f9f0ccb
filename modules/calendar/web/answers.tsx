import { Trouble, useAction, useFormat, useSession } from '@liaison/core/web';
import { Button, Heading, Segments, Tag, TextInput } from '@liaison/ui';
import { IconBuilding, IconMail } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type Appointment,
  answerInvitation,
  getEvent,
  listOccurrences,
  type Participant,
} from '../contract/index.ts';
import answerClasses from './answers.module.css';
import classes from './calendar.module.css';
import { Person } from './editor/invitees-field.tsx';

/** What I say to an invitation: to all of a series, or to the time of it that is open. */
export function MyAnswer({ event, at }: { event: Appointment; at: string | null }) {
  const { t } = useTranslation('calendar');
  const { personId } = useSession();
  const [word, setWord] = useState(event.word ?? '');
  const answer = useAction(answerInvitation, { invalidates: [getEvent, listOccurrences] });
  const hasTimes = at !== null && event.seriesAnswer !== null;
  // Who has not answered the series most likely means all of it.
  const [chosen, setChosen] = useState<'one' | 'all' | null>(null);
  const scope = !hasTimes ? 'all' : (chosen ?? (event.seriesAnswer === 'none' ? 'all' : 'one'));
  const said = scope === 'all' ? (event.seriesAnswer ?? event.answer) : event.answer;
  const say = (given: 'yes' | 'no' | 'maybe') => {
    // What was meant is meant still, whatever the series says now.
    if (hasTimes) setChosen(scope);
    answer.mutate({
      params: { eventId: event.id },
      body: { answer: given, word: word || null, at: scope === 'one' ? at : null },
    });
  };
  const otherwise = event.otherwise.filter((each) => each.personId === personId);
  return (
    <section className={classes.answer} aria-label={t('yourAnswer')}>
      <Heading>{t('yourAnswer')}</Heading>
      {hasTimes ? (
        <Segments
          label={t('answerFor.label')}
          value={scope}
          onChange={setChosen}
          items={[
            { id: 'one', label: t('answerFor.one') },
            { id: 'all', label: t('answerFor.all') },
          ]}
        />
      ) : null}
      <div className={classes.answers}>
        {(['yes', 'maybe', 'no'] as const).map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={said === each}
            disabled={answer.isPending}
            onClick={() => say(each)}
          >
            {t(`answer.${each}`)}
          </button>
        ))}
      </div>
      {otherwise.length > 0 && scope === 'all' ? (
        <p className={classes.quiet}>{t('answerFor.stays')}</p>
      ) : null}
      <Otherwise event={event} of={otherwise} />
      <TextInput
        label={t('field.word')}
        value={word}
        maxLength={500}
        onChange={(change) => setWord(change.currentTarget.value)}
      />
      {word !== (event.word ?? '') && said && said !== 'none' ? (
        <Button variant="default" loading={answer.isPending} onClick={() => say(said)}>
          {t('sendWord')}
        </Button>
      ) : null}
      <Trouble error={answer.error} />
    </section>
  );
}

const shownTimes = 5;

/** Days that somebody answered otherwise than the series. */
function Otherwise({ event, of }: { event: Appointment; of: Appointment['otherwise'] }) {
  const { t } = useTranslation('calendar');
  const { locale, timeZone } = useFormat();
  if (of.length === 0) return null;
  const format = new Intl.DateTimeFormat(locale, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    timeZone: event.fields.times.isAllDay ? 'UTC' : timeZone,
  });
  return (
    <ul className={answerClasses.otherwise} aria-label={t('otherwise')}>
      {of.slice(0, shownTimes).map(({ at, answer }) => (
        <li key={at}>
          {t('otherwiseOn', { day: format.format(Date.parse(at)), answer: t(`answerOf.${answer}`) })}
        </li>
      ))}
      {of.length > shownTimes ? <li>{t('otherwiseMore', { count: of.length - shownTimes })}</li> : null}
    </ul>
  );
}

/** Who was asked to come, and what each said. */
export function Participants({ event }: { event: Appointment }) {
  const { t } = useTranslation('calendar');
  const { personId } = useSession();
  const nameOf = (each: Participant) =>
    each.kind === 'person' ? (
      <Person personId={each.personId!} />
    ) : (
      <span className={classes.thing}>
        {each.kind === 'resource' ? <IconBuilding size={16} /> : <IconMail size={16} />}
        {each.name || each.address}
      </span>
    );
  return (
    <section aria-label={t('who')}>
      <Heading>{t('who')}</Heading>
      <ul className={classes.invitees}>
        {event.organiserId ? (
          <li>
            <Person personId={event.organiserId} />
            <Tag>{t('organiser')}</Tag>
          </li>
        ) : null}
        {event.participants.map((each) => (
          <li key={each.personId ?? each.calendarId ?? each.address}>
            {nameOf(each)}
            {each.kind === 'resource' ? null : (
              <Tag>{t(each.answer === 'none' ? 'answerOf.none' : `answerOf.${each.answer}`)}</Tag>
            )}
            {each.word && each.personId !== personId ? <q>{each.word}</q> : null}
            {each.personId === null || each.personId === personId ? null : (
              <Otherwise event={event} of={event.otherwise.filter((one) => one.personId === each.personId)} />
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
