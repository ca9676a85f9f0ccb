import { type PaletteSource, useApi, useOfferedVerbs, usePersonView } from '@liaison/core/web';
import { type PaletteVerb, PersonFace, PersonState, type PersonView, useLabels } from '@liaison/ui';
import { useTranslation } from 'react-i18next';
import { type PersonSummary, searchPeople } from '../../contract/index.ts';
import { photoOf } from '../shared/faces.ts';

/** People by name, address, extension or number, for Ctrl+K. */
export const usePeopleFound: PaletteSource['useResults'] = (query) => {
  const { t } = useTranslation('people');
  const labels = useLabels();
  const verbsFor = useOfferedVerbs();
  const found = useApi(searchPeople, query === '' ? null : { query: { text: query, limit: 8 } }, {
    keepLast: true,
  });
  if (query === '' || !found.data)
    return found.isFetching ? { id: 'people', title: t('nav.people'), rows: [], busy: true } : null;
  return {
    id: 'people',
    title: t('nav.people'),
    busy: found.isFetching,
    rows: found.data.people.map((person) => {
      const verbs = verbsFor(viewOf(person));
      const shown: PaletteVerb[] = [];
      for (const id of ['call', 'chat', 'video', 'mail'] as const) {
        const onSelect = verbs[id];
        if (onSelect) shown.push({ id, label: labels[id], onSelect });
      }
      if (verbs.open) shown.push({ id: 'open', label: t('person.open'), onSelect: verbs.open });
      return {
        id: `people:${person.id}`,
        face: <FoundFace person={person} />,
        title: person.name,
        second: [person.title, person.office, person.extension].filter(Boolean).join(' · ') || person.address,
        state: <FoundState person={person} />,
        verbs: shown,
      };
    }),
  };
};

const viewOf = (person: PersonSummary): PersonView => ({
  id: person.id,
  name: person.name,
  ...(photoOf(person) ? { photo: photoOf(person) } : {}),
});

function FoundFace({ person }: { person: PersonSummary }) {
  const view = usePersonView(person.id, viewOf(person));
  return view ? <PersonFace person={view} size={34} /> : null;
}

function FoundState({ person }: { person: PersonSummary }) {
  const view = usePersonView(person.id, viewOf(person));
  return view ? <PersonState person={view} /> : null;
}
