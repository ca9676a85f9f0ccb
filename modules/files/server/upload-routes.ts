import { notFound, type PersonActor } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import { beginUpload, continueUpload, endUpload, readUpload } from '../contract/index.ts';
import { folderFor } from './access.ts';
import type { Needs } from './actions/needs.ts';
import * as uploads from './actions/uploads.ts';
import { type Request, stillReads } from './download.ts';
import type { KeepFiles } from './keep-files.ts';
import type { Receiver, Upload } from './receive-upload.ts';
import { bringsAll, readCreation } from './tus.ts';
import { createWholeFiles, largestAtOnceBytes } from './whole-files.ts';

/** What nobody has gone on with for so long is given up: its rows by retention, its bytes here. */
const sweptAfterMs = 8 * 24 * 60 * 60 * 1000;

/** Uploads of people into folders where they may write. */
export function serveUploads(core: Core, needs: Needs, receiver: Receiver, keep: KeepFiles): void {
  const { http, db, blobs, jobs } = core;
  const receiveWhole = createWholeFiles(keep);
  const locationOf = (uploadId: string): string => `/api/v1/files/uploads/${uploadId}`;

  const uploadOf = (
    actor: PersonActor,
    request: Request,
    row: { id: string; folderId: string; bytes: number; nodeId: string | null },
  ): Upload => ({
    ...row,
    isAllowed: stillReads(core, request, actor, row.folderId, 'write'),
    becomeFile: async (content) => {
      await db.transaction(actor.orgId, (tx) =>
        uploads.finishUpload(tx, needs, actor, { personId: actor.personId }, row.id, content),
      );
    },
  });
  const find = async (actor: PersonActor, uploadId: string, request: Request) => {
    const [row] = await db.read(actor.orgId, (tx) =>
      tx.query<{ id: string; folder_id: string; bytes: number; node_id: string | null }>(
        'select id, folder_id, bytes, node_id from files.upload where id = $1 and person_id = $2',
        [uploadId, actor.personId],
      ),
    );
    if (!row) throw notFound('This upload');
    const { id, folder_id: folderId, bytes, node_id: nodeId } = row;
    return { folderId, ...uploadOf(actor, request, { id, folderId, bytes, nodeId }) };
  };

  http.route(beginUpload, ({ actor, ...exchange }) =>
    receiver.begin(exchange, async () => {
      const { request } = exchange;
      const wanted = readCreation(request.headers);
      const { folderId, bytes } = wanted;
      if (bytes <= largestAtOnceBytes && bringsAll(request.headers, bytes)) {
        return { location: locationOf(await receiveWhole(actor, wanted, request.raw)), whole: bytes };
      }
      const id = await db.transaction(actor.orgId, (tx) =>
        uploads.beginUpload(tx, needs, actor, { personId: actor.personId }, wanted),
      );
      return {
        upload: uploadOf(actor, request, { id, folderId, bytes, nodeId: null }),
        location: locationOf(id),
      };
    }),
  );
  http.route(readUpload, ({ actor, params, ...exchange }) =>
    receiver.tell(exchange, () => find(actor, params.uploadId, exchange.request)),
  );
  http.route(continueUpload, ({ actor, params, ...exchange }) =>
    receiver.goOn(
      exchange,
      () => find(actor, params.uploadId, exchange.request),
      async () => {
        const { folderId } = await find(actor, params.uploadId, exchange.request);
        await db.read(actor.orgId, (tx) => folderFor(tx, core.spaces, actor, folderId, 'write'));
      },
    ),
  );
  http.route(endUpload, ({ actor, params, ...exchange }) =>
    receiver.end(
      exchange,
      () => find(actor, params.uploadId, exchange.request),
      async () => {
        await db.transaction(actor.orgId, (tx) =>
          tx.query('delete from files.upload where id = $1 and person_id = $2', [
            params.uploadId,
            actor.personId,
          ]),
        );
      },
    ),
  );

  jobs.every('files.sweep-uploads', '23 4 * * *', async () => {
    await blobs.spool.sweep(sweptAfterMs);
  });
}
