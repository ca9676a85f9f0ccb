import type { KnownName } from './contact.ts';

/** A birthday as it falls into a time. */
export interface BirthdayOn {
  readonly contactId: string;
  readonly bookId: string;
  readonly name: string;
  /** `2027-02-28`; who was born on a 29 February has it on the 28th in other years. */
  readonly date: string;
  /** How old she becomes; null where the year of birth is not known. */
  readonly turns: number | null;
}

/** What other modules may ask, always for somebody: her private book first, then those of her teams. */
export interface Contacts {
  /**
   * What numbers are called for a person: `+…`, or as it was dialled or shown. Unknown ones are missing in the answer; two
   * readers may get two names. At most 200 numbers; more are not looked at.
   */
  names(orgId: string, personId: string, numbers: readonly string[]): Promise<Map<string, KnownName>>;
  /** Birthdays that fall on `from` (a date, `2027-01-31`) or one of the days after it, in their order; at most 500. */
  birthdays(orgId: string, personId: string, range: { from: string; days: number }): Promise<BirthdayOn[]>;
}
