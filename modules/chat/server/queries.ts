import { invalid, type Right, rights } from '@liaison/core/contract';
import type { CoreTables, Tx } from '@liaison/core/db';
import type { SentFiles } from '@liaison/files';
import { type SqlBool, sql } from 'kysely';
import { type Attachment, type Conversation, excerptOf, type Message } from '../contract/index.ts';
import type { ChatTables } from './tables.ts';

const iso = (at: Date | string | null): string | null => (at === null ? null : new Date(at).toISOString());

/**
 * Whole messages by id, in the order of the ids; missing ones are left out. Three statements in one round trip, and one more where
 * there are files.
 */
export async function readMessages(tx: Tx, files: SentFiles, ids: readonly string[]): Promise<Message[]> {
  if (ids.length === 0) return [];
  const chat = tx.as<ChatTables>();
  // One array, whatever its length: the same three statements every time.
  const wanted = sql<string>`any(${[...ids]}::uuid[])`;
  const [rows, reactions, attachments] = await Promise.all([
    chat.selectFrom('chat.message').selectAll().where('id', '=', wanted).execute(),
    chat
      .selectFrom('chat.reaction')
      .select(['message_id', 'person_id', 'emoji'])
      .where('message_id', '=', wanted)
      .orderBy('at')
      .execute(),
    chat
      .selectFrom('chat.attachment')
      .selectAll()
      .where('message_id', '=', wanted)
      .orderBy('place')
      .execute(),
  ]);
  const { here } = await files.find(
    tx,
    attachments.flatMap(({ node_id }) => node_id ?? []),
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => {
    const row = byId.get(id);
    if (!row) return [];
    const deleted = row.deleted_at !== null;
    const given = new Map<string, string[]>();
    for (const each of reactions) {
      if (each.message_id === id) given.set(each.emoji, [...(given.get(each.emoji) ?? []), each.person_id]);
    }
    return [
      {
        id,
        conversationId: row.conversation_id,
        seq: row.seq,
        version: row.version,
        authorId: row.author_id,
        body: deleted ? '' : row.body,
        mentions: deleted ? [] : row.mentions,
        attachments: deleted
          ? []
          : attachments.filter((each) => each.message_id === id).map((each) => toAttachment(each, here)),
        reactions: deleted ? [] : [...given].map(([emoji, personIds]) => ({ emoji, personIds })),
        threadId: row.thread_id,
        replies: row.replies,
        lastReplyAt: iso(row.last_reply_at),
        repliers: row.repliers,
        clientKey: row.client_key,
        sentAt: iso(row.sent_at)!,
        editedAt: iso(row.edited_at),
        deleted,
        removedById: deleted && row.deleted_by !== row.author_id ? row.deleted_by : null,
      },
    ];
  });
}

export const toAttachment = (
  row: {
    id: string;
    name: string;
    media_type: string;
    bytes: number;
    width: number | null;
    height: number | null;
    node_id: string | null;
  },
  /** Files that are in no trash. */
  here: ReadonlySet<string>,
): Attachment => ({
  id: row.id,
  name: row.name,
  mediaType: row.media_type,
  bytes: row.bytes,
  width: row.width,
  height: row.height,
  nodeId: row.node_id,
  removed: row.node_id !== null && !here.has(row.node_id),
});

/** Below, above or around a number; none: the newest. */
interface StretchQuery {
  readonly before?: number | undefined;
  readonly after?: number | undefined;
  readonly around?: number | undefined;
  readonly limit: number;
}

/** A stretch of the timeline (replies in threads apart) or of one thread's replies, oldest first. */
export async function readStretch(
  tx: Tx,
  files: SentFiles,
  of: { readonly conversationId: string } | { readonly threadId: string },
  query: StretchQuery,
): Promise<{ rows: Message[]; older: boolean; newer: boolean }> {
  const ids = (direction: 'older' | 'newer', bound: number | null, limit: number) => {
    let select = tx.as<ChatTables>().selectFrom('chat.message').select(['id', 'seq']).limit(limit);
    select =
      'threadId' in of
        ? select.where('thread_id', '=', of.threadId)
        : select.where('conversation_id', '=', of.conversationId).where('thread_id', 'is', null);
    if (direction === 'older') {
      select = select.orderBy('seq', 'desc');
      if (bound !== null) select = select.where('seq', '<', bound);
    } else {
      select = select.orderBy('seq', 'asc');
      if (bound !== null) select = select.where('seq', '>', bound);
    }
    return select.execute();
  };
  const answer = async (found: readonly { id: string }[], older: boolean, newer: boolean) => ({
    rows: await readMessages(
      tx,
      files,
      found.map(({ id }) => id),
    ),
    older,
    newer,
  });
  const { limit } = query;
  if (query.around !== undefined) {
    const half = Math.ceil(limit / 2);
    const below = await ids('older', query.around + 1, half + 1);
    const above = await ids('newer', query.around, half + 1);
    const stretch = [...below.slice(0, half).reverse(), ...above.slice(0, half)];
    return answer(stretch, below.length > half, above.length > half);
  }
  if (query.after !== undefined) {
    const found = await ids('newer', query.after, limit + 1);
    return answer(found.slice(0, limit), query.after > 0, found.length > limit);
  }
  const found = await ids('older', query.before ?? null, limit + 1);
  return answer(found.slice(0, limit).reverse(), found.length > limit, query.before !== undefined);
}

export async function readThread(
  tx: Tx,
  files: SentFiles,
  rootId: string,
  query: StretchQuery,
): Promise<{ root: Message; rows: Message[]; older: boolean; newer: boolean }> {
  const [root] = await readMessages(tx, files, [rootId]);
  return { root: root!, ...(await readStretch(tx, files, { threadId: rootId }, query)) };
}

/** A right as `core.right_of` counts them. */
const levelOf = (right: Right): number => rights.indexOf(right);

/** Unread is counted up to this; above it people see "99+". */
const unreadBound = 100;

/** A person's conversations: those of spaces she is a member of. `only` narrows to one. */
export async function readConversations(tx: Tx, personId: string, only?: string): Promise<Conversation[]> {
  let select = tx
    .as<ChatTables & CoreTables>()
    .selectFrom('chat.conversation as c')
    .innerJoin('core.member as m', (join) =>
      join.onRef('m.space_id', '=', 'c.space_id').on('m.person_id', '=', personId),
    )
    .leftJoin('chat.read_state as r', (join) =>
      join.onRef('r.conversation_id', '=', 'c.id').on('r.person_id', '=', personId),
    )
    .leftJoin('chat.message as last', 'last.id', 'c.last_message_id')
    .select([
      'c.id',
      'c.space_id',
      'c.kind',
      'c.title',
      'c.last_seq',
      'c.archived_at',
      'r.read_seq',
      'r.at as read_at',
      'last.author_id',
      'last.body',
      'last.sent_at',
      'last.deleted_at',
      sql<number>`core.right_of(${personId}::uuid, c.space_id, c.id, null)`.as('level'),
      sql<number>`(select count(*) from (select from chat.message u
        where u.conversation_id = c.id and u.seq > coalesce(r.read_seq, 0) and u.thread_id is null
          and u.deleted_at is null and u.author_id is distinct from ${personId}::uuid limit ${unreadBound}) unread)`.as(
        'unread',
      ),
      sql<number>`(select count(*) from (select from chat.message u
        where u.conversation_id = c.id and u.seq > coalesce(r.read_seq, 0)
          and u.deleted_at is null and u.mentions @> array[${personId}::uuid] limit ${unreadBound}) mentioned)`.as(
        'mentions',
      ),
      sql<{
        seq: number;
        threadId: string | null;
      } | null>`(select json_build_object('seq', u.seq, 'threadId', u.thread_id)
        from chat.message u where u.conversation_id = c.id and u.seq > coalesce(r.read_seq, 0)
          and u.deleted_at is null and u.mentions @> array[${personId}::uuid] order by u.seq limit 1)`.as(
        'first_mention',
      ),
      sql<number>`(select count(*) from core.member n where n.space_id = c.space_id)`.as('member_count'),
      sql<
        string[]
      >`array(select n.person_id from core.member n where n.space_id = c.space_id order by n.joined_at limit 2000)`.as(
        'member_ids',
      ),
    ])
    .orderBy('c.last_at', 'desc')
    .limit(1000);
  if (only) select = select.where('c.id', '=', only);
  const rows = await select.execute();
  return rows
    .filter((row) => row.level >= levelOf('read'))
    .map((row) => ({
      id: row.id,
      spaceId: row.space_id,
      kind: row.kind,
      title: row.title,
      memberIds: row.member_ids,
      memberCount: Number(row.member_count),
      lastSeq: row.last_seq,
      readSeq: row.read_seq ?? 0,
      readAt: iso(row.read_at),
      unread: Number(row.unread),
      unreadMentions: Number(row.mentions),
      firstMention: row.first_mention,
      last:
        row.sent_at === null
          ? null
          : {
              authorId: row.author_id,
              excerpt: row.deleted_at === null ? excerptOf(row.body ?? '') : '',
              sentAt: iso(row.sent_at)!,
              deleted: row.deleted_at !== null,
            },
      canWrite: row.level >= levelOf('comment') && row.archived_at === null,
      canManage: row.level >= levelOf('manage'),
      archived: row.archived_at !== null,
    }));
}

/** Messages with all the words (the last one as a beginning), newest first; only of conversations the person may read. */
export async function searchMessagesOf(
  tx: Tx,
  files: SentFiles,
  personId: string,
  query: { q: string; conversationId?: string | undefined; cursor?: string | undefined; limit: number },
): Promise<{ rows: Message[]; next: string | null }> {
  const words =
    query.q
      .normalize('NFC')
      .match(/[\p{L}\p{N}]+/gu)
      ?.slice(0, 10) ?? [];
  if (words.length === 0) return { rows: [], next: null };
  const wanted = words.map((word, at) => (at === words.length - 1 ? `${word}:*` : word)).join(' & ');
  if (query.cursor !== undefined && !/^[0-9a-f-]{36}$/.test(query.cursor)) {
    throw invalid('This list cannot go on from there; begin it anew.');
  }
  let select = tx
    .as<ChatTables & CoreTables>()
    .selectFrom('chat.message as m')
    .innerJoin('chat.conversation as c', 'c.id', 'm.conversation_id')
    .innerJoin('core.member as member', (join) =>
      join.onRef('member.space_id', '=', 'c.space_id').on('member.person_id', '=', personId),
    )
    .select('m.id')
    .where(sql<SqlBool>`m.words @@ to_tsquery('simple', public.unaccent(${wanted}))`)
    .where('m.deleted_at', 'is', null)
    .where(sql<SqlBool>`core.right_of(${personId}::uuid, c.space_id, c.id, null) >= ${levelOf('read')}`)
    .orderBy('m.id', 'desc')
    .limit(query.limit + 1);
  if (query.conversationId) select = select.where('c.id', '=', query.conversationId);
  if (query.cursor) select = select.where('m.id', '<', query.cursor);
  const found = (await select.execute()).map((row) => row.id);
  const page = found.slice(0, query.limit);
  return {
    rows: await readMessages(tx, files, page),
    next: found.length > query.limit ? page.at(-1)! : null,
  };
}
