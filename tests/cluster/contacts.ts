import { type Book, type Contact, contactsChanged, settingsChanged } from '@liaison/contacts';
import { expect, test } from 'vitest';
import type { Colleague, Node } from '../testing/cluster.ts';
import type { TwoProcesses } from './two-processes.ts';

/** A team's address book is the same at every process, and who writes over what she has not seen is told, wherever she is. */
export function contacts(stage: () => TwoProcesses): void {
  test('a card written at one is seen at the other at once, and is not written over unseen', async () => {
    const { cluster, a, b, alice, bob } = stage();
    const team = await cluster.ask<{ id: string }>(a, alice, 'POST', '/teams', {
      kind: 'team',
      name: 'Port office',
      memberIds: [bob.id],
    });
    const bookOf = async (at: Node, who: Colleague) => {
      const { body } = await cluster.ask<{ rows: Book[] }>(at, who, 'GET', '/contacts/books');
      return body.rows.find(({ spaceId }) => spaceId === team.body.id) as Book;
    };
    // Both look for the first time at once, and there is one.
    const [book, same] = await Promise.all([bookOf(a, alice), bookOf(b, bob)]);
    expect(same.id).toBe(book.id);
    const page = await cluster.page(b, bob);
    const made = await cluster.ask<Contact>(a, alice, 'POST', `/contacts/books/${book.id}/cards`, {
      name: 'Pilot station',
      numbers: [{ label: 'work', number: '+44 1632 960017' }],
    });
    await page.until(
      () =>
        page.got.some(
          (each) =>
            each.t === 'event' &&
            each.name === contactsChanged.name &&
            (each.data as { contactIds: string[] }).contactIds.includes(made.body.id),
        ),
      'the card, at the other process',
    );
    const names = await cluster.ask<{ rows: { name: string }[] }>(
      b,
      bob,
      'GET',
      `/contacts/names?numbers=${encodeURIComponent('+441632960017')}`,
    );
    expect(names.body.rows).toMatchObject([{ name: 'Pilot station' }]);
    const over = (at: Node, who: Colleague, name: string) =>
      cluster.ask(at, who, 'PUT', `/contacts/cards/${made.body.id}`, { name, version: 1 });
    const written = await Promise.all([over(a, alice, 'North'), over(b, bob, 'South')]);
    expect(written.map(({ status }) => status).sort()).toEqual([200, 409]);
    await cluster.ask(a, bob, 'PUT', '/contacts/settings', { sortBy: 'family' });
    await page.until(
      () => page.got.some((each) => each.t === 'event' && each.name === settingsChanged.name),
      'by what contacts are sorted, at the other process',
    );
    const settings = await cluster.ask(b, bob, 'GET', '/contacts/settings');
    expect(settings.body).toEqual({ sortBy: 'family' });
    page.close();
  });
}
