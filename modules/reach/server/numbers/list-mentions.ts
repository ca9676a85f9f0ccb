import type { ContentDocument, ContentSource } from '@liaison/core/content';
import { invalid, type PersonActor, rights } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import { seenBy } from '@liaison/core/spaces';
import { z } from 'zod';
import type { NumberMention } from '../../contract/index.ts';
import { type Finding, textOf } from './finding.ts';
import { itemsOf } from './keep-mentions.ts';
import { passageOf } from './passage.ts';

const reading = rights.indexOf('read');

/** Of one space so many are looked at for a page, where grants take nearly all of them away. */
const mostLookedAt = 2000;

/**
 * Spaces where the reader may have a right at all, each by its newest mentions: what others say among themselves is not even
 * looked at, however often.
 */
const statement = `
  with place as materialized (
    select m.space_id as id from core.member m where m.person_id = $1::uuid
    union select g.space_id from core.grant g where g.principal_id = $1::uuid
    union select g.space_id from core.member m join core.grant g on g.principal_id = m.space_id where m.person_id = $1::uuid
    union select g.space_id from core.grant g where g.principal_id is null)
  select c.kind, c.document_id, c.at from place cross join lateral (
    select n.* from (
      select * from reach.number_mention n
      where n.e164 = $2 and n.space_id = place.id and n.kind = any($3::text[])
        and ($4::timestamptz is null or (n.at, n.kind, n.document_id) < ($4::timestamptz, $5::text, $6::text))
      order by n.at desc, n.kind desc, n.document_id desc limit ${mostLookedAt}) n
    where core.right_within($1::uuid, n.space_id, n.container_id, n.items) >= ${reading}
      and ($8::text[] is null or not n.kind = any($8::text[])
        or n.document_id in (select seen::text from (${seenBy('$1')}) as known(seen)))
    order by n.at desc, n.kind desc, n.document_id desc limit $7) c
  order by c.at desc, c.kind desc, c.document_id desc limit $7`;

interface MentionRow extends Record<string, unknown> {
  readonly kind: string;
  readonly document_id: string;
  readonly at: Date;
}

export interface MentionParts {
  readonly sources: readonly ContentSource[];
  readonly finding: Finding;
}

/** A page of the places that mention a number, newest first: by the reader's rights now, and as they say it now. */
export async function listMentions(
  tx: Tx,
  { sources, finding }: MentionParts,
  actor: PersonActor,
  e164: string,
  { cursor, limit }: { cursor?: string | undefined; limit: number },
): Promise<{ rows: NumberMention[]; next: string | null }> {
  const after = cursor === undefined ? [null, null, null] : readPlace(cursor);
  const people = sources.filter(({ isPeople }) => isPeople).map(({ kind }) => kind);
  const rows = await tx.query<MentionRow>(statement, [
    actor.personId,
    e164,
    sources.map(({ kind }) => kind),
    ...after,
    limit + 1,
    actor.role === 'guest' ? people : null,
  ]);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const mentions: NumberMention[] = [];
  const documents = await readNow(tx, actor, sources, page);
  for (const source of sources) {
    const ofKind = [...(documents.get(source.kind)?.values() ?? [])];
    const found = await finding(tx, ofKind);
    for (const document of ofKind) {
      const there = found.get(document.id)?.find((number) => number.e164 === e164);
      if (!there) continue;
      mentions.push({
        kind: source.kind,
        id: document.id,
        title: document.title,
        passage: passageOf(textOf(document), there),
        container: document.container,
        personIds: [...document.personIds],
        at: document.at.toISOString(),
        path: document.path,
      });
    }
  }
  const order = new Map(page.map((row, i) => [`${row.kind} ${row.document_id}`, i]));
  const placeOf = ({ kind, id }: NumberMention): number => order.get(`${kind} ${id}`) ?? 0;
  return {
    rows: mentions.sort((a, b) => placeOf(a) - placeOf(b)),
    next: rows.length > limit && last ? writePlace(last) : null,
  };
}

/** What is kept may be a second old: what a document says, and who may read it, is asked of its own module's rows. */
async function readNow(
  tx: Tx,
  actor: PersonActor,
  sources: readonly ContentSource[],
  page: readonly MentionRow[],
): Promise<Map<string, Map<string, ContentDocument>>> {
  const read: { kind: string; document: ContentDocument }[] = [];
  for (const source of sources) {
    const ids = page.filter(({ kind }) => kind === source.kind).map(({ document_id }) => document_id);
    if (ids.length === 0) continue;
    for (const document of await source.read(tx, ids)) read.push({ kind: source.kind, document });
  }
  const levels = await tx.query<{ level: number }>(
    `select core.right_within($1::uuid, d.space_id, d.container_id, d.items) as level
     from rows from (jsonb_to_recordset($2::jsonb) as (space_id uuid, container_id uuid, items uuid[])) with ordinality
       as d(space_id, container_id, items, place) order by d.place`,
    [
      actor.personId,
      JSON.stringify(
        read.map(({ document: { place } }) => ({
          space_id: place.spaceId,
          container_id: place.containerId ?? null,
          items: itemsOf(place),
        })),
      ),
    ],
  );
  const documents = new Map<string, Map<string, ContentDocument>>();
  for (const [i, { kind, document }] of read.entries()) {
    if ((levels[i]?.level ?? 0) < reading) continue;
    const ofKind = documents.get(kind) ?? new Map<string, ContentDocument>();
    documents.set(kind, ofKind.set(document.id, document));
  }
  return documents;
}

type PlaceInOrder = [at: string, kind: string, documentId: string];

const writePlace = ({ at, kind, document_id }: MentionRow): string =>
  Buffer.from(JSON.stringify([at.toISOString(), kind, document_id])).toString('base64url');

const placeSchema = z.tuple([
  z.iso.datetime(),
  z
    .string()
    .max(60)
    .regex(/^[\w.-]*$/),
  z
    .string()
    .max(120)
    .regex(/^[\w.:+-]*$/),
]);

function readPlace(cursor: string): PlaceInOrder {
  try {
    const place = placeSchema.safeParse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
    if (place.success) return place.data;
  } catch {
    // Not one of ours.
  }
  throw invalid('This page was not found; begin with the first.');
}
