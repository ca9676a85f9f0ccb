import { type PersonActor, Problem } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { Emit } from '@liaison/core/outbox';
import type { Spaces } from '@liaison/core/spaces';
import type { SentFiles } from '@liaison/files';
import { type Message, messageSent } from '../../contract/index.ts';
import { conversationForEach } from '../access.ts';
import { mentionsIn } from '../mentions.ts';
import { readMessages } from '../queries.ts';
import { closed, freshMessage, type NewMessage, sentBefore, wordsOf } from './send-message.ts';

/** A message without files that is no reply, and who sends it in which request. */
export interface Wanted {
  readonly actor: PersonActor;
  readonly message: NewMessage;
  readonly requestId: string;
}

export type Outcome = { readonly message: Message } | { readonly refused: Problem };

/**
 * Writes plain messages of several people into one conversation, in this order, as `sendMessage` would one after
 * another: each by her own rights, each key once, numbers dense. Answers in the order of `wanted`.
 */
export async function sendMessages(
  tx: Tx,
  { emit, nextId, spaces, files }: { emit: Emit; nextId(): string; spaces: Spaces; files: SentFiles },
  conversationId: string,
  wanted: readonly Wanted[],
): Promise<Outcome[]> {
  const [access, before] = await Promise.all([
    conversationForEach(
      tx,
      spaces,
      wanted.map(({ actor }) => actor),
      conversationId,
      'comment',
    ),
    sentBefore(
      tx,
      conversationId,
      wanted.map(({ actor, message }) => ({ authorId: actor.personId, clientKey: message.clientKey })),
    ),
  ]);
  const keyOf = (authorId: string, clientKey: string) => `${authorId} ${clientKey}`;
  const idOf = new Map(before.map((row) => [keyOf(row.author_id, row.client_key), row.id]));
  const there = new Map(
    (await readMessages(tx, files, [...idOf.values()])).map((message) => [message.id, message]),
  );

  const fresh: { wanted: Wanted; id: string; mentions: string[]; spaceId: string }[] = [];
  const ids = wanted.map((each, at): string | Problem => {
    const mine = access[at]!;
    if (mine instanceof Problem) return mine;
    const key = keyOf(each.actor.personId, each.message.clientKey);
    const known = idOf.get(key);
    if (known !== undefined) return known;
    if (mine.archived) return closed();
    const id = nextId();
    // The same key once more, further on, is this message.
    idOf.set(key, id);
    fresh.push({ wanted: each, id, mentions: mentionsIn(each.message.body), spaceId: mine.spaceId });
    return id;
  });

  if (fresh.length > 0) {
    const rows = await tx.query<{ id: string; seq: number; sent_at: Date }>(
      `with place as (
         update chat.conversation set last_seq = last_seq + cardinality($3::uuid[]),
           last_message_id = $3[cardinality($3::uuid[])], last_at = now()
         where id = $2::uuid returning last_seq - cardinality($3::uuid[]) as before)
       insert into chat.message (id, org_id, conversation_id, seq, author_id, client_key, body, mentions, words)
       select m.id, $1::uuid, $2::uuid, place.before + m.nth, m.author_id, m.client_key, m.body, m.mentions::uuid[],
         ${wordsOf('m.body')}
       from place, unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[])
         with ordinality as m(id, author_id, client_key, body, mentions, nth)
       order by m.nth
       returning id, seq, sent_at`,
      [
        fresh[0]!.wanted.actor.orgId,
        conversationId,
        fresh.map(({ id }) => id),
        fresh.map((each) => each.wanted.actor.personId),
        fresh.map((each) => each.wanted.message.clientKey),
        fresh.map((each) => each.wanted.message.body),
        // An array of arrays would have to be a rectangle.
        fresh.map(({ mentions }) => `{${mentions.join(',')}}`),
      ],
    );
    const written = new Map(rows.map((row) => [row.id, row]));
    for (const { wanted: each, id, mentions, spaceId } of fresh) {
      const row = written.get(id);
      if (!row) throw new Error('a message was not written');
      const { actor, message, requestId } = each;
      there.set(
        id,
        freshMessage(actor, conversationId, message, { id, mentions, seq: row.seq, sentAt: row.sent_at }),
      );
      const payload = { spaceId, conversationId, messageId: id, seq: row.seq, version: 1 };
      emit(tx, messageSent, payload, { personId: actor.personId, requestId });
    }
  }
  return ids.map((id) => (id instanceof Problem ? { refused: id } : { message: there.get(id)! }));
}
