import { useSession } from '@liaison/core/web';
import type { PersonSummary } from '../../contract/index.ts';

type Role = PersonSummary['role'];

/** In the order in which they are offered: the usual one first. */
export const rolesOffered = ['member', 'guest', 'manager', 'owner'] as const satisfies readonly Role[];

/** Whether the administration is for this person: managers and owners. The server decides again. */
export function useIsAdministrator(): boolean {
  const { role } = useSession();
  return role === 'owner' || role === 'manager';
}

/** A manager administers members and guests, an owner everybody. */
export const mayAdminister = (mine: Role, theirs: Role): boolean =>
  mine === 'owner' || (mine === 'manager' && (theirs === 'member' || theirs === 'guest'));
