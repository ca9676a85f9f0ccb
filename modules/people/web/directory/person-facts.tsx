import {
  cityName,
  localeFor,
  NumberText,
  Slot,
  useFormat,
  usePersonView,
  useSession,
} from '@liaison/core/web';
import { IconButton, Tag, usePersonVerbs } from '@liaison/ui';
import { IconPhone } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Person } from '../../contract/index.ts';
import { numberVerb } from '../../contract/slots.ts';
import { CopyButton } from '../shared/copy-button.tsx';
import { useMinute } from '../shared/minute.ts';
import classes from './person.module.css';

/** How somebody is reached and whom she works with: address, extension, numbers, hour, languages, teams. */
export function PersonFacts({ person }: { person: Person }) {
  const { t, i18n } = useTranslation('people');
  const me = useSession();
  const format = useFormat();
  useMinute();
  const view = usePersonView(person.id, { name: person.name }) ?? { id: person.id, name: person.name };
  const verbs = usePersonVerbs(view);
  const call = person.id === me.personId ? undefined : verbs.call;
  const clock = format.clockOf(person.timeZone);
  const languageName = new Intl.DisplayNames([localeFor(i18n.language)], { type: 'language' });
  const nameOf = (tag: string): string => {
    try {
      return languageName.of(tag) ?? tag;
    } catch {
      return tag;
    }
  };
  return (
    <dl className={classes.facts}>
      <Fact
        label={t('person.address')}
        hint={t('person.addressHint')}
        action={<CopyButton text={person.address} label={t('person.copyAddress')} />}
      >
        <b>{person.address}</b>
      </Fact>
      {person.extension ? (
        <Fact
          label={t('person.extension')}
          action={
            call ? (
              <IconButton
                aria-label={t('person.callExtension', { extension: person.extension })}
                onClick={call}
              >
                <IconPhone size={18} />
              </IconButton>
            ) : undefined
          }
        >
          {person.extension}
        </Fact>
      ) : null}
      {person.numbers.map((number) => (
        <Fact
          key={`${number.label} ${number.e164}`}
          label={t(`number.${number.label}`)}
          action={
            <Slot
              slot={numberVerb}
              number={number.e164}
              person={person}
              empty={
                <IconButton
                  aria-label={t('person.callNumber', { number: number.e164 })}
                  href={`tel:${number.e164}`}
                >
                  <IconPhone size={18} />
                </IconButton>
              }
            />
          }
        >
          <NumberText number={number.e164} />
        </Fact>
      ))}
      <Fact label={t('person.clockLabel')}>
        {clock
          ? t('person.clockThere', { time: clock, city: cityName(person.timeZone, format.language) })
          : t('person.clockSame', { city: cityName(person.timeZone, format.language) })}
      </Fact>
      <Fact label={t('person.speaks')}>
        {format.list([...new Set([...person.speaks, person.language])].map(nameOf))}
      </Fact>
      {person.teams.length > 0 ? (
        <Fact label={t('person.teams')}>
          <span className={classes.teams}>
            {person.teams.map((team) => (
              <Tag key={team.id}>{team.name}</Tag>
            ))}
          </span>
        </Fact>
      ) : null}
    </dl>
  );
}

function Fact({
  label,
  hint,
  action,
  children,
}: {
  label: string;
  hint?: string;
  action?: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className={classes.fact}>
      <dt>{label}</dt>
      <dd>
        <span className={classes.value}>
          {children}
          {hint ? <small>{hint}</small> : null}
        </span>
        {action}
      </dd>
    </div>
  );
}
