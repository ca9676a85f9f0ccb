import type { Tx } from '@liaison/core/db';
import { hears, type NewsItem, type NewsOutcome, type NewsSource, type NewsText } from '@liaison/core/news';
import { excerptOf, messageChanged, messageSent, readMoved } from '../contract/index.ts';

const itemOf = (messageId: string): string => `chat.message:${messageId}`;
const groupOf = (conversationId: string): string => `chat.conversation:${conversationId}`;
const idOf = (item: string): string => item.slice('chat.message:'.length);

interface MessageRow extends Record<string, unknown> {
  readonly id: string;
  readonly conversation_id: string;
  readonly space_id: string;
  readonly kind: 'direct' | 'team';
  readonly seq: number;
  readonly author_id: string | null;
  readonly mentions: string[];
  readonly sent_at: Date;
  readonly deleted_at: Date | null;
  readonly thread_id: string | null;
  /** Who has written in its thread, its beginning among it. */
  readonly thread_people: string[] | null;
}

/** Nearest first: who is mentioned is not told once more that somebody wrote. */
function itemsOf(row: MessageRow): NewsItem[] {
  const common = {
    item: itemOf(row.id),
    group: groupOf(row.conversation_id),
    actorId: row.author_id,
    place: { spaceId: row.space_id, containerId: row.conversation_id },
    at: row.sent_at,
    order: row.seq,
  };
  const others = (personIds: readonly string[]) => personIds.filter((id) => id !== row.author_id);
  const everybody = { membersOf: row.space_id, except: row.author_id === null ? [] : [row.author_id] };
  const items: NewsItem[] = [];
  if (row.mentions.length > 0) items.push({ ...common, kind: 'chat.mention', for: others(row.mentions) });
  if (row.kind === 'direct') items.push({ ...common, kind: 'chat.direct-message', for: everybody });
  else {
    if (row.thread_people) {
      items.push({ ...common, kind: 'chat.thread-reply', for: others(row.thread_people) });
    }
    items.push({ ...common, kind: 'chat.message', for: everybody });
  }
  return items;
}

const readRows = (tx: Tx, ids: readonly string[]): Promise<MessageRow[]> =>
  tx.query<MessageRow>(
    `select m.id, m.conversation_id, c.space_id, c.kind, m.seq, m.author_id, m.mentions, m.sent_at, m.deleted_at,
       m.thread_id,
       case when m.thread_id is not null then (
         select array_agg(distinct t.author_id) filter (where t.author_id is not null)
         from (select author_id from chat.message where id = m.thread_id
           union all (select author_id from chat.message
             where thread_id = m.thread_id and seq < m.seq order by seq desc limit 200)) t) end as thread_people
     from chat.message m join chat.conversation c on c.id = m.conversation_id
     where m.id = any($1::uuid[])`,
    [ids],
  );

async function ofMessages(
  tx: Tx,
  events: readonly { payload: { messageId: string } }[],
): Promise<NewsOutcome> {
  const ids = [...new Set(events.map(({ payload }) => payload.messageId))];
  const rows = new Map((await readRows(tx, ids)).map((row) => [row.id, row]));
  return {
    news: ids.flatMap((id) => {
      const row = rows.get(id);
      return row && row.deleted_at === null ? itemsOf(row) : [];
    }),
    gone: ids.filter((id) => rows.get(id)?.deleted_at !== null).map(itemOf),
  };
}

/** An edit may name somebody who was not named before; nobody else is told of it. */
async function ofChange(tx: Tx, events: readonly { payload: { messageId: string } }[]): Promise<NewsOutcome> {
  const { news = [], gone = [] } = await ofMessages(tx, events);
  return { news: news.filter(({ kind }) => kind === 'chat.mention'), gone };
}

/** Messages for people who were named, written to, answered, or asked to hear of all. */
export const news: NewsSource = {
  kinds: [
    { kind: 'chat.mention', needsMe: true, usual: 'now' },
    { kind: 'chat.direct-message', needsMe: true, usual: 'now' },
    { kind: 'chat.thread-reply', needsMe: false, usual: 'now' },
    { kind: 'chat.message', needsMe: false, usual: 'never' },
  ],
  hears: [
    hears(messageSent, ofMessages),
    hears(messageChanged, ofChange),
    // Told in the reader's own space, of which she is the one member.
    hears(readMoved, async (tx, events) => {
      const readers = await tx.query<{ space_id: string; person_id: string }>(
        'select space_id, person_id from core.member where space_id = any($1::uuid[])',
        [[...new Set(events.map(({ payload }) => payload.spaceId))]],
      );
      return {
        read: events.flatMap(({ payload }) =>
          readers
            .filter((reader) => reader.space_id === payload.spaceId)
            .map((reader) => ({
              personId: reader.person_id,
              group: groupOf(payload.conversationId),
              upTo: payload.readSeq,
            })),
        ),
      };
    }),
  ],
  async settled(tx, asked) {
    const rows = await tx.query<{ person_id: string; id: string }>(
      `select a.person_id, m.id from unnest($1::uuid[], $2::uuid[]) as a(person_id, message_id)
         join chat.message m on m.id = a.message_id
         join chat.read_state r on r.conversation_id = m.conversation_id and r.person_id = a.person_id
       where r.read_seq >= m.seq`,
      [asked.map(({ personId }) => personId), asked.map(({ item }) => idOf(item))],
    );
    return new Set(rows.map((row) => `${row.person_id} ${itemOf(row.id)}`));
  },
  async describe(tx, _personId, items) {
    const rows = await tx.query<{
      id: string;
      conversation_id: string;
      title: string;
      seq: number;
      thread_id: string | null;
      body: string;
      names: string[] | null;
    }>(
      `select m.id, m.conversation_id, c.title, m.seq, m.thread_id, left(m.body, 600) as body,
         case when m.body = '' then
           (select array_agg(a.name order by a.place) from chat.attachment a where a.message_id = m.id) end as names
       from chat.message m join chat.conversation c on c.id = m.conversation_id
       where m.id = any($1::uuid[]) and m.deleted_at is null`,
      [items.map(({ item }) => idOf(item))],
    );
    return new Map(
      rows.map((row): [string, NewsText] => [
        itemOf(row.id),
        {
          title: row.title,
          text: excerptOf(row.body) || (row.names ?? []).join(', ').slice(0, 160),
          path: `/chat/${row.conversation_id}?m=${row.seq}${row.thread_id === null ? '' : `&thread=${row.thread_id}`}`,
          tag: `liaison.chat.${row.conversation_id}`,
        },
      ]),
    );
  },
};
