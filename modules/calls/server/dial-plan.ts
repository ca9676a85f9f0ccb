import type { Tx } from '@liaison/core/db';
import type { People, PersonSummary } from '@liaison/people';
import { parsePhoneNumberFromString } from 'libphonenumber-js/min';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Tried in this order; the first that knows what was dialled wins. Rules of an organisation join here as rows. */
const rules: readonly ((people: People, tx: Tx, dialled: string) => Promise<PersonSummary | null>)[] = [
  async (people, tx, dialled) => (uuid.test(dialled) ? people.find(tx, dialled) : null),
  async (people, tx, dialled) => (/^\d{2,10}$/.test(dialled) ? people.byExtension(tx, dialled) : null),
  async (people, tx, dialled) => (dialled.includes('@') ? people.byAddress(tx, dialled) : null),
  async (people, tx, dialled) => {
    const number = parsePhoneNumberFromString(dialled)?.number;
    return number ? people.byNumber(tx, number) : null;
  },
];

/** Who is meant by what somebody dialled: an id, extension, address or number. Null when nobody is. */
export async function whoIsDialled(people: People, tx: Tx, dialled: string): Promise<PersonSummary | null> {
  const text = dialled.trim().replace(/^sips?:/i, '');
  for (const rule of rules) {
    const person = await rule(people, tx, text);
    if (person) return person.status === 'suspended' ? null : person;
  }
  return null;
}
