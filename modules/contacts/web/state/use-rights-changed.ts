import { useLiveEvent, useSession } from '@liaison/core/web';

/** Calls `ask` when her part in a team is another one now, or what is granted in one of her spaces. */
export function useRightsChanged(ask: () => void): void {
  const { personId } = useSession();
  useLiveEvent<{ personId?: string }>('core.member-role-changed', ({ data }) => {
    if (data.personId === personId) ask();
  });
  useLiveEvent('core.grant-changed', ask);
}
