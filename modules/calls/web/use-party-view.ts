import { namesOfNumbers } from '@liaison/contacts';
import { useApi, usePersonView, useSession } from '@liaison/core/web';
import type { PersonView } from '@liaison/ui';
import { outsideNumber, type Party } from '../contract/index.ts';
import { useFeatureName } from './use-feature-name.ts';

/** The other one as chips show a person; somebody outside has the name that my address books give her, and nothing else. */
export function usePartyView(
  party: Pick<Party, 'personId' | 'name' | 'address' | 'contactId'> | null,
): PersonView | null {
  const { personId: me } = useSession();
  // A hook must be asked in any case; oneself is always known.
  const known = usePersonView(party?.personId ?? me, party?.personId ? { name: party.name } : undefined);
  const feature = useFeatureName(party?.personId ? undefined : party?.name);
  const number = party && !party.contactId ? outsideNumber(party) : null;
  const { data } = useApi(namesOfNumbers, number === null ? null : { query: { numbers: number } });
  if (!party) return null;
  if (party.personId && known) return known;
  const name = feature ?? data?.rows[0]?.name ?? party.name;
  return { id: party.personId ?? party.contactId ?? party.address ?? party.name, name };
}
