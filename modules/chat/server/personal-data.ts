import type { PersonalData } from '@liaison/core/personal-data';

export const personalData: PersonalData = {
  module: 'chat',
  async *export(tx, personId) {
    const messages = await tx.query(
      `select m.id, m.conversation_id, c.title, m.body, m.sent_at, m.edited_at from chat.message m
       join chat.conversation c on c.id = m.conversation_id
       where m.author_id = $1 and m.deleted_at is null order by m.sent_at`,
      [personId],
    );
    yield { path: 'messages.json', content: JSON.stringify(messages, null, 2) };
    const reactions = await tx.query('select message_id, emoji, at from chat.reaction where person_id = $1', [
      personId,
    ]);
    yield { path: 'reactions.json', content: JSON.stringify(reactions, null, 2) };
    const files = await tx.query(
      'select id, name, media_type, bytes, created_at from chat.attachment where uploader_id = $1',
      [personId],
    );
    yield { path: 'files.json', content: JSON.stringify(files, null, 2) };
  },
  async erase(tx, personId) {
    await tx.query('delete from chat.reaction where person_id = $1', [personId]);
    await tx.query('delete from chat.read_state where person_id = $1', [personId]);
    await tx.query('delete from chat.attachment where uploader_id = $1 and message_id is null', [personId]);
    await tx.query('update chat.attachment set uploader_id = null where uploader_id = $1', [personId]);
    await tx.query(
      'update chat.message set author_id = null, repliers = array_remove(repliers, $1::uuid) where author_id = $1::uuid',
      [personId],
    );
    await tx.query(
      'update chat.message set repliers = array_remove(repliers, $1::uuid) where $1::uuid = any(repliers)',
      [personId],
    );
    await tx.query('update chat.message set deleted_by = null where deleted_by = $1', [personId]);
    await tx.query(
      'update chat.message set mentions = array_remove(mentions, $1::uuid) where mentions @> array[$1::uuid]',
      [personId],
    );
  },
  retention: [
    {
      what: 'messages',
      days: null,
      why: 'A conversation is shared memory: what somebody said stays without a name when she is erased.',
    },
    {
      what: 'uploads that no message took',
      days: 1,
      why: 'Somebody chose a file and did not send it.',
      async purge(tx, olderThan) {
        const rows = await tx.query(
          `delete from chat.attachment where id in (
             select id from chat.attachment where message_id is null and created_at < $1 limit 1000) returning id`,
          [olderThan],
        );
        return rows.length;
      },
    },
  ],
};
