import { usePersonView, useSession } from '@liaison/core/web';
import type { PersonView } from '@liaison/ui';
import type { Party } from '../contract/index.ts';
import { useFeatureName } from './use-feature-name.ts';

/** The other one as chips show a person; somebody outside has a name and nothing else. */
export function usePartyView(party: Pick<Party, 'personId' | 'name' | 'address'> | null): PersonView | null {
  const { personId: me } = useSession();
  // A hook must be asked in any case; oneself is always known.
  const known = usePersonView(party?.personId ?? me, party?.personId ? { name: party.name } : undefined);
  const feature = useFeatureName(party?.personId ? undefined : party?.name);
  if (!party) return null;
  if (party.personId && known) return known;
  return { id: party.personId ?? party.address ?? party.name, name: feature ?? party.name };
}
