import type { Core } from '@liaison/core/floor';
import { type ContactDraft, contactInputSchema } from '../contract/index.ts';
import { openBooks } from './actions/open-books.ts';
import { insertContacts } from './actions/write-contacts.ts';
import { demoOwn, demoTeamCards } from './demo-cards.ts';
import { loadNumbers } from './numbers.ts';

/** Gives the demo's people an address book of plausible, invented outsiders. Does nothing where there are cards already. */
export async function fillDemoContacts(
  core: Core,
  cast: { orgId: string; person(key: string): { id: string }; team(name: string): string },
): Promise<void> {
  const read = await loadNumbers();
  await core.db.transaction(cast.orgId, async (tx) => {
    const [there] = await tx.query('select id from contacts.contact limit 1');
    if (there) return;
    const ines = cast.person('ines').id;
    const how = { nextId: () => core.ids.next(), site: core.settings.site.number };
    for (const key of ['ines', 'amina', 'njeri', 'ingrid']) await openBooks(tx, how, cast.person(key).id);
    const books = await tx.query<{ id: string; space_id: string; kind: string }>(
      `select b.id, b.space_id, s.kind from contacts.book b join core.space s on s.id = b.space_id
       where s.kind = 'team' or exists (select from core.member m where m.space_id = s.id and m.person_id = $1)`,
      [ines],
    );
    const write = async (bookId: string | undefined, cards: readonly ContactDraft[]): Promise<void> => {
      if (bookId === undefined) return;
      const reading = { bookId, personId: ines, read, timeZone: 'Europe/Lisbon' };
      // Companies first: their people find them by name.
      for (const kind of ['company', 'person']) {
        const some = cards.map((card) => contactInputSchema.parse(card)).filter((card) => card.kind === kind);
        await insertContacts(
          tx,
          reading,
          some.map((input) => ({ id: core.ids.next(), input })),
        );
      }
    };
    for (const [team, cards] of Object.entries(demoTeamCards)) {
      const spaceId = cast.team(team);
      await write(books.find((book) => book.space_id === spaceId)?.id, cards);
    }
    await write(books.find(({ kind }) => kind === 'personal')?.id, demoOwn);
  });
}
