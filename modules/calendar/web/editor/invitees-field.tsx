import { PersonFinder, usePersonView, useSession } from '@liaison/core/web';
import { IconButton, NativeSelect, PersonChip } from '@liaison/ui';
import { IconBuilding, IconMail, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { CalendarView, Invitee } from '../../contract/index.ts';
import classes from '../calendar.module.css';

const keyOf = (invitee: Invitee): string =>
  invitee.kind === 'person'
    ? invitee.personId
    : invitee.kind === 'resource'
      ? invitee.calendarId
      : invitee.address;

/** People of the organisation, addresses of others, rooms and things. */
export function InviteesField({
  value,
  calendars,
  onChange,
}: {
  value: readonly Invitee[];
  calendars: readonly CalendarView[];
  onChange: (value: readonly Invitee[]) => void;
}) {
  const { t } = useTranslation('calendar');
  const { personId } = useSession();
  const keys = new Set([personId, ...value.map(keyOf)]);
  const things = calendars.filter(({ kind }) => kind === 'room' || kind === 'equipment');
  const nameOf = (thing: CalendarView | undefined): string =>
    thing === undefined
      ? t('roomGone')
      : thing.isRetired
        ? t('rooms.retiredName', { name: thing.name })
        : thing.name;
  const add = (invitee: Invitee) => onChange([...value, invitee]);
  return (
    <div className={classes.stack}>
      <PersonFinder
        label={t('field.people')}
        placeholder={t('peoplePlaceholder')}
        nobody={t('nobodyFound')}
        isOffered={({ id, isSuspended }) => !isSuspended && !keys.has(id)}
        addressLabel={(address) => t('inviteAddress', { address })}
        onPick={({ id }) => add({ kind: 'person', personId: id })}
        onAddress={(address) => add({ kind: 'address', address })}
      />
      {things.length > 0 ? (
        <NativeSelect
          label={t('field.room')}
          value=""
          options={[
            { value: '', label: t('chooseRoom') },
            ...things
              .filter(({ id, isRetired }) => !isRetired && !keys.has(id))
              .map(({ id, name, capacity }) => ({
                value: id,
                label: capacity === null ? name : t('seats', { name, count: capacity }),
              })),
          ]}
          onChange={(calendarId) => calendarId && add({ kind: 'resource', calendarId })}
        />
      ) : null}
      {value.length > 0 ? (
        <ul className={classes.invitees}>
          {value.map((invitee) => (
            <li key={keyOf(invitee)}>
              {invitee.kind === 'person' ? (
                <Person personId={invitee.personId} />
              ) : invitee.kind === 'resource' ? (
                <span className={classes.thing}>
                  <IconBuilding size={16} />
                  {nameOf(things.find(({ id }) => id === invitee.calendarId))}
                </span>
              ) : (
                <span className={classes.thing}>
                  <IconMail size={16} />
                  {invitee.address}
                </span>
              )}
              <IconButton
                aria-label={t('removeInvitee')}
                onClick={() => onChange(value.filter((each) => each !== invitee))}
              >
                <IconX size={16} />
              </IconButton>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}

export function Person({ personId }: { personId: string }) {
  const { t } = useTranslation('calendar');
  const person = usePersonView(personId);
  return person ? <PersonChip size="small" person={person} /> : <span>{t('somebody')}</span>;
}
