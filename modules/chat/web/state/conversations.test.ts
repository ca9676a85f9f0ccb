import { expect, test } from 'vitest';
import type { Conversation } from '../../contract/index.ts';
import { messageOf } from '../testing/messages.ts';
import {
  countAll,
  countBound,
  takeConversation,
  takeReadMark,
  takeSent,
  touchesRow,
} from './conversations.ts';

const me = '22222222-0000-7000-8000-000000000009';
const other = '22222222-0000-7000-8000-000000000001';

const conversation = (more: Partial<Conversation> = {}): Conversation => ({
  id: '11111111-0000-7000-8000-000000000000',
  spaceId: '44444444-0000-7000-8000-000000000000',
  kind: 'direct',
  title: '',
  memberIds: [me, other],
  memberCount: 2,
  lastSeq: 3,
  readSeq: 3,
  readAt: null,
  unread: 0,
  unreadMentions: 0,
  last: null,
  canWrite: true,
  canManage: false,
  firstMention: null,
  archived: false,
  ...more,
});
const elsewhere = conversation({ id: '11111111-0000-7000-8000-000000000001' });

test('a new message counts once, mentions too, and brings its conversation to the top', () => {
  const message = messageOf(4, {
    mentions: [me],
    body: '**Hello** @[I](person:22222222-0000-7000-8000-000000000009)',
  });
  const list = takeSent([elsewhere, conversation()], message, me);
  expect(list[0]).toMatchObject({ unread: 1, unreadMentions: 1, lastSeq: 4, last: { excerpt: 'Hello I' } });
  expect(takeSent(list, message, me)).toBe(list);
  expect(countAll(list)).toEqual({ unread: 1, mentions: 1 });
});

test('counts no further than the server, and nothing that is archived', () => {
  const full = conversation({ unread: countBound, unreadMentions: countBound });
  const [held] = takeSent([full], messageOf(4, { mentions: [me] }), me);
  expect(held).toMatchObject({ unread: countBound, unreadMentions: countBound, lastSeq: 4 });
  expect(countAll([conversation({ unread: 3, unreadMentions: 2, archived: true }), elsewhere])).toEqual({
    unread: 0,
    mentions: 0,
  });
});

test('my own messages are not unread; replies in threads count as mentions only', () => {
  const mine = takeSent([conversation()], messageOf(4, { authorId: me }), me);
  expect(mine[0]).toMatchObject({ unread: 0, lastSeq: 4 });
  const reply = takeSent(mine, messageOf(5, { threadId: messageOf(1).id, mentions: [me] }), me);
  expect(reply[0]).toMatchObject({
    unread: 0,
    unreadMentions: 1,
    lastSeq: 5,
    firstMention: { seq: 5, threadId: messageOf(1).id },
  });
  expect(reply[0]?.last).toBe(mine[0]?.last);
  expect(countAll(reply)).toEqual({ unread: 1, mentions: 1 });
});

test('the read mark never moves back, and a part that stays unread is asked for', () => {
  const list = [conversation({ lastSeq: 9, unread: 6 })];
  const some = takeReadMark(list, { conversationId: list[0]!.id, readSeq: 5, readAt: 'now' });
  expect(some.unsure).toBe(true);
  const all = takeReadMark(some.list, { conversationId: list[0]!.id, readSeq: 9, readAt: 'now' });
  expect(all).toMatchObject({ unsure: false, list: [{ unread: 0, readSeq: 9 }] });
  expect(takeReadMark(all.list, { conversationId: list[0]!.id, readSeq: 5, readAt: 'now' }).list).toBe(
    all.list,
  );
});

test('an answer that is older than the events is not believed', () => {
  const now = [conversation({ lastSeq: 9, readSeq: 9 })];
  expect(takeConversation(now, conversation({ lastSeq: 8 }))).toBe(now);
  expect(takeConversation(now, conversation({ lastSeq: 9, readSeq: 3, unread: 4 }))).toBe(now);
});

test('edits and deletions touch the row where its words or counts may change', () => {
  const list = [
    conversation({ last: { authorId: other, excerpt: 'a', sentAt: messageOf(3).sentAt, deleted: false } }),
  ];
  expect(touchesRow(list, messageOf(3, { version: 2, deleted: true }))).toBe(true);
  expect(touchesRow(list, messageOf(2, { version: 2, editedAt: 'now' }))).toBe(false);
  expect(touchesRow(list, messageOf(4, { version: 2, deleted: true }))).toBe(true);
  expect(touchesRow(list, messageOf(3, { version: 2, reactions: [{ emoji: 'x', personIds: [me] }] }))).toBe(
    false,
  );
});
