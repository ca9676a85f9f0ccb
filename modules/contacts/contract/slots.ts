import type { SlotDefinition } from '@liaison/core/web';
import type { Contact } from './contact.ts';

/**
 * A verb beside a number or SIP address of somebody outside, which calls it; `asButton` with its word, where it is the first verb of
 * a page. Without a fill the number is a `tel:` link. Named here by hand, because the server reads this folder too.
 */
export const contactNumberVerb: SlotDefinition<{ number: string; name: string; asButton?: boolean }> = {
  name: 'contacts.number-verb',
};

/** Sections of a card about what the reader shares with her: calls. Each draws its own title. */
export const contactSections: SlotDefinition<{ contact: Contact }> = { name: 'contacts.sections' };
