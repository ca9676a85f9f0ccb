import { usePersonView } from '@liaison/core/web';

/** How somebody is called, once it is known. */
export function PersonName({ personId, otherwise = '' }: { personId: string; otherwise?: string }) {
  return usePersonView(personId)?.name ?? otherwise;
}
