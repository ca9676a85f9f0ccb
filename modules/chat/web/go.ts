import { useLocation, useRouter } from '@tanstack/react-router';
import { useCallback } from 'react';

/** What stands beside a conversation, in its address. */
export interface ChatSearch {
  /** The message to show. */
  readonly m?: number;
  /** The open thread, by the message that began it. */
  readonly thread?: string;
  readonly side?: 'members' | 'search';
}

export function chatPath(conversationId?: string, search: ChatSearch = {}): string {
  if (conversationId === undefined) return '/chat';
  const query = new URLSearchParams();
  if (search.m !== undefined) query.set('m', String(search.m));
  if (search.thread !== undefined) query.set('thread', search.thread);
  if (search.side !== undefined) query.set('side', search.side);
  const text = query.toString();
  return `/chat/${conversationId}${text ? `?${text}` : ''}`;
}

/** Where a message is shown: a reply in its thread. */
export function messagePath(
  message: { conversationId: string; seq: number; threadId: string | null },
  beside: Pick<ChatSearch, 'side'> = {},
): string {
  const { conversationId, seq, threadId } = message;
  return chatPath(conversationId, { m: seq, ...(threadId === null ? beside : { thread: threadId }) });
}

/** Why somebody goes to an address; it lives in the browser's history beside it. */
interface Intent {
  /** To write there: the field has the focus. */
  readonly toWrite?: boolean;
}

/** Goes to an address of the suite. */
export function useGo(): (href: string, intent?: Intent) => void {
  const { history } = useRouter();
  return useCallback((href, intent = {}) => history.push(href, intent), [history]);
}

/** Names the visit of somebody who came to write; undefined for whoever came to read. */
export function useVisitToWrite(): string | undefined {
  return useLocation({
    select: ({ state }) => ((state as Intent).toWrite ? state.__TSR_key : undefined),
  });
}
