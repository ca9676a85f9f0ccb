import { notFound, type PersonActor, Problem } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { Core } from '@liaison/core/floor';
import { takePortrait } from '@liaison/core/pictures';
import * as api from '../contract/index.ts';
import { bookFor, booksOf, booksToRead, contactFor } from './access.ts';
import {
  changeContact,
  createContact,
  deleteContacts,
  keepPhoto,
  type Reading,
  restoreContacts,
} from './actions/change-contacts.ts';
import { groupContacts, moveContacts } from './actions/change-several.ts';
import { mergeContacts, undoMerge } from './actions/merge-contacts.ts';
import type { Needs } from './actions/needs.ts';
import { openBooks } from './actions/open-books.ts';
import { renameGroup } from './actions/rename-group.ts';
import { readBirthdays, readContacts, readDuplicates, readLabels } from './queries.ts';
import { photoVersion, toContact } from './rows.ts';
import { readSettings, writeSettings } from './settings.ts';

/** At most so many numbers in one question. */
const maxNumbers = 100;

/** Validate (by the contract) → access → action → present. */
export function serveRoutes(
  core: Core,
  needs: Needs,
  { readingFor, names }: { readingFor(actor: PersonActor): Promise<Reading>; names: api.Contacts['names'] },
): void {
  const { http, db, spaces } = core;

  const show = async (tx: Tx, actor: PersonActor, contactId: string): Promise<api.Contact> => {
    const { row, level } = await contactFor(tx, spaces, actor, contactId, 'read');
    return toContact(row, level);
  };

  http.route(api.listBooks, async ({ actor }) => ({
    rows: await db.transaction(actor.orgId, async (tx) => {
      await openBooks(tx, { nextId: needs.nextId, site: needs.site }, actor.personId);
      return booksOf(tx, actor.personId);
    }),
  }));
  http.route(api.getContactsSettings, ({ actor }) => db.read(actor.orgId, (tx) => readSettings(tx, actor)));
  http.route(api.setContactsSettings, ({ actor, body }) =>
    db.transaction(actor.orgId, async (tx) => {
      await writeSettings(tx, needs, actor, body);
      return readSettings(tx, actor);
    }),
  );
  http.route(api.listLabels, async ({ actor, query }) => ({
    rows: await db.read(actor.orgId, async (tx) =>
      readLabels(tx, await booksToRead(tx, spaces, actor, query.bookId)),
    ),
  }));
  http.route(api.listContacts, ({ actor, query }) =>
    db.read(actor.orgId, async (tx) =>
      readContacts(tx, await booksToRead(tx, spaces, actor, query.bookId), query),
    ),
  );
  http.route(api.createContact, async ({ actor, params, body }) => {
    const reading = await readingFor(actor);
    return db.transaction(actor.orgId, async (tx) =>
      show(tx, actor, await createContact(tx, needs, actor, params.bookId, body, reading)),
    );
  });
  http.route(api.getContact, ({ actor, params }) =>
    db.read(actor.orgId, (tx) => show(tx, actor, params.contactId)),
  );
  http.route(api.changeContact, async ({ actor, params, body }) => {
    const reading = await readingFor(actor);
    return db.transaction(actor.orgId, async (tx) => {
      await changeContact(tx, needs, actor, params.contactId, body, reading);
      return show(tx, actor, params.contactId);
    });
  });
  http.route(api.deleteContacts, async ({ actor, body }) => {
    await db.transaction(actor.orgId, (tx) => deleteContacts(tx, needs, actor, body.contactIds));
    return undefined;
  });
  http.route(api.restoreContacts, async ({ actor, body }) => {
    await db.transaction(actor.orgId, (tx) => restoreContacts(tx, needs, actor, body.contactIds));
    return undefined;
  });
  http.route(api.groupContacts, async ({ actor, body }) => ({
    changedIds: await db.transaction(actor.orgId, (tx) => groupContacts(tx, needs, actor, body)),
  }));
  http.route(api.renameGroup, async ({ actor, body }) => ({
    count: await db.transaction(actor.orgId, (tx) => renameGroup(tx, needs, actor, body)),
  }));
  http.route(api.moveContacts, async ({ actor, body }) => ({
    moved: await db.transaction(actor.orgId, (tx) => moveContacts(tx, needs, actor, body)),
  }));

  http.route(api.setContactPhoto, async ({ actor, params, request, signal }) => {
    await db.read(actor.orgId, (tx) => contactFor(tx, spaces, actor, params.contactId, 'write'));
    const picture = await takePortrait(request.raw, { maxBytes: api.maxPhotoBytes, signal });
    const { sha256 } = await core.blobs.put([picture], { maxBytes: picture.length, signal });
    return db.transaction(actor.orgId, async (tx) => {
      await keepPhoto(tx, needs, actor, params.contactId, sha256);
      return show(tx, actor, params.contactId);
    });
  });
  http.route(api.getContactPhoto, async ({ actor, params, query, reply }) => {
    const { photo } = (
      await db.read(actor.orgId, (tx) => contactFor(tx, spaces, actor, params.contactId, 'read'))
    ).row;
    if (!photo) throw notFound('This photo');
    const blob = await core.blobs.open(photo).catch(() => {
      throw new Problem(404, 'not-found', 'This photo is not here.');
    });
    return (
      reply
        .header('content-type', 'image/webp')
        .header('content-length', blob.bytes)
        // One version never changes; never kept by a proxy: it is for those who may read.
        .header(
          'cache-control',
          query.v === photoVersion(photo) ? 'private, max-age=31536000, immutable' : 'private, no-cache',
        )
        .send(blob.stream)
    );
  });
  http.route(api.removeContactPhoto, async ({ actor, params }) => {
    await db.transaction(actor.orgId, (tx) => keepPhoto(tx, needs, actor, params.contactId, null));
    return undefined;
  });

  http.route(api.namesOfNumbers, async ({ actor, query }) => {
    const numbers = query.numbers.split(',').slice(0, maxNumbers);
    return { rows: [...(await names(actor.orgId, actor.personId, numbers)).values()] };
  });
  http.route(api.nextBirthdays, async ({ actor, query }) => ({
    rows: await db.read(actor.orgId, async (tx) =>
      readBirthdays(tx, await booksToRead(tx, spaces, actor, undefined), query),
    ),
  }));

  http.route(api.listDuplicates, async ({ actor, params }) => ({
    rows: await db.read(actor.orgId, async (tx) => {
      const book = await bookFor(tx, spaces, actor, params.bookId, 'read');
      return readDuplicates(tx, book.id);
    }),
  }));
  http.route(api.mergeContacts, async ({ actor, body }) => {
    const reading = await readingFor(actor);
    return db.transaction(actor.orgId, async (tx) => {
      const mergeId = await mergeContacts(tx, needs, actor, body, reading);
      return { contact: await show(tx, actor, body.keep.id), mergeId };
    });
  });
  http.route(api.undoMerge, async ({ actor, params }) => {
    const reading = await readingFor(actor);
    return db.transaction(actor.orgId, async (tx) =>
      show(tx, actor, await undoMerge(tx, needs, actor, params.mergeId, reading)),
    );
  });
}
