import { useSession } from '@liaison/core/web';
import type { PersonVerbs, PersonView } from '@liaison/ui';
import { useTelephone } from './calls-provider.tsx';

/** `call` for every person but oneself. */
export function useCallVerb(): (person: PersonView) => PersonVerbs {
  const { controller } = useTelephone();
  const { personId: me } = useSession();
  return (person) => (person.id === me ? {} : { call: () => void controller.call(person.id, person.name) });
}
