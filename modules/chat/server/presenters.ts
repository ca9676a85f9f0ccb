import type { OutboxEvent } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import type { SentFiles } from '@liaison/files';
import { messageChanged, messageSent } from '../contract/index.ts';
import { readMessages } from './queries.ts';

/** Pages get whole messages with their events: read once per process, whoever follows the conversation. */
export function addPresenters({ live, db }: Core, files: SentFiles): void {
  const present = async (orgId: string, events: readonly OutboxEvent<{ messageId: string }>[]) => {
    const messages = await db.read(orgId, (tx) =>
      readMessages(tx, files, [...new Set(events.map((event) => event.payload.messageId))]),
    );
    const byId = new Map(messages.map((message) => [message.id, message]));
    return events.map((event) => ({ data: byId.get(event.payload.messageId) ?? null }));
  };
  live.present(messageSent, present);
  live.present(messageChanged, present);
}
