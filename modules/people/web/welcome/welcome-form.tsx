import { cityName, invalidate, Trouble, useAction, useRefreshSession, useSession } from '@liaison/core/web';
import { Button, Dot, Face, Pair, type Reach, TextInput, useLabels } from '@liaison/ui';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { changeProfile, getPerson, type Person } from '../../contract/index.ts';
import { PhotoField } from '../settings/photo-field.tsx';
import { photoOf, refreshFaces } from '../shared/faces.ts';
import { useGo } from '../shared/go.ts';
import { LanguageSelect } from '../shared/language-select.tsx';
import { ownZone } from '../shared/time-zones.ts';
import { ZoneSelect } from '../shared/zone-select.tsx';
import { SoundStep } from './sound-step.tsx';
import { Step } from './step.tsx';
import classes from './welcome.module.css';

export function WelcomeForm({ person }: { person: Person }) {
  const { t, i18n } = useTranslation('people');
  const go = useGo();
  const client = useQueryClient();
  const refreshSession = useRefreshSession();
  const [title, setTitle] = useState(person.title ?? '');
  const [office, setOffice] = useState(person.office ?? '');
  const [language, setLanguage] = useState(person.language);
  const [timeZone, setTimeZone] = useState(person.timeZone === 'UTC' ? ownZone() : person.timeZone);
  const changed = (): void => {
    void invalidate(client, [[getPerson, { params: { id: person.id } }]]);
    refreshFaces(client, [person.id]);
    void refreshSession().catch(() => {});
  };
  const save = useAction(changeProfile, {
    onDone: () => {
      changed();
      go.to('/');
    },
  });
  const first = person.name.split(/\s+/, 1)[0] ?? person.name;
  return (
    <div className={classes.columns}>
      <main className={classes.form}>
        <h1>{t('welcome.title', { name: first })}</h1>
        <ol className={classes.steps}>
          <SoundStep />
          <Step number={2} title={t('welcome.words.title')} why={t('welcome.words.why')}>
            <Pair>
              <LanguageSelect
                value={language}
                onChange={(chosen) => {
                  setLanguage(chosen);
                  void i18n.changeLanguage(chosen);
                }}
              />
              <ZoneSelect value={timeZone} onChange={setTimeZone} />
            </Pair>
          </Step>
          <Step
            number={3}
            title={t('welcome.face.title')}
            why={t('welcome.face.why')}
            done={person.photo !== null}
          >
            <PhotoField person={person} onChanged={changed} />
            <Pair>
              <TextInput
                label={t('field.title')}
                placeholder={t('field.titleExample')}
                maxLength={120}
                value={title}
                onChange={(event) => setTitle(event.currentTarget.value)}
              />
              <TextInput
                label={t('field.office')}
                placeholder={cityName(timeZone, language)}
                maxLength={120}
                value={office}
                onChange={(event) => setOffice(event.currentTarget.value)}
              />
            </Pair>
          </Step>
        </ol>
        <Trouble error={save.error} title={t('notSaved')} />
        <div className={classes.end}>
          <Button
            size="lg"
            loading={save.isPending}
            onClick={() =>
              save.mutate({ params: { id: person.id }, body: { title, office, language, timeZone } })
            }
          >
            {t('welcome.verb')}
          </Button>
        </div>
      </main>
      <Seen person={person} place={[title, office].filter(Boolean).join(', ')} />
    </div>
  );
}

const states = ['free', 'call', 'meeting', 'dnd', 'away', 'offline'] as const satisfies readonly Reach[];

/** What colleagues see, and what each state means for somebody who calls. */
function Seen({ person, place }: { person: Person; place: string }) {
  const { t } = useTranslation('people');
  const labels = useLabels();
  const { address } = useSession();
  return (
    <aside className={classes.seen} aria-label={t('welcome.seen')}>
      <h2>{t('welcome.seen')}</h2>
      <div className={classes.card}>
        <Face name={person.name} id={person.id} photo={photoOf(person)} size={72} reach="free" />
        <b>{person.name}</b>
        <span>{place || address}</span>
        <span className={classes.free}>{labels.reach.free}</span>
      </div>
      <dl className={classes.states}>
        {states.map((state) => (
          <div key={state}>
            <dt>
              <Dot state={state} size={12} />
              {labels.reach[state]}
            </dt>
            <dd>{t(`welcome.state.${state}`)}</dd>
          </div>
        ))}
      </dl>
    </aside>
  );
}
