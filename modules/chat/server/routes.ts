import { forbidden, invalid, notFound, type PersonActor, Problem } from '@liaison/core/contract';
import type { Tx } from '@liaison/core/db';
import type { Core } from '@liaison/core/floor';
import { contentDisposition, wantedRange, whileAllowed } from '@liaison/core/http';
import type { SentFiles } from '@liaison/files';
import type { People } from '@liaison/people';
import {
  deleteMessage,
  downloadAttachment,
  editMessage,
  getConversation,
  listAttachments,
  listConversations,
  listMessages,
  listMessageVersions,
  listThread,
  listWordsWith,
  type Message,
  markRead,
  openDirect,
  previewAttachment,
  sayTyping,
  searchMessages,
  sendMessage,
  setReaction,
  typing,
  uploadAttachment,
} from '../contract/index.ts';
import { conversationFor, messageFor } from './access.ts';
import * as change from './actions/change-message.ts';
import { markRead as moveRead } from './actions/mark-read.ts';
import { openDirect as findOrMakeDirect } from './actions/open-direct.ts';
import { readAttachments } from './attachment-list.ts';
import { addAttachment, attachmentFor, cleanName, storeFile } from './attachments.ts';
import {
  readConversations,
  readMessages,
  readStretch,
  readThread,
  searchMessagesOf,
  toAttachment,
} from './queries.ts';
import { createSendQueue } from './send-queue.ts';
import { readWordsWith } from './words-with.ts';

/** Validate (by the contract) → access → action → present. */
export function serveRoutes(core: Core, people: People, files: SentFiles): void {
  const { http, db, live, spaces, outbox, ids, blobs } = core;
  const { emit } = outbox;
  const nextId = () => ids.next();
  const send = createSendQueue(core, files);
  const needs = { spaces, files };

  async function one(tx: Tx, messageId: string): Promise<Message> {
    const [message] = await readMessages(tx, files, [messageId]);
    if (!message) throw notFound('This message');
    return message;
  }
  async function conversationOf(tx: Tx, actor: PersonActor, conversationId: string) {
    const [conversation] = await readConversations(tx, actor.personId, conversationId);
    if (!conversation) throw notFound('This conversation');
    return conversation;
  }

  http.route(listConversations, async ({ actor }) => ({
    rows: await db.read(actor.orgId, (tx) => readConversations(tx, actor.personId)),
  }));
  http.route(getConversation, ({ actor, params }) =>
    db.read(actor.orgId, (tx) => conversationOf(tx, actor, params.conversationId)),
  );
  http.route(openDirect, ({ actor, body }) =>
    db.transaction(actor.orgId, async (tx) => {
      if (actor.role === 'guest') throw forbidden('guests write in the spaces they were invited to');
      const needs = { emit, nextId, spaces, people, site: core.settings.site.number };
      return conversationOf(tx, actor, await findOrMakeDirect(tx, needs, actor, body.personId));
    }),
  );
  http.route(listMessages, ({ actor, params, query }) =>
    db.read(actor.orgId, async (tx) => {
      await conversationFor(tx, spaces, actor, params.conversationId, 'read');
      return readStretch(tx, files, { conversationId: params.conversationId }, query);
    }),
  );
  http.route(listThread, ({ actor, params, query }) =>
    db.read(actor.orgId, async (tx) => {
      const message = await messageFor(tx, spaces, actor, params.messageId, 'read');
      return readThread(tx, files, message.threadId ?? message.id, query);
    }),
  );
  http.route(sendMessage, ({ actor, params, body }) => send(actor, params.conversationId, body));
  http.route(editMessage, ({ actor, params, body }) =>
    db.transaction(actor.orgId, async (tx) => {
      const message = await messageFor(tx, spaces, actor, params.messageId, 'comment');
      await change.editMessage(tx, emit, actor, message, body.body);
      return one(tx, message.id);
    }),
  );
  http.route(deleteMessage, ({ actor, params }) =>
    db.transaction(actor.orgId, async (tx) => {
      const message = await messageFor(tx, spaces, actor, params.messageId, 'comment');
      await change.deleteMessage(tx, { emit, files }, actor, message);
      return one(tx, message.id);
    }),
  );
  http.route(setReaction, ({ actor, params, body }) =>
    db.transaction(actor.orgId, async (tx) => {
      const message = await messageFor(tx, spaces, actor, params.messageId, 'comment');
      await change.setReaction(tx, emit, actor, message, body);
      return one(tx, message.id);
    }),
  );
  http.route(listMessageVersions, ({ actor, params }) =>
    db.read(actor.orgId, async (tx) => {
      const message = await messageFor(tx, spaces, actor, params.messageId, 'read');
      const rows = await tx.query<{ body: string; written_at: Date }>(
        'select body, written_at from chat.message_version where message_id = $1 order by version desc limit 100',
        [message.id],
      );
      return { rows: rows.map((row) => ({ body: row.body, writtenAt: row.written_at.toISOString() })) };
    }),
  );
  http.route(markRead, ({ actor, params, body }) =>
    db.transaction(actor.orgId, async (tx) => {
      const conversation = await conversationFor(tx, spaces, actor, params.conversationId, 'read');
      return { readSeq: await moveRead(tx, { emit, people }, actor, conversation, body.seq) };
    }),
  );
  http.route(listWordsWith, ({ actor, params, query }) =>
    db.read(actor.orgId, async (tx) => ({
      rows: await readWordsWith(tx, files, actor.personId, params.personId, query.limit),
    })),
  );
  http.route(searchMessages, ({ actor, query }) =>
    db.read(actor.orgId, (tx) => searchMessagesOf(tx, files, actor.personId, query)),
  );

  http.route(uploadAttachment, async ({ actor, params, query, request, signal }) => {
    // Asked before a byte is stored, and again by the message that will carry it.
    await db.read(actor.orgId, (tx) => conversationFor(tx, spaces, actor, params.conversationId, 'comment'));
    const stored = await storeFile(blobs, request.raw, signal);
    if (stored.bytes === 0) throw invalid('This file is empty.');
    const id = nextId();
    const name = cleanName(query.name);
    const mediaType = /^[\w.+-]{1,100}\/[\w.+-]{1,100}$/.test(query.type)
      ? query.type
      : 'application/octet-stream';
    await db.transaction(actor.orgId, (tx) =>
      addAttachment(tx, actor, { ...stored, id, conversationId: params.conversationId, name, mediaType }),
    );
    return toAttachment({ id, name, media_type: mediaType, node_id: null, ...stored }, new Set());
  });
  http.route(listAttachments, ({ actor, params, query }) =>
    db.read(actor.orgId, async (tx) => {
      await conversationFor(tx, spaces, actor, params.conversationId, 'read');
      return readAttachments(tx, files, params.conversationId, query);
    }),
  );
  // What a browser keeps it may show only after asking: a right that was taken away holds for it too.
  const kept = (sha256: string) => ({ etag: `"${sha256}"`, 'cache-control': 'private, no-cache' });
  http.route(downloadAttachment, async ({ actor, params, request, reply }) => {
    const file = await db.read(actor.orgId, (tx) => attachmentFor(tx, needs, actor, params.attachmentId));
    reply.headers(kept(file.sha256));
    if (request.headers['if-none-match'] === `"${file.sha256}"`) return reply.status(304).send();
    const etag = `"${file.sha256}"`;
    const wanted = wantedRange(request.headers, { etag, bytes: file.bytes });
    reply.headers({
      // Never shown in our origin, whatever it is: it is saved.
      'content-type': 'application/octet-stream',
      'content-disposition': contentDisposition(file.name),
      'content-security-policy': "sandbox; default-src 'none'",
      'accept-ranges': 'bytes',
    });
    if (wanted.kind === 'none') {
      reply.header('content-range', `bytes */${file.bytes}`);
      throw new Problem(416, 'chat-range', 'This file ends before that part.');
    }
    if (wanted.kind === 'part') {
      reply.status(206).header('content-range', `bytes ${wanted.start}-${wanted.end}/${file.bytes}`);
    }
    const { stream, bytes } = await blobs.open(file.sha256, wanted.kind === 'part' ? wanted : {});
    const stillReads = async (): Promise<boolean> => {
      const now = await http.authenticate({ headers: request.headers, ip: request.ip });
      if (now?.sessionId !== actor.sessionId) return false;
      return db
        .read(actor.orgId, (tx) => attachmentFor(tx, needs, now, params.attachmentId))
        .then(
          () => true,
          (error: unknown) => {
            if (error instanceof Problem && error.status < 500) return false;
            throw error;
          },
        );
    };
    return reply.headers({ 'content-length': bytes }).send(whileAllowed(stream, stillReads));
  });
  http.route(previewAttachment, async ({ actor, params, request, reply }) => {
    const file = await db.read(actor.orgId, (tx) => attachmentFor(tx, needs, actor, params.attachmentId));
    if (file.previewSha256 === null) throw notFound('A preview of this file');
    reply.headers(kept(file.previewSha256));
    if (request.headers['if-none-match'] === `"${file.previewSha256}"`) return reply.status(304).send();
    const { stream, bytes } = await blobs.open(file.previewSha256);
    return reply
      .headers({
        'content-type': 'image/webp',
        'content-length': bytes,
      })
      .send(stream);
  });

  live.command(sayTyping, async ({ actor }, { conversationId, threadId }) => {
    const { spaceId } = await db.read(actor.orgId, (tx) =>
      conversationFor(tx, spaces, actor, conversationId, 'comment'),
    );
    live.signal({ spaceId }, typing, { conversationId, threadId, personId: actor.personId });
    return {};
  });
}
