import { useApi, usePersonView, useSession } from '@liaison/core/web';
import { listPeople, type PersonSummary } from '@liaison/people';
import { Button, Empty, PersonFace, PersonState, personLabel, useLabels, usePersonVerbs } from '@liaison/ui';
import { useTranslation } from 'react-i18next';
import { listCalls } from '../contract/index.ts';
import classes from './people-to-call.module.css';
import { photoOf } from './photo-of.ts';

const shownPeople = 12;

/** Faces to press: whom I spoke with last first, then the others by name. */
export function PeopleToCall() {
  const { t } = useTranslation('calls');
  const { personId: me } = useSession();
  const { data: directory } = useApi(listPeople, { query: { limit: 50, status: 'active' } });
  const { data: recent } = useApi(listCalls, { query: { limit: 40 } });
  const others = directory?.rows.filter((person) => person.id !== me) ?? [];
  const lately = new Map<string, number>();
  for (const { peer } of recent?.rows ?? [])
    if (peer.personId && !lately.has(peer.personId)) lately.set(peer.personId, lately.size);
  const rank = (person: PersonSummary): number => lately.get(person.id) ?? lately.size;
  // The sort is stable: those who never called keep the directory's order.
  const people = [...others].sort((a, b) => rank(a) - rank(b)).slice(0, shownPeople);
  if (people.length === 0) return directory ? <NobodyToCall /> : null;
  return (
    <section className={classes.people} aria-labelledby="people-to-call">
      <h2 id="people-to-call">{t('people.title')}</h2>
      <ul>
        {people.map((person) => (
          <li key={person.id}>
            <Card person={person} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The first look: what the page is for, and how others come. */
function NobodyToCall() {
  const { t } = useTranslation('calls');
  const { role } = useSession();
  return (
    <div className={classes.nobody}>
      <Empty
        title={t('people.none')}
        actions={
          role === 'owner' || role === 'manager' ? (
            <Button href="/admin/people?add=1">{t('people.add')}</Button>
          ) : undefined
        }
      >
        {t('people.noneWhy')}
      </Empty>
    </div>
  );
}

function Card({ person }: { person: PersonSummary }) {
  const labels = useLabels();
  const photo = photoOf(person);
  const view = usePersonView(person.id, { name: person.name, ...(photo === undefined ? {} : { photo }) }) ?? {
    id: person.id,
    name: person.name,
  };
  const { call } = usePersonVerbs(view);
  const office = view.office ?? person.office;
  const there = [office, view.localTime].filter(Boolean).join(', ');
  const state = { ...view };
  delete state.localTime;
  return (
    <button
      type="button"
      className={classes.card}
      aria-label={labels.verbFor(labels.call, [personLabel(labels, view), there].filter(Boolean).join(', '))}
      onClick={call}
    >
      <PersonFace person={view} size={40} />
      <span className={classes.words}>
        <b>{view.name}</b> <span className={classes.first}>{view.name.split(' ')[0]}</span>{' '}
        <span className={classes.state}>
          <PersonState person={state} />
        </span>{' '}
        {there ? <span className={classes.there}>{there}</span> : null}
      </span>
    </button>
  );
}
