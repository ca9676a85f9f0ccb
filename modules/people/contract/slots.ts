import type { SlotDefinition } from '@liaison/core/web';
import type { Person } from './person.ts';

/** Sections of a person's page under "Between you": calls, conversations, files. Each draws its own title. */
export const personSections: SlotDefinition<{ person: Person }> = { name: 'people.person-sections' };

/** A verb beside an outside number (`+351…`), which dials it. Without a fill the number is a `tel:` link. */
export const numberVerb: SlotDefinition<{ number: string; person: Person }> = { name: 'people.number-verb' };
