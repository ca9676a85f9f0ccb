import type { PersonOffers } from '@liaison/core/web';
import { useGo } from './go.ts';

/** What people itself offers to do with a person: open the page. */
export const usePersonVerbs: NonNullable<PersonOffers['usePersonVerbs']> = () => {
  const go = useGo();
  return (person) => ({ open: () => go.to(`/people/${person.id}`) });
};
