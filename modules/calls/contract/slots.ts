import type { SlotDefinition } from '@liaison/core/web';
import type { ReactNode } from 'react';

/**
 * In the dossier that opens while somebody rings: `DossierSection`s about what the reader shares with the caller. Named
 * here by hand, because the server reads this folder too and cannot load core/web.
 */
export const callDossier: SlotDefinition<{ personId: string }> = { name: 'calls.dossier' };

/** How a word reaches a caller who is refused: calls `children` with what sends it. Filled by whoever carries words. */
export const refuseWithWord: SlotDefinition<{
  personId: string;
  children: (send: (text: string) => Promise<void>) => ReactNode;
}> = { name: 'calls.refuse-with-word' };
