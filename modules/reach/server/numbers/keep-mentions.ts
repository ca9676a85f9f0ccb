import type { ContentRead } from '@liaison/core/content';
import type { Tx } from '@liaison/core/db';
import type { Finding } from './finding.ts';

/** Puts what documents mention now in the place of what they mentioned before. */
export const keepMentions =
  (finding: Finding) =>
  async (tx: Tx, { source, ids, documents }: ContentRead): Promise<void> => {
    const found = await finding(tx, documents);
    await tx.query(
      'delete from reach.number_mention where org_id = $1 and kind = $2 and document_id = any($3::text[])',
      [tx.orgId, source.kind, ids],
    );
    const mentions = documents.flatMap(({ id, place, at }) =>
      [...new Set((found.get(id) ?? []).flatMap(({ e164 }) => e164 ?? []))].map((e164) => ({
        document_id: id,
        e164,
        space_id: place.spaceId,
        container_id: place.containerId ?? null,
        items: itemsOf(place),
        at: at.toISOString(),
      })),
    );
    if (mentions.length === 0) return;
    await tx.query(
      `insert into reach.number_mention (org_id, kind, document_id, e164, space_id, container_id, items, at)
       select $1, $2, m.document_id, m.e164, m.space_id, m.container_id, m.items, m.at
       from jsonb_to_recordset($3::jsonb) as m(
         document_id text, e164 text, space_id uuid, container_id uuid, items uuid[], at timestamptz)`,
      [tx.orgId, source.kind, JSON.stringify(mentions)],
    );
  };

/** What `core.right_within` asks for: the items around something, and itself last. */
export const itemsOf = ({
  around = [],
  itemId,
}: {
  readonly around?: readonly string[];
  readonly itemId?: string | null;
}): readonly string[] => (itemId ? [...around, itemId] : []);
