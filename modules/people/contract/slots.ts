import type { SlotDefinition } from '@liaison/core/web';
import type { Person } from './person.ts';

/** Sections of a person's page under "Between you": calls, conversations, files. Each draws its own title. */
export const personSections: SlotDefinition<{ person: Person }> = { name: 'people.person-sections' };

/** A verb beside an outside number (`+351…`), which dials it. Without a fill the number is a `tel:` link. */
export const numberVerb: SlotDefinition<{ number: string; person: Person }> = { name: 'people.number-verb' };

/**
 * Pages of other modules in one's own settings, at `/settings/<path>`: the list's `Row`s (`part: 'rows'`), and the page
 * (`part: 'page'`: nothing where `current` is not its own). `current` is what follows `/settings/`. The fill's `places` say which
 * addresses are pages: at others it is said that none is there.
 */
export const settingsPages: SlotDefinition<{ part: 'rows' | 'page'; current: string }> = {
  name: 'people.settings-pages',
};

/**
 * Pages of other modules in the administration, at `/admin/<path>`. A fill is asked for two things: its rows in the list
 * (`part: 'rows'`: `Row`s, of which `current` is selected), and its page (`part: 'page'`: nothing where `current` is not its
 * own). `current` is what follows `/admin/`: `telephones`, `calls/<id>`. The fill's `places` say which addresses are pages.
 */
export const administrationPages: SlotDefinition<{ part: 'rows' | 'page'; current: string }> = {
  name: 'people.administration-pages',
};
