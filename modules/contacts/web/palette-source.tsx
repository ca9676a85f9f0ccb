import { type PaletteSource, useApi } from '@liaison/core/web';
import { Face, useLabels } from '@liaison/ui';
import { IconBuilding } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { listContacts } from '../contract/index.ts';
import { contactPath, photoOf, useGo } from './go.ts';

/** Cards by name, company, number or address, for Ctrl+K. */
const useContactsFound: PaletteSource['useResults'] = (query) => {
  const { t } = useTranslation('contacts-nav');
  const labels = useLabels();
  const go = useGo();
  const wanted = query.trim().length >= 2;
  const { data, isFetching } = useApi(
    listContacts,
    wanted ? { query: { text: query.slice(0, 100), limit: 6 } } : null,
    { keepLast: true },
  );
  const rows = wanted ? (data?.rows ?? []) : [];
  if (rows.length === 0) {
    return wanted && isFetching ? { id: 'contacts', title: t('nav.contacts'), rows: [], busy: true } : null;
  }
  return {
    id: 'contacts',
    title: t('nav.contacts'),
    busy: isFetching,
    rows: rows.map((row) => {
      const { email } = row;
      return {
        id: `contacts:${row.id}`,
        face: (
          <Face
            name={row.name}
            id={row.id}
            size={34}
            {...photoOf(row)}
            {...(row.kind === 'company' ? { square: true, icon: <IconBuilding size={17} /> } : {})}
          />
        ),
        title: row.name,
        second: [row.title, row.organisation, row.number?.shown, email].filter(Boolean).join(' · '),
        verbs: [
          { id: 'open', label: t('nav.open'), onSelect: () => go(contactPath(row.id)) },
          ...(email
            ? [{ id: 'mail', label: labels.mail, onSelect: () => window.location.assign(`mailto:${email}`) }]
            : []),
        ],
      };
    }),
  };
};

export const contactsFound: PaletteSource = { name: 'contacts', order: 15, useResults: useContactsFound };
