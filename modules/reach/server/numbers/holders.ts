import type { Contacts } from '@liaison/contacts';
import type { PersonActor } from '@liaison/core/contract';
import type { Db, Tx } from '@liaison/core/db';
import { seenAmong } from '@liaison/core/spaces';
import type { People, PersonSummary } from '@liaison/people';
import type { NumberHolder } from '../../contract/index.ts';

export interface HolderParts {
  readonly db: Pick<Db, 'read'>;
  readonly people: Pick<People, 'byNumber' | 'byExtension'>;
  readonly contacts: Pick<Contacts, 'names'>;
}

/** Whose each number or extension is for somebody: a colleague before a card, and nobody whom she may not see. */
export async function readHolders(
  { db, people, contacts }: HolderParts,
  actor: PersonActor,
  numbers: readonly string[],
): Promise<{ number: string; holder: NumberHolder }[]> {
  const colleagues = await db.read(actor.orgId, async (tx) => {
    const found = new Map<string, PersonSummary>();
    await Promise.all(
      numbers.map(async (number) => {
        const person = await (number.startsWith('+')
          ? people.byNumber(tx, number)
          : people.byExtension(tx, number));
        // Who is suspended is not rung, so her number is a number.
        if (person && person.status !== 'suspended') found.set(number, person);
      }),
    );
    const seen = new Set(
      await seenOf(
        tx,
        actor,
        [...found.values()].map(({ id }) => id),
      ),
    );
    return new Map([...found].filter(([, { id }]) => seen.has(id)));
  });
  const others = numbers.filter((number) => number.startsWith('+') && !colleagues.has(number));
  const names = others.length > 0 ? await contacts.names(actor.orgId, actor.personId, others) : new Map();
  return numbers.map((number) => {
    const person = colleagues.get(number);
    if (person) return { number, holder: { is: 'person', personId: person.id, name: person.name } };
    const card = names.get(number);
    if (card) return { number, holder: { is: 'card', contactId: card.contactId, name: card.name } };
    return { number, holder: { is: 'nobody' } };
  });
}

/** Those of these people whom somebody may see: a guest the few with whom she shares a space. */
export async function seenOf(
  tx: Tx,
  { personId, role }: PersonActor,
  personIds: readonly string[],
): Promise<readonly string[]> {
  if (role !== 'guest') return personIds;
  return [...((await seenAmong(tx, [personId], personIds)).get(personId) ?? [])];
}
