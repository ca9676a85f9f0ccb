import { Readable } from 'node:stream';
import { BlobTooLargeError } from '@liaison/core/blobs';
import { type PersonActor, Problem } from '@liaison/core/contract';
import { contentDisposition } from '@liaison/core/http';
import { reactTo } from '@liaison/core/outbox';
import * as api from '../contract/index.ts';
import { bookFor, contactFor, contactsFor, importFor, runningImports } from './access.ts';
import { byBook } from './actions/change-contacts.ts';
import {
  createImport,
  recentImports,
  startImport,
  stopImport,
  undoImport,
} from './actions/import-contacts.ts';
import { exportCard, exportSome, exportStream } from './export.ts';
import { toImport } from './import/import-record.ts';
import { lookThrough } from './import/read-file.ts';
import { type ImportParts, runImport, runImportJob } from './import/run-import.ts';

const tooLarge = () =>
  new Problem(413, 'too-large', `A file has at most ${api.maxImportBytes / 1024 / 1024} MB; divide it.`);

/** It is saved, whatever is in it, and nothing of it runs in our origin. */
const downloadHeaders = (name: string, contentType: string): Record<string, string> => ({
  'content-type': contentType,
  'content-disposition': contentDisposition(name),
  'content-security-policy': "sandbox; default-src 'none'",
  'cache-control': 'private, no-cache',
});
const vcardType = 'text/vcard; charset=utf-8';
const exportHeaders = (format: api.ExportFormat): Record<string, string> =>
  format === 'csv'
    ? downloadHeaders('contacts.csv', 'text/csv; charset=utf-8')
    : downloadHeaders('contacts.vcf', vcardType);
/** Names of files have none of the signs that systems take for something else. */
const fileNameOf = (name: string): string =>
  name
    .replace(/[\p{Cc}\\/:*?"<>|]+/gu, ' ')
    .trim()
    .slice(0, 100) || 'contacts';

/** Cards that come as a file and go as one. */
export function serveFileRoutes(parts: ImportParts): void {
  const { core, needs } = parts;
  const { http, db, spaces, blobs } = core;

  http.route(api.uploadContacts, async ({ actor, params, query, request, signal }) => {
    await db.read(actor.orgId, (tx) => bookFor(tx, spaces, actor, params.bookId, 'write'));
    const stored = await blobs
      .put(request.raw, { maxBytes: api.maxImportBytes, signal })
      .catch((error: unknown) => {
        throw error instanceof BlobTooLargeError ? tooLarge() : error;
      });
    const found = await lookThrough(blobs, stored.sha256, stored.bytes);
    return db.transaction(actor.orgId, async (tx) =>
      toImport(
        await createImport(tx, needs, actor, params.bookId, {
          fileName: query.fileName,
          sha256: stored.sha256,
          found,
        }),
      ),
    );
  });
  http.route(api.listRunningContactImports, ({ actor }) =>
    db.read(actor.orgId, async (tx) => ({ rows: (await runningImports(tx, actor)).map(toImport) })),
  );
  http.route(api.getContactImport, ({ actor, params }) =>
    db.read(actor.orgId, async (tx) => toImport(await importFor(tx, actor, params.importId))),
  );
  http.route(api.startContactImport, ({ actor, params, body }) =>
    db.transaction(actor.orgId, async (tx) =>
      toImport(await startImport(tx, needs, actor, params.importId, body)),
    ),
  );
  http.route(api.stopContactImport, ({ actor, params }) =>
    db.transaction(actor.orgId, async (tx) => toImport(await stopImport(tx, needs, actor, params.importId))),
  );
  http.route(api.listRecentContactImports, ({ actor }) =>
    db.read(actor.orgId, async (tx) => ({ rows: await recentImports(tx, actor) })),
  );
  http.route(api.undoContactImport, ({ actor, params }) =>
    db.transaction(actor.orgId, (tx) => undoImport(tx, needs, actor, params.importId)),
  );
  core.outbox.react(
    reactTo(
      'contacts.start-import',
      api.importStarted,
      async ({ orgId, payload: { importId, personId } }) => {
        await core.jobs.add(runImportJob, { orgId, importId, personId }, { key: importId });
      },
    ),
  );
  core.jobs.handle(runImportJob, (payload, context) => runImport(parts, payload, context));

  http.route(api.exportBook, async ({ actor, params, query, request, reply }) => {
    // Refused before the first byte; what is revoked later ends it.
    await db.transaction(actor.orgId, async (tx) => {
      const book = await bookFor(tx, spaces, actor, params.bookId, 'read');
      await needs.audit.record(tx, {
        action: 'contacts.book-exported',
        subjectId: book.id,
        personId: actor.personId,
        details: { format: query.format },
      });
    });
    const stillThere = async (): Promise<void> => {
      const now = await http.authenticate({ headers: request.headers, ip: request.ip });
      if (!isSame(now, actor)) throw new Error('the session of a download has ended');
    };
    return reply
      .headers(exportHeaders(query.format))
      .send(exportStream(core, actor, params.bookId, query.format, stillThere));
  });
  http.route(api.exportContacts, async ({ actor, body, reply }) => {
    const found = await db.transaction(actor.orgId, async (tx) => {
      const contacts = await contactsFor(tx, spaces, actor, [...new Set(body.contactIds)], 'read');
      for (const [book, some] of byBook(contacts)) {
        await needs.audit.record(tx, {
          action: 'contacts.book-exported',
          subjectId: book.id,
          personId: actor.personId,
          details: { format: body.format, count: some.length },
        });
      }
      return contacts;
    });
    const rows = found.map(({ row }) => row).sort((a, b) => (a.sort_key < b.sort_key ? -1 : 1));
    return reply
      .headers(exportHeaders(body.format))
      .send(Readable.from(exportSome(core, rows, body.format), { objectMode: false }));
  });
  http.route(api.exportContact, async ({ actor, params, query, reply }) => {
    const { row } = await db.read(actor.orgId, (tx) =>
      contactFor(tx, spaces, actor, params.contactId, 'read'),
    );
    return reply
      .headers(downloadHeaders(`${fileNameOf(row.name)}.vcf`, vcardType))
      .send(await exportCard(core, row, query.format));
  });
}

const isSame = (now: { sessionId: string } | null | undefined, actor: PersonActor): boolean =>
  now?.sessionId === actor.sessionId;
