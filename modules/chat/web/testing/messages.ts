import type { Message } from '../../contract/index.ts';

/** A message for tests of what the page keeps; every field can be given. */
export function messageOf(seq: number, more: Partial<Message> = {}): Message {
  return {
    id: `00000000-0000-7000-8000-${String(seq).padStart(12, '0')}`,
    conversationId: '11111111-0000-7000-8000-000000000000',
    seq,
    version: 1,
    authorId: '22222222-0000-7000-8000-000000000001',
    body: `message ${seq}`,
    mentions: [],
    attachments: [],
    reactions: [],
    threadId: null,
    replies: 0,
    lastReplyAt: null,
    repliers: [],
    clientKey: `33333333-0000-4000-8000-${String(seq).padStart(12, '0')}`,
    sentAt: new Date(Date.UTC(2026, 4, 14, 9, 0, seq)).toISOString(),
    editedAt: null,
    deleted: false,
    removedById: null,
    ...more,
  };
}
