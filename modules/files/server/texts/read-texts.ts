import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { BlobMissingError } from '@liaison/core/blobs';
import { type ContentSource, indexContent } from '@liaison/core/content';
import type { Tx } from '@liaison/core/db';
import type { Core } from '@liaison/core/floor';
import { defineJob } from '@liaison/core/jobs';
import { z } from 'zod';
import { textsRead } from '../../contract/index.ts';
import { keptText } from './decode-text.ts';
import type { DocumentReader } from './document-reader.ts';
import { type DocumentKind, type WrittenIn, writtenIn } from './written-in.ts';

/** Raised when texts are read in another way: of all files, once more. */
const readingVersion = 2;
/** So much of a text is read; whoever looks for what stands later in it does not find it. */
export const readBytes = 256 * 1024;
/** A store that does not answer for so long is asked again by the next try. */
const mostMs = 30_000;
/** So many are held in memory at once, and told of together. */
const together = 16;
/** A document takes longer: after so many, or so long, others have their turn. */
const documentsATurn = 50;
const turnMs = 5000;

const payload = z.object({ orgId: z.uuid(), nodeIds: z.array(z.uuid()).max(200) });
export const readTextsJob = defineJob({ name: 'files.read-texts', payload });
export const readDocumentsJob = defineJob({ name: 'files.read-documents', payload });

interface UnreadRow extends Record<string, unknown> {
  readonly id: string;
  readonly space_id: string;
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly media_type: string;
}

interface Unread extends UnreadRow {
  readonly kind: WrittenIn;
}

/** Those of these files in which something is written, and of which what they are now was not read; in the order asked for. */
async function unreadOf(tx: Tx, nodeIds: readonly string[]): Promise<Unread[]> {
  const rows = await tx.query<UnreadRow>(
    `select n.id, t.space_id, n.name, n.sha256, n.bytes::float8 as bytes, n.media_type
     from files.node n join files.tree t on t.id = n.tree_id
       left join files.text x on x.node_id = n.id and x.of_content = n.sha256
     where n.id = any($1::uuid[]) and n.rank = 1 and n.sha256 is not null and x.node_id is null
     order by array_position($1::uuid[], n.id)`,
    [nodeIds],
  );
  return rows.flatMap((row) => {
    const kind = writtenIn({ name: row.name, bytes: row.bytes, mediaType: row.media_type });
    return kind === null ? [] : [{ ...row, kind }];
  });
}

/**
 * Reads what is written in texts and documents, whenever one is added or written, so that whoever looks through content finds it. The
 * bytes are fetched by a job, where a slow store holds back nobody; of small ones that came whole they are there already
 * (`actions/receive-files.ts`). Documents are read by a job of their own, a few at a time and one job of an organisation at a time, so
 * that ten thousand of them hold back neither texts nor anybody else.
 */
export function readTexts(core: Core, files: ContentSource, documents: DocumentReader): void {
  const { db, jobs, blobs, outbox, log } = core;

  indexContent(core, {
    follower: 'files.texts',
    job: 'files.read-texts-anew',
    sources: [files],
    form: readingVersion,
    keep: async (tx, { documents: changed }) => {
      const unread = await unreadOf(
        tx,
        changed.map(({ id }) => id),
      );
      const { orgId } = tx;
      if (orgId === null) return;
      const texts = unread.filter(({ kind }) => kind === 'text').map(({ id }) => id);
      if (texts.length > 0) await jobs.add(readTextsJob, { orgId, nodeIds: texts });
      const others = unread.filter(({ kind }) => kind !== 'text').map(({ id }) => id);
      if (others.length > 0) await addDocuments(orgId, others);
    },
  });

  const addDocuments = (orgId: string, nodeIds: string[]) =>
    jobs.add(readDocumentsJob, { orgId, nodeIds }, { queue: orgId });

  jobs.handle(readTextsJob, async ({ orgId, nodeIds }, { signal }) => {
    const unread = (await db.read(orgId, (tx) => unreadOf(tx, nodeIds))).filter(
      ({ kind }) => kind === 'text',
    );
    for (let from = 0; from < unread.length && !signal.aborted; from += together) {
      const read: Read[] = [];
      for (const each of unread.slice(from, from + together)) {
        if (signal.aborted) return;
        const end = Math.min(each.bytes, readBytes) - 1;
        const text = await withBytes(each, signal, { start: 0, end }, async (stream) =>
          keptText(await buffer(stream)),
        );
        if (text !== null) read.push({ ...each, text });
      }
      await keepAndTell(orgId, read);
    }
  });

  jobs.handle(readDocumentsJob, async ({ orgId, nodeIds }, { signal }) => {
    const unread = (await db.read(orgId, (tx) => unreadOf(tx, nodeIds))).filter(
      ({ kind }) => kind !== 'text',
    );
    const turn = unread.splice(0, documentsATurn);
    const until = performance.now() + turnMs;
    for (let each = turn.shift(); each; each = performance.now() < until ? turn.shift() : undefined) {
      const { kind, sha256 } = each;
      const text = await withBytes(each, signal, undefined, async (stream, late) => {
        const read = await documents.read(stream, kind as DocumentKind, late);
        if (read.why !== undefined) {
          log.info({ sha256, why: read.why }, 'not all of a document can be read');
        }
        return read.text;
      });
      if (signal.aborted) return;
      if (text !== null) await keepAndTell(orgId, [{ ...each, text }]);
    }
    const left = [...turn, ...unread].map(({ id }) => id);
    if (left.length > 0) await addDocuments(orgId, left);
  });

  async function keepAndTell(orgId: string, read: readonly Read[]): Promise<void> {
    if (read.length === 0) return;
    await db.transaction(orgId, async (tx) => {
      const kept = new Set(await keepTexts(tx, read));
      for (const spaceId of new Set(read.map((each) => each.space_id))) {
        const ids = read.filter((each) => each.space_id === spaceId && kept.has(each.id)).map(({ id }) => id);
        if (ids.length > 0) outbox.emit(tx, textsRead, { spaceId, nodeIds: ids });
      }
    });
  }

  /** Null where the file has gone meanwhile. Its bytes end when the process stops, or the store does not bring them. */
  async function withBytes<Result>(
    { sha256 }: UnreadRow,
    signal: AbortSignal,
    range: { start: number; end: number } | undefined,
    use: (stream: Readable, late: AbortSignal) => Promise<Result>,
  ): Promise<Result | null> {
    let stream: Readable;
    try {
      ({ stream } = await blobs.open(sha256, range));
    } catch (error) {
      if (error instanceof BlobMissingError) return null;
      throw error;
    }
    const late = AbortSignal.any([signal, AbortSignal.timeout(mostMs)]);
    const cut = () => void stream.destroy(new Error('its bytes did not come in time'));
    late.addEventListener('abort', cut);
    try {
      return await use(stream, late);
    } finally {
      late.removeEventListener('abort', cut);
      stream.destroy();
    }
  }
}

interface Read {
  readonly id: string;
  readonly sha256: string;
  readonly space_id: string;
  readonly text: string;
}

/** Keeps each for a file that is still of this content; whoever deletes one waits, and takes the text away after it. */
async function keepTexts(tx: Tx, read: readonly Read[]): Promise<string[]> {
  const rows = await tx.query<{ node_id: string }>(
    `with there as (
       select n.id, n.org_id, r.sha256, r.text from jsonb_to_recordset($1::jsonb) as r (id uuid, sha256 text, text text)
         join files.node n on n.id = r.id and n.sha256 = r.sha256
       order by n.id for key share of n
     )
     insert into files.text as x (org_id, node_id, of_content, text) select org_id, id, sha256, text from there
     on conflict (node_id) do update set of_content = excluded.of_content, text = excluded.text, read_at = now()
     returning node_id`,
    [JSON.stringify(read.map(({ id, sha256, text }) => ({ id, sha256, text })))],
  );
  return rows.map(({ node_id }) => node_id);
}
