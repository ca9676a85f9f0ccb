import { notFound, type PersonActor, Problem } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import { contentDisposition, whileAllowed } from '@liaison/core/http';
import { playedTypeOf, playFile, previewFile, previewKindOf } from '../contract/index.ts';
import { nodeFor } from './access.ts';
import { sendFile, stillReads } from './download.ts';
import type { Previews } from './previews/previews.ts';
import { TurnsFullError } from './previews/turns.ts';

const noPreview = () => new Problem(404, 'files-no-preview', 'There is no preview of this file.');
const busy = () =>
  new Problem(503, 'files-previews-busy', 'Too many previews are being made. Try again.', {
    retryAfterSeconds: 10,
  });

/** Previews have the rights of their file, asked anew each time: a browser keeps one, and may show it only after asking. */
export function servePreviews(core: Core, previews: Previews): void {
  const { http, db, spaces, blobs } = core;

  const contentFor = (actor: PersonActor, nodeId: string, version: number | undefined) =>
    db.read(actor.orgId, async (tx) => {
      const node = await nodeFor(tx, spaces, actor, nodeId, 'read');
      if (node.kind !== 'file' || node.sha256 === null) throw notFound('This file');
      const { name, mediaType } = node;
      if (version === undefined || version === node.version) {
        return { name, mediaType, sha256: node.sha256, bytes: node.bytes };
      }
      const [row] = await tx.query<{ sha256: string; bytes: number }>(
        'select sha256, bytes from files.version where node_id = $1 and number = $2',
        [node.id, version],
      );
      if (!row) throw notFound('This version');
      return { name, mediaType, ...row };
    });

  http.route(previewFile, async ({ actor, params, query, request, reply }) => {
    const file = await contentFor(actor, params.nodeId, query.version);
    const kind = previewKindOf(file);
    if (kind !== 'picture' && kind !== 'video' && kind !== 'pdf') throw noPreview();
    const etag = `"${file.sha256}-${query.size}"`;
    reply.headers({
      etag,
      'cache-control': 'private, no-cache',
      'content-security-policy': "sandbox; default-src 'none'",
      'content-disposition': contentDisposition(`${file.name}.webp`),
    });
    if (request.headers['if-none-match'] === etag) return reply.status(304).send();
    const preview = await previews
      .of(actor.orgId, { sha256: file.sha256, bytes: file.bytes, kind }, query.size)
      .catch((error: unknown) => {
        throw error instanceof TurnsFullError ? busy() : error;
      });
    if (preview === null) throw noPreview();
    // It may have taken a while: whoever may not read it any more does not get it.
    await contentFor(actor, params.nodeId, query.version);
    const { stream, bytes } = await blobs.open(preview.sha256);
    return reply
      .headers({ 'content-type': 'image/webp', 'content-length': bytes })
      .send(whileAllowed(stream, stillReads(core, request, actor, params.nodeId)));
  });

  http.route(playFile, async ({ actor, params, query, request, reply }) => {
    const { name } = await contentFor(actor, params.nodeId, query.version);
    const type = playedTypeOf(name);
    if (type === null) throw noPreview();
    return sendFile(core, actor, params.nodeId, query.version, request, reply, type);
  });
}
