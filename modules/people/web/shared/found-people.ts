import { type FoundPeople, useApi } from '@liaison/core/web';
import { useMemo } from 'react';
import { listPeople, type PersonSummary, searchPeople } from '../../contract/index.ts';

const found = 20;
const none: readonly PersonSummary[] = [];

/** Who fits what is typed, for every field that finds a person. */
export function useFoundPeople(text: string): FoundPeople {
  const fitting = useApi(searchPeople, text ? { query: { text, limit: found } } : null, { keepLast: true });
  const first = useApi(listPeople, { query: { limit: found } }, { enabled: !text });
  const { isFetching } = text ? fitting : first;
  const people = (text ? fitting.data?.people : first.data?.rows) ?? none;
  return useMemo(
    () => ({
      people: people.map(({ id, name, address, status }) => ({
        id,
        name,
        address,
        isSuspended: status === 'suspended',
      })),
      isFetching,
    }),
    [people, isFetching],
  );
}
