import type { Readable } from 'node:stream';
import { BlobMissingError } from '@liaison/core/blobs';
import { type ContentSource, indexContent } from '@liaison/core/content';
import type { Tx } from '@liaison/core/db';
import type { Core } from '@liaison/core/floor';
import { defineJob } from '@liaison/core/jobs';
import { z } from 'zod';
import { previewKindOf, textsRead } from '../../contract/index.ts';
import { keptText } from './decode-text.ts';

/** Raised when texts are read in another way: of all files, once more. */
const readingVersion = 1;
/** So much of a file is read; whoever looks for what stands later in it does not find it. */
export const readBytes = 256 * 1024;
/** A store that does not answer for so long is asked again by the next try. */
const mostMs = 30_000;
/** So many are held in memory at once, and told of together. */
const together = 16;

export const readTextsJob = defineJob({
  name: 'files.read-texts',
  payload: z.object({ orgId: z.uuid(), nodeIds: z.array(z.uuid()).max(200) }),
});

interface UnreadRow extends Record<string, unknown> {
  readonly id: string;
  readonly space_id: string;
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly media_type: string;
}

/** Those of these files that are texts, and of which what they are now was not read. */
async function unreadOf(tx: Tx, nodeIds: readonly string[]): Promise<UnreadRow[]> {
  const rows = await tx.query<UnreadRow>(
    `select n.id, t.space_id, n.name, n.sha256, n.bytes::float8 as bytes, n.media_type
     from files.node n join files.tree t on t.id = n.tree_id
       left join files.text x on x.node_id = n.id and x.of_content = n.sha256
     where n.id = any($1::uuid[]) and n.rank = 1 and n.sha256 is not null and x.node_id is null`,
    [nodeIds],
  );
  return rows.filter(
    ({ name, bytes, media_type: mediaType }) => previewKindOf({ name, bytes, mediaType }) === 'text',
  );
}

/**
 * Reads what is written in files of text, whenever one is added or written, so that whoever looks through content finds it. The
 * bytes are fetched by a job, where a slow store holds back nobody; of small ones that came whole they are there already
 * (`actions/receive-files.ts`).
 */
export function readTexts(core: Core, files: ContentSource): void {
  const { db, jobs, blobs, outbox } = core;

  indexContent(core, {
    follower: 'files.texts',
    job: 'files.read-texts-anew',
    sources: [files],
    form: readingVersion,
    keep: async (tx, { documents }) => {
      const unread = await unreadOf(
        tx,
        documents.map(({ id }) => id),
      );
      const { orgId } = tx;
      if (unread.length === 0 || orgId === null) return;
      await jobs.add(readTextsJob, { orgId, nodeIds: unread.map(({ id }) => id) });
    },
  });

  jobs.handle(readTextsJob, async ({ orgId, nodeIds }, { signal }) => {
    const unread = await db.read(orgId, (tx) => unreadOf(tx, nodeIds));
    for (let from = 0; from < unread.length && !signal.aborted; from += together) {
      const read: { id: string; sha256: string; spaceId: string; text: string }[] = [];
      for (const { id, sha256, space_id: spaceId, bytes } of unread.slice(from, from + together)) {
        if (signal.aborted) return;
        const text = await beginningOf(sha256, bytes, signal);
        if (text !== null) read.push({ id, sha256, spaceId, text });
      }
      await db.transaction(orgId, async (tx) => {
        const kept = new Set(await keepTexts(tx, read));
        for (const spaceId of new Set(read.map((each) => each.spaceId))) {
          const ids = read
            .filter((each) => each.spaceId === spaceId && kept.has(each.id))
            .map(({ id }) => id);
          if (ids.length > 0) outbox.emit(tx, textsRead, { spaceId, nodeIds: ids });
        }
      });
    }
  });

  /** Empty for what is no text after all; null where the file has gone meanwhile. */
  async function beginningOf(sha256: string, bytes: number, signal: AbortSignal): Promise<string | null> {
    let stream: Readable;
    try {
      ({ stream } = await blobs.open(sha256, { start: 0, end: Math.min(bytes, readBytes) - 1 }));
    } catch (error) {
      if (error instanceof BlobMissingError) return null;
      throw error;
    }
    const late = AbortSignal.any([signal, AbortSignal.timeout(mostMs)]);
    const cut = () => void stream.destroy(new Error('its bytes did not come in time'));
    late.addEventListener('abort', cut);
    try {
      const pieces: Uint8Array[] = [];
      for await (const piece of stream) pieces.push(piece as Uint8Array);
      return keptText(Buffer.concat(pieces));
    } finally {
      late.removeEventListener('abort', cut);
      stream.destroy();
    }
  }
}

/** Keeps each for a file that is still of this content; whoever deletes one waits, and takes the text away after it. */
async function keepTexts(
  tx: Tx,
  read: readonly { readonly id: string; readonly sha256: string; readonly text: string }[],
): Promise<string[]> {
  const rows = await tx.query<{ node_id: string }>(
    `with there as (
       select n.id, n.org_id, r.sha256, r.text from jsonb_to_recordset($1::jsonb) as r (id uuid, sha256 text, text text)
         join files.node n on n.id = r.id and n.sha256 = r.sha256
       order by n.id for key share of n
     )
     insert into files.text as x (org_id, node_id, of_content, text) select org_id, id, sha256, text from there
     on conflict (node_id) do update set of_content = excluded.of_content, text = excluded.text, read_at = now()
     returning node_id`,
    [JSON.stringify(read)],
  );
  return rows.map(({ node_id }) => node_id);
}
