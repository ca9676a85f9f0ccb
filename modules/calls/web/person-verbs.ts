import { useSession } from '@liaison/core/web';
import type { PersonVerbs, PersonView } from '@liaison/ui';
import { useCallback } from 'react';
import { useTelephone } from './calls-provider.tsx';

/** `call` for every person but oneself. */
export function useCallVerb(): (person: PersonView) => PersonVerbs {
  const { controller } = useTelephone();
  const { personId: me } = useSession();
  return (person) => (person.id === me ? {} : { call: () => void controller.call(person.id, person.name) });
}

/** Dials numbers of texts and cards. */
export function useDialling(): (number: string, name: string) => void {
  const { controller } = useTelephone();
  return useCallback((number, name) => void controller.call(number, name), [controller]);
}
