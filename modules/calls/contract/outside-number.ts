import type { Party } from './call.ts';

const looksLikeNumber = /^\+?\d[\d\s().\-/]{3,40}$/;

/** The number of somebody outside, as it was shown or dialled: from her address, or in the place of a name. Null where there is none. */
export function outsideNumber(party: Pick<Party, 'personId' | 'name' | 'address'>): string | null {
  if (party.personId !== null) return null;
  const user = party.address?.replace(/^(sips?|tel):/i, '').split('@')[0] ?? '';
  return [user, party.name].find((text) => looksLikeNumber.test(text)) ?? null;
}
