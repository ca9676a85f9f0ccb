import { useApi } from '@liaison/core/web';
import { Select } from '@liaison/ui';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { listPeople, type PersonSummary, searchPeople } from '../../contract/index.ts';

/** A field that finds a person as one types; it empties itself after each choice. */
export function PersonPicker({
  label,
  without,
  onPick,
}: {
  label: string;
  without: readonly string[];
  onPick: (person: PersonSummary) => void;
}) {
  const { t } = useTranslation('people');
  const [typed, setTyped] = useState('');
  const text = useDeferredValue(typed.trim().slice(0, 100));
  const found = useApi(searchPeople, text ? { query: { text, limit: 20 } } : null, { keepLast: true });
  const first = useApi(listPeople, { query: { limit: 20 } }, { enabled: !text });
  const people: readonly PersonSummary[] = (text ? found.data?.people : first.data?.rows) ?? [];
  return (
    <Select
      label={label}
      placeholder={t('people.search')}
      data={people
        .filter((person) => !without.includes(person.id) && person.status !== 'suspended')
        .map((person) => ({ value: person.id, label: `${person.name}, ${person.address}` }))}
      value={null}
      searchValue={typed}
      onSearchChange={setTyped}
      onChange={(id) => {
        const person = people.find((each) => each.id === id);
        if (!person) return;
        setTyped('');
        onPick(person);
      }}
      // The server has sorted by how well they fit.
      filter={({ options }) => options}
      searchable
      nothingFoundMessage={found.isFetching ? t('people.searching') : t('people.nobody')}
    />
  );
}
