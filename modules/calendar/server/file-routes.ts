import { BlobTooLargeError } from '@liaison/core/blobs';
import { Problem } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import { contentDisposition } from '@liaison/core/http';
import { reactTo } from '@liaison/core/outbox';
import type { People } from '@liaison/people';
import * as api from '../contract/index.ts';
import { calendarFor, eventFor, importFor, runningImports } from './access.ts';
import { calendarToFill, createImport, startImport, stopImport } from './actions/import-appointments.ts';
import type { Needs } from './actions/needs.ts';
import { exportEvent, exportStream } from './export.ts';
import { toImport } from './import/import-record.ts';
import { lookThrough } from './import/look-through.ts';
import { runImport, runImportJob } from './import/run-import.ts';

const tooLarge = () =>
  new Problem(413, 'too-large', `A file has at most ${api.maxImportBytes / 1024 / 1024} MB; divide it.`);

/** It is saved, whatever is in it, and nothing of it runs in our origin. */
const downloadHeaders = (name: string): Record<string, string> => ({
  'content-type': 'text/calendar; charset=utf-8',
  'content-disposition': contentDisposition(`${name}.ics`),
  'content-security-policy': "sandbox; default-src 'none'",
  'cache-control': 'private, no-cache',
});
/** Names of files have none of the signs that systems take for something else. */
const fileNameOf = (name: string): string =>
  name
    .replace(/[\p{Cc}\\/:*?"<>|]+/gu, ' ')
    .trim()
    .slice(0, 100) || 'calendar';

/** Appointments that come as a file and go as one. */
export function serveFileRoutes(core: Core, needs: Needs, people: Pick<People, 'find' | 'findMany'>): void {
  const { http, db, spaces, blobs } = core;

  http.route(api.uploadAppointments, async ({ actor, params, query, request, signal }) => {
    const timeZone = await db.read(actor.orgId, async (tx) => {
      await calendarToFill(tx, needs, actor, params.calendarId);
      return (await people.find(tx, actor.personId))?.timeZone ?? 'UTC';
    });
    const stored = await blobs
      .put(request.raw, { maxBytes: api.maxImportBytes, signal })
      .catch((error: unknown) => {
        throw error instanceof BlobTooLargeError ? tooLarge() : error;
      });
    const found = await lookThrough(blobs, stored.sha256, timeZone);
    const file = { fileName: query.fileName, sha256: stored.sha256, timeZone, found };
    return db.transaction(actor.orgId, async (tx) =>
      toImport(await createImport(tx, needs, actor, params.calendarId, file)),
    );
  });
  http.route(api.listRunningCalendarImports, ({ actor }) =>
    db.read(actor.orgId, async (tx) => ({ rows: (await runningImports(tx, actor)).map(toImport) })),
  );
  http.route(api.getCalendarImport, ({ actor, params }) =>
    db.read(actor.orgId, async (tx) => toImport(await importFor(tx, actor, params.importId))),
  );
  http.route(api.startCalendarImport, ({ actor, params }) =>
    db.transaction(actor.orgId, async (tx) => toImport(await startImport(tx, needs, actor, params.importId))),
  );
  http.route(api.stopCalendarImport, ({ actor, params }) =>
    db.transaction(actor.orgId, async (tx) => toImport(await stopImport(tx, needs, actor, params.importId))),
  );
  core.outbox.react(
    reactTo(
      'calendar.start-import',
      api.importStarted,
      async ({ orgId, payload: { importId, personId } }) => {
        await core.jobs.add(runImportJob, { orgId, importId, personId }, { key: importId });
      },
    ),
  );
  core.jobs.handle(runImportJob, (payload, context) => runImport({ core, needs }, payload, context));

  http.route(api.exportCalendar, async ({ actor, params, request, reply }) => {
    // Refused before the first byte; what is revoked later ends it.
    const calendar = await db.transaction(actor.orgId, async (tx) => {
      const found = await calendarFor(tx, spaces, actor, params.calendarId, 'read');
      await needs.audit.record(tx, {
        action: 'calendar.calendar-exported',
        subjectId: found.id,
        personId: actor.personId,
      });
      return found;
    });
    const stillThere = async (): Promise<void> => {
      const now = await http.authenticate({ headers: request.headers, ip: request.ip });
      if (now?.sessionId !== actor.sessionId) throw new Error('the session of a download has ended');
    };
    return reply
      .headers(downloadHeaders(fileNameOf(calendar.name)))
      .send(exportStream(core, people, actor, calendar.id, stillThere));
  });
  http.route(api.exportEvent, async ({ actor, params, reply }) => {
    const { text, title } = await db.read(actor.orgId, async (tx) => {
      const event = await eventFor(tx, spaces, actor, params.eventId, 'read');
      const [row] = await tx.query<{ title: string }>('select title from calendar.event where id = $1', [
        event.id,
      ]);
      return { text: await exportEvent(tx, people, event), title: row?.title ?? '' };
    });
    return reply.headers(downloadHeaders(fileNameOf(title))).send(text);
  });
}
