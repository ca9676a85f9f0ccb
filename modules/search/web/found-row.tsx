import { useFormat, usePersonView } from '@liaison/core/web';
import { Face, Link, PersonFace, PersonState } from '@liaison/ui';
import { useTranslation } from 'react-i18next';
import type { FoundItem } from '../contract/index.ts';
import { iconOf, kindKey } from './kinds.tsx';
import { Marked } from './marked.tsx';
import { PersonName } from './person-name.tsx';
import classes from './search.module.css';

/** One thing that was found: what it is called, the passage, and whose it is, where and from when. */
export function FoundRow({ item }: { item: FoundItem }) {
  const { t } = useTranslation('search');
  const format = useFormat();
  const [personId] = item.personIds;
  const isPerson = item.kind === 'people.person';
  const name = personId === undefined ? null : <PersonName personId={personId} otherwise={t('somebody')} />;
  const isTitled = item.title.length > 0;
  // A message is called as who wrote it, a call as with whom it was.
  const title = isTitled ? <Marked pieces={item.title} /> : (name ?? t('somebody'));
  const foot = [
    <span key="kind">{t(kindKey(item.kind))}</span>,
    item.container === '' ? null : (
      <span key="place" className={classes.place}>
        {item.container}
      </span>
    ),
    isPerson || !isTitled || name === null ? null : <span key="who">{name}</span>,
    isPerson && personId !== undefined ? (
      <FoundState key="state" personId={personId} />
    ) : (
      <time key="at" dateTime={item.at}>
        {format.row(item.at)}
      </time>
    ),
  ].filter((each) => each !== null);
  return (
    <li className={classes.item}>
      <Link href={item.path} className={classes.found} data-result="">
        {isPerson && personId !== undefined ? (
          <FoundFace personId={personId} />
        ) : (
          <KindFace kind={item.kind} />
        )}
        <span className={classes.words}>
          <span className={classes.title}>{title}</span>
          {item.passage.length > 0 ? (
            <span className={classes.passage}>
              <Marked pieces={item.passage} />
            </span>
          ) : null}
          <span className={classes.foot}>{foot}</span>
        </span>
      </Link>
    </li>
  );
}

function KindFace({ kind }: { kind: string }) {
  const Icon = iconOf(kind);
  return <Face name="" id={kind} square size={36} icon={<Icon size={19} />} />;
}

function FoundFace({ personId }: { personId: string }) {
  const person = usePersonView(personId);
  return person ? <PersonFace person={person} size={36} /> : <KindFace kind="people.person" />;
}

function FoundState({ personId }: { personId: string }) {
  const person = usePersonView(personId);
  return person ? <PersonState person={person} /> : null;
}
