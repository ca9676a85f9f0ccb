import { Readable } from 'node:stream';
import { notFound, Problem } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import { wantedRange, whileAllowed } from '@liaison/core/http';
import { type NodeAccess, nodeFor } from '../access.ts';
import { downloadHeaders, type Reply, type Request } from '../download.ts';
import { watchEntries } from '../entry-rights.ts';
import { readZipEntries, zipOf } from '../folder-zip.ts';
import { findLink } from './across-organisations.ts';
import type { Visitor } from './link-routes.ts';

/** Sends a stranger a file, or a folder as one zip. Where downloads are counted a file comes whole: parts would be many, or none. */
export async function sendLinked(
  core: Core,
  visitor: Visitor,
  nodeId: string,
  request: Request,
  reply: Reply,
): Promise<Reply> {
  const { db, blobs } = core;
  const { link } = visitor;
  const node = await readable(core, visitor, nodeId);
  const stillReads = async (): Promise<boolean> => {
    const now = await findLink(db, visitor.token);
    if (now === null || now.passwordHash !== link.passwordHash) return false;
    try {
      await readable(core, visitor, nodeId);
      return true;
    } catch (error) {
      if (error instanceof Problem && error.status < 500) return false;
      throw error;
    }
  };
  if (node.kind === 'folder' || node.sha256 === null) {
    const { entries, name } = await db.read(link.orgId, async (tx) => ({
      entries: await readZipEntries(tx, node.id),
      name: node.name || (await core.spaces.find(tx, node.spaceId))?.name || 'files',
    }));
    if (request.method !== 'HEAD') await count(core, visitor);
    reply.headers(downloadHeaders(`${name}.zip`));
    if (request.method === 'HEAD') return reply.send(Readable.from([]));
    const inside = watchEntries(core, visitor.actor, entries);
    return reply.send(
      whileAllowed(
        zipOf(blobs, entries, inside.require),
        async () => (await stillReads()) && (await inside.isAllowed()),
      ),
    );
  }
  const isCounted = link.mostDownloads !== null;
  const etag = `"${node.sha256}"`;
  reply.headers({ ...downloadHeaders(node.name), etag, 'accept-ranges': isCounted ? 'none' : 'bytes' });
  // RFC 9110 §14.3: a server may answer all of it whatever part was asked for.
  const wanted = isCounted
    ? ({ kind: 'whole' } as const)
    : wantedRange(request.headers, { etag, bytes: node.bytes });
  if (wanted.kind === 'none') {
    reply.header('content-range', `bytes */${node.bytes}`);
    throw new Problem(416, 'files-range', 'This file ends before that part.');
  }
  const part = wanted.kind === 'part' ? wanted : null;
  if (request.method === 'HEAD') {
    const length = part ? part.end - part.start + 1 : node.bytes;
    return reply.headers({ 'content-length': length }).send(Readable.from([]));
  }
  // What goes on with a download that was cut is not another one.
  if (part === null || part.start === 0) await count(core, visitor);
  const { stream, bytes } = await blobs.open(node.sha256, part ?? {});
  if (part) reply.status(206).header('content-range', `bytes ${part.start}-${part.end}/${node.bytes}`);
  return reply.headers({ 'content-length': bytes }).send(whileAllowed(stream, stillReads));
}

const readable = ({ db, spaces }: Core, { link, actor }: Visitor, nodeId: string): Promise<NodeAccess> =>
  db.read(link.orgId, (tx) => nodeFor(tx, spaces, actor, nodeId, 'read'));

/** One more; the one beyond the last finds no link any more, also where two come at once. */
async function count({ db }: Core, { link }: Visitor): Promise<void> {
  const counted = await db.transaction(link.orgId, (tx) =>
    tx.query(
      `update files.link set downloads = downloads + 1
       where id = $1 and (most_downloads is null or downloads < most_downloads) returning id`,
      [link.id],
    ),
  );
  if (counted.length === 0) throw notFound('This link');
}
