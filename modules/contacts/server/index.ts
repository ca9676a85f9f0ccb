import type { PersonActor } from '@liaison/core/contract';
import type { MigrationSource } from '@liaison/core/db';
import type { Core } from '@liaison/core/floor';
import type { People } from '@liaison/people';
import type { Contacts, KnownName } from '../contract/index.ts';
import { booksOf } from './access.ts';
import type { Reading } from './actions/change-contacts.ts';
import type { Needs } from './actions/needs.ts';
import { serveFileRoutes } from './file-routes.ts';
import { loadNumbers } from './numbers.ts';
import { addPresenters } from './presenters.ts';
import { readBirthdays, readNames } from './queries.ts';
import { serveRoutes } from './routes.ts';

export { blobsNamed } from './blobs-named.ts';
export { content } from './content.ts';
export { personalData } from './personal-data.ts';

export const migrations: MigrationSource = {
  schema: 'contacts',
  folder: new URL('./migrations/', import.meta.url),
};

/** At most so many numbers are looked at in one question. */
const maxNumbers = 200;

/** Address books of spaces. Holds nothing open: the core that is given is closed by whoever made it. */
export function createContacts({ core, people }: { core: Core; people: Pick<People, 'find'> }): Contacts {
  const { db } = core;
  const needs: Needs = {
    emit: core.outbox.emit,
    spaces: core.spaces,
    audit: core.audit,
    site: core.settings.site.number,
    nextId: () => core.ids.next(),
  };

  const zoneOf = async (orgId: string, personId: string): Promise<string> =>
    (await db.read(orgId, (tx) => people.find(tx, personId)))?.timeZone ?? 'UTC';
  // The tables of numbers take a while to load the first time: never inside a transaction that writes.
  const readingFor = async ({
    orgId,
    personId,
  }: Pick<PersonActor, 'orgId' | 'personId'>): Promise<Reading> => {
    const [read, timeZone] = await Promise.all([loadNumbers(), zoneOf(orgId, personId)]);
    return { read, timeZone };
  };

  const contacts: Contacts = {
    async names(orgId, personId, numbers) {
      const asked = [...new Set(numbers)]
        .slice(0, maxNumbers)
        .filter((text) => /\d/.test(text) && text.length <= 80);
      if (asked.length === 0) return new Map();
      const { read, timeZone } = await readingFor({ orgId, personId });
      const meant = new Map(asked.map((text) => [text, read(text, timeZone).e164]));
      const wanted = [...new Set([...meant.values()].filter((e164) => e164 !== null))];
      if (wanted.length === 0) return new Map();
      const known = await db.read(orgId, (tx) => readNames(tx, personId, wanted));
      const answer = new Map<string, KnownName>();
      for (const [text, e164] of meant) {
        const name = e164 === null ? undefined : known.get(e164);
        if (name) answer.set(text, { ...name, number: text });
      }
      return answer;
    },
    birthdays: (orgId, personId, range) =>
      db.read(orgId, async (tx) =>
        readBirthdays(
          tx,
          (await booksOf(tx, personId)).map(({ id }) => id),
          { from: range.from, days: Math.max(1, Math.min(366, range.days)) },
        ),
      ),
  };
  addPresenters(core);
  serveRoutes(core, needs, { readingFor, names: contacts.names });
  serveFileRoutes({ core, needs, readingFor });
  return contacts;
}
