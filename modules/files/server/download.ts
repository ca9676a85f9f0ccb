import { Readable } from 'node:stream';
import { notFound, type PersonActor, Problem } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import { contentDisposition, type RouteContext, wantedRange, whileAllowed } from '@liaison/core/http';
import { nodeFor } from './access.ts';

type Context = RouteContext<unknown, unknown, unknown, PersonActor>;
export type Request = Context['request'];
export type Reply = Context['reply'];

/** Whether somebody may still read something, for streams on their way: her session lives, and so does her right. */
export function stillReads(
  { db, spaces, http }: Pick<Core, 'db' | 'spaces' | 'http'>,
  request: Pick<Request, 'headers' | 'ip'>,
  actor: PersonActor,
  nodeId: string,
  needed: 'read' | 'write' = 'read',
): () => Promise<boolean> {
  return async () => {
    const now = await http.authenticate({ headers: request.headers, ip: request.ip });
    if (now?.sessionId !== actor.sessionId) return false;
    try {
      await db.read(actor.orgId, (tx) => nodeFor(tx, spaces, now, nodeId, needed));
      return true;
    } catch (error) {
      if (error instanceof Problem && error.status < 500) return false;
      throw error;
    }
  };
}

/** What every download carries: it is saved, whatever it is, and nothing of it runs in our origin. */
export const downloadHeaders = (name: string): Record<string, string> => ({
  'content-type': 'application/octet-stream',
  'content-disposition': contentDisposition(name),
  'content-security-policy': "sandbox; default-src 'none'",
  'cache-control': 'private, no-cache',
});

/**
 * Sends a file, or the part of it that was asked for.
 *
 * @param contentType for a player; whatever it is, a browser that goes there saves it, and nothing of it runs in our origin.
 */
export async function sendFile(
  core: Core,
  actor: PersonActor,
  nodeId: string,
  version: number | undefined,
  request: Request,
  reply: Reply,
  contentType?: `${'audio' | 'video'}/${string}`,
): Promise<Reply> {
  const { db, spaces, blobs } = core;
  const file = await db.read(actor.orgId, async (tx) => {
    const node = await nodeFor(tx, spaces, actor, nodeId, 'read');
    if (node.kind !== 'file' || node.sha256 === null) throw notFound('This file');
    if (version === undefined) return { name: node.name, sha256: node.sha256, bytes: node.bytes };
    const [row] = await tx.query<{ sha256: string; bytes: number }>(
      'select sha256, bytes from files.version where node_id = $1 and number = $2',
      [node.id, version],
    );
    if (!row) throw notFound('This version');
    return { name: node.name, ...row };
  });
  const etag = `"${file.sha256}"`;
  reply.headers({
    ...downloadHeaders(file.name),
    ...(contentType === undefined ? {} : { 'content-type': contentType }),
    etag,
    'accept-ranges': 'bytes',
  });
  if (request.headers['if-none-match'] === etag) return reply.status(304).send();
  const wanted = wantedRange(request.headers, { etag, bytes: file.bytes });
  if (wanted.kind === 'none') {
    reply.header('content-range', `bytes */${file.bytes}`);
    throw new Problem(416, 'files-range', 'This file ends before that part.');
  }
  const part = wanted.kind === 'part' ? wanted : null;
  // A HEAD is answered by the same handler, and its stream would be read to the end for nothing.
  if (request.method === 'HEAD') {
    const length = part ? part.end - part.start + 1 : file.bytes;
    return reply.headers({ 'content-length': length }).send(Readable.from([]));
  }
  const { stream, bytes } = await blobs.open(file.sha256, part ?? {});
  if (part) {
    reply.status(206).header('content-range', `bytes ${part.start}-${part.end}/${file.bytes}`);
  }
  return reply
    .headers({ 'content-length': bytes })
    .send(whileAllowed(stream, stillReads(core, request, actor, nodeId)));
}
