import { type ContentDocument, type ContentPage, type ContentSource, changedBy } from '@liaison/core/content';
import type { Tx } from '@liaison/core/db';
import { conversationChanged, messageChanged, messageSent } from '../contract/index.ts';

/** What is written in a message, without marks of Markdown; mentions as names, links as their words and where they lead. */
export const plainText = (body: string): string =>
  body
    .replace(/@\[([^\][]{0,200})\]\(person:[0-9a-f-]{36}\)/g, '@$1')
    .replace(/!?\[([^\][]{0,500})\]\(([^()\s]{0,2000})\)/g, '$1 $2')
    .replace(/^[ \t]*(?:#{1,6} |>+ ?)/gm, '')
    .replace(/\*\*|__|~~|`+/g, '')
    .replace(/(^|[\s([])[*_](?=[\p{L}\p{N}])/gmu, '$1')
    .replace(/(?<=[\p{L}\p{N}.!?])[*_](?=[\s.,;:!?)\]]|$)/gmu, '');

interface MessageRow extends Record<string, unknown> {
  readonly id: string;
  readonly conversation_id: string;
  readonly space_id: string;
  readonly title: string;
  readonly author_id: string | null;
  readonly seq: number;
  readonly thread_id: string | null;
  readonly body: string;
  readonly names: readonly string[] | null;
  readonly sent_at: Date;
}

const documentOf = (row: MessageRow): ContentDocument => ({
  id: row.id,
  place: { spaceId: row.space_id, containerId: row.conversation_id },
  title: '',
  // The names of what is attached are what people remember of it.
  text: [plainText(row.body), ...(row.names ?? [])].join('\n').trim(),
  personIds: row.author_id === null ? [] : [row.author_id],
  container: row.title,
  at: row.sent_at,
  path: `/chat/${row.conversation_id}?m=${row.seq}${row.thread_id === null ? '' : `&thread=${row.thread_id}`}`,
});

const idsFrom = (rows: readonly { id: string }[]): string[] => rows.map(({ id }) => id);

/** The conversation's name stands with each message: after another name all are read anew. */
const ofConversation = async (
  tx: Tx,
  conversationId: string,
  { after, limit }: ContentPage,
): Promise<string[]> =>
  idsFrom(
    await tx.query<{ id: string }>(
      `select id from chat.message where conversation_id = $1 and ($2::uuid is null or id > $2) and deleted_at is null
       order by id limit $3`,
      [conversationId, after, limit],
    ),
  );

/** Messages, with the names of their files. */
const messages: ContentSource = {
  kind: 'chat.message',
  version: 1,
  changes: [
    changedBy(messageSent, (_tx, { messageId }) => [messageId]),
    changedBy(messageChanged, (_tx, { messageId }) => [messageId]),
    changedBy(conversationChanged, (tx, { conversationId }, page) =>
      ofConversation(tx, conversationId, page),
    ),
  ],
  list: async (tx, { after, limit }) =>
    idsFrom(
      await tx.query<{ id: string }>(
        'select id from chat.message where ($1::uuid is null or id > $1) order by id limit $2',
        [after, limit],
      ),
    ),
  read: async (tx, ids) =>
    (
      await tx.query<MessageRow>(
        `select m.id, m.conversation_id, c.space_id, c.title, m.author_id, m.seq, m.thread_id, m.body, m.sent_at,
           (select array_agg(a.name order by a.place) from chat.attachment a where a.message_id = m.id) as names
         from chat.message m join chat.conversation c on c.id = m.conversation_id
         where m.id = any($1::uuid[]) and m.deleted_at is null`,
        [ids],
      )
    ).map(documentOf),
};

export const content: readonly ContentSource[] = [messages];
