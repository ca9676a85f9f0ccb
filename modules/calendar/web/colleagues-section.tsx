import { useApi, useSession } from '@liaison/core/web';
import { listPeople, type PersonSummary, searchPeople } from '@liaison/people';
import { IconButton, SectionTitle, Select } from '@liaison/ui';
import { IconX } from '@tabler/icons-react';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { maxOverlay } from '../contract/index.ts';
import classes from './calendar.module.css';
import { Person } from './editor/invitees-field.tsx';
import type { Colleagues } from './state/use-colleagues.ts';

/** Colleagues whose taken times lie beside mine: found by their names, and taken away again. */
export function ColleaguesSection({ colleagues }: { colleagues: Colleagues }) {
  const { t } = useTranslation('calendar');
  const { personId } = useSession();
  const [typed, setTyped] = useState('');
  const text = useDeferredValue(typed.trim().slice(0, 100));
  const found = useApi(searchPeople, text ? { query: { text, limit: 20 } } : null, { keepLast: true });
  const first = useApi(listPeople, { query: { limit: 20 } }, { enabled: !text });
  const people: readonly PersonSummary[] = (text ? found.data?.people : first.data?.rows) ?? [];
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
          <Select
            label={t('colleagues.add')}
            placeholder={t('colleagues.placeholder')}
            data={people
              .filter(({ id, status }) => id !== personId && !ids.includes(id) && status !== 'suspended')
              .map(({ id, name, address }) => ({ value: id, label: `${name}, ${address}` }))}
            value={null}
            searchValue={typed}
            onSearchChange={setTyped}
            onChange={(id) => {
              if (!id) return;
              choose([...ids, id]);
              setTyped('');
            }}
            filter={({ options }) => options}
            searchable
            nothingFoundMessage={t('nobodyFound')}
          />
        </div>
      ) : null}
    </>
  );
}
