import { codeOf, Slot, Trouble, useFormat, usePersonView, useSession, useSlot } from '@liaison/core/web';
import {
  Button,
  Face,
  PageBody,
  PageHeader,
  PageLoading,
  PersonState,
  type PersonView,
  Refusal,
  Tag,
  UnderTitle,
  useLabels,
  usePersonVerbs,
} from '@liaison/ui';
import {
  IconMail,
  IconMessageCircle,
  IconPencil,
  IconPhone,
  IconShield,
  IconVideo,
} from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Person } from '../../contract/index.ts';
import { personSections } from '../../contract/slots.ts';
import { photoOf } from '../shared/faces.ts';
import { useMinute } from '../shared/minute.ts';
import { mayAdminister } from '../shared/roles.ts';
import classes from './person.module.css';
import { PersonFacts } from './person-facts.tsx';

/** One person: who it is, whether she can be reached, what can be done, what is between you. */
export function PersonPage({ person }: { person: UseQueryResult<Person> }) {
  const { t } = useTranslation('people');
  if (person.data) return <Loaded person={person.data} />;
  if (!person.error) return <PageLoading />;
  return (
    <>
      <PageHeader title={t('nav.people')} />
      {codeOf(person.error) === 'not-found' ? (
        <Refusal title={t('person.missing')} actions={<Button href="/people">{t('person.toAll')}</Button>}>
          {t('person.missingWhy')}
        </Refusal>
      ) : (
        <div className={classes.trouble}>
          <Trouble error={person.error} />
        </div>
      )}
    </>
  );
}

const verbIcons = { call: IconPhone, video: IconVideo, chat: IconMessageCircle, mail: IconMail };

function Loaded({ person }: { person: Person }) {
  const { t } = useTranslation('people');
  const labels = useLabels();
  const me = useSession();
  const { clockOf } = useFormat();
  useMinute();
  const photo = photoOf(person);
  const known = { id: person.id, name: person.name, ...(photo ? { photo } : {}) };
  const view: PersonView = usePersonView(person.id, known) ?? known;
  const verbs = usePersonVerbs(view);
  const sections = useSlot(personSections);
  const own = person.id === me.personId;
  const clock = clockOf(person.timeZone);
  const { localTime: _said, ...state } = view;
  const offered = (['call', 'video', 'chat', 'mail'] as const).filter((id) => verbs[id] && !own);
  return (
    <>
      {/* Where the list is not beside the page, a way back to it; elsewhere the page begins with the face. */}
      <div className={classes.wayBack}>
        <PageHeader isPlace title={t('nav.people')} />
      </div>
      <PageBody label={person.name}>
        <div className={classes.body}>
          <div className={classes.who}>
            <span className={classes.face}>
              <Face
                name={person.name}
                id={person.id}
                photo={view.photo}
                size={104}
                reach={view.reach?.state}
              />
            </span>
            <div className={classes.words}>
              <h1 className={classes.name}>{person.name}</h1>
              <p className={classes.role}>
                {[person.title, person.office].filter(Boolean).join(', ') || person.address}
                {person.status === 'active' ? null : (
                  <Tag tone={person.status === 'suspended' ? 'danger' : 'accent'}>
                    {t(`status.${person.status}`)}
                  </Tag>
                )}
                {person.role === 'guest' ? <Tag>{t('role.guest')}</Tag> : null}
              </p>
              <p className={classes.state}>
                <PersonState person={state} />
                {clock ? <span className={classes.clock}>{t('person.clock', { time: clock })}</span> : null}
              </p>
            </div>
          </div>
          <div className={classes.verbs}>
            {offered.map((id) => {
              const Icon = verbIcons[id];
              return (
                <Button
                  key={id}
                  size="md"
                  variant={id === 'call' ? 'call' : 'default'}
                  leftSection={<Icon size={18} />}
                  onClick={verbs[id]}
                >
                  {labels[id]}
                </Button>
              );
            })}
            {own ? (
              <Button
                size="md"
                variant="default"
                leftSection={<IconPencil size={18} />}
                href="/settings/profile"
              >
                {t('person.editOwn')}
              </Button>
            ) : null}
            {mayAdminister(me.role, person.role) && !own ? (
              <Button
                size="md"
                variant="default"
                leftSection={<IconShield size={18} />}
                href={`/admin/people/${person.id}`}
              >
                {t('person.administer')}
              </Button>
            ) : null}
          </div>
          {person.bio ? <p className={classes.bio}>{person.bio}</p> : null}
          <div className={classes.narrow}>
            <PersonFacts person={person} />
          </div>
          {sections.length > 0 && !own ? (
            <section className={classes.between} aria-label={t('person.between')}>
              <h2>{t('person.between')}</h2>
              <UnderTitle value={2}>
                <Slot slot={personSections} person={person} />
              </UnderTitle>
            </section>
          ) : null}
        </div>
      </PageBody>
    </>
  );
}
