import type { SlotDefinition } from '@liaison/core/web';
import type { ReactNode } from 'react';

/** Who rings: somebody of the organisation, or somebody outside by her number and the reader's card of her. */
export interface DossierCaller {
  readonly personId: string | null;
  /** As it was shown; null of a colleague, and where it is withheld. */
  readonly number: string | null;
  readonly contactId: string | null;
}

/**
 * In the dossier that opens while somebody rings: `DossierSection`s about what the reader shares with the caller, of at most
 * three rows each; nothing where there is nothing to say of such a caller. Named here by hand, because the server reads this
 * folder too and cannot load core/web.
 */
export const callDossier: SlotDefinition<DossierCaller> = { name: 'calls.dossier' };

/** How a word reaches a caller who is refused: calls `children` with what sends it. Filled by whoever carries words. */
export const refuseWithWord: SlotDefinition<{
  personId: string;
  children: (send: (text: string) => Promise<void>) => ReactNode;
}> = { name: 'calls.refuse-with-word' };
