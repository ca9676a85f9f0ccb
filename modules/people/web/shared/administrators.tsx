import { useApi, usePersonView } from '@liaison/core/web';
import { PersonChip } from '@liaison/ui';
import { listPeople, type PersonSummary } from '../../contract/index.ts';
import { photoOf } from './faces.ts';

/** Those who can help with what one may not do oneself: owners, first. */
export function Administrators() {
  const owners = useApi(listPeople, { query: { role: 'owner', status: 'active', limit: 5 } });
  return (
    <div>
      {(owners.data?.rows ?? []).map((person) => (
        <Administrator key={person.id} person={person} />
      ))}
    </div>
  );
}

function Administrator({ person }: { person: PersonSummary }) {
  const photo = photoOf(person);
  const view = usePersonView(person.id, { name: person.name, ...(photo ? { photo } : {}) });
  return view ? <PersonChip person={view} /> : null;
}
