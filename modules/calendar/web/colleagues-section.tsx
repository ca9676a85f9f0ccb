import { PersonFinder, useSession } from '@liaison/core/web';
import { IconButton, SectionTitle } from '@liaison/ui';
import { IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { maxOverlay } from '../contract/index.ts';
import classes from './calendar.module.css';
import { Person } from './editor/invitees-field.tsx';
import type { Colleagues } from './state/use-colleagues.ts';

/** Colleagues whose taken times lie beside mine: found by their names, and taken away again. */
export function ColleaguesSection({ colleagues }: { colleagues: Colleagues }) {
  const { t } = useTranslation('calendar');
  const { personId } = useSession();
  const { ids, shown, choose } = colleagues;
  return (
    <>
      <SectionTitle>{t('colleagues.title')}</SectionTitle>
      <ul className={classes.calendars} aria-label={t('colleagues.title')}>
        {shown.map(({ id, colour }) => (
          <li key={id}>
            <span className={classes.swatch} data-colour={colour} />
            <Person personId={id} />
            <IconButton
              aria-label={t('colleagues.remove')}
              onClick={() => choose(ids.filter((each) => each !== id))}
            >
              <IconX size={16} />
            </IconButton>
          </li>
        ))}
      </ul>
      {ids.length < maxOverlay ? (
        <div className={classes.foot}>
          <PersonFinder
            label={t('colleagues.add')}
            placeholder={t('colleagues.placeholder')}
            nobody={t('nobodyFound')}
            isOffered={({ id, isSuspended }) => !isSuspended && id !== personId && !ids.includes(id)}
            onPick={({ id }) => choose([...ids, id])}
          />
        </div>
      ) : null}
    </>
  );
}
