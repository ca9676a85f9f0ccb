import { useEffect, useRef, useState } from 'react';
import { useChat } from '../state/chat-provider.tsx';
import type { TimelineStore } from '../state/timeline-store.ts';

/**
 * The list of a conversation (`threadId` null) or thread while it is on screen. It opens at `at` (a message's number;
 * undefined: the newest); when `target` changes later, what lies around it is shown.
 */
export function useTimelineStore(
  conversationId: string,
  threadId: string | null,
  { at, target }: { at: number | undefined; target: number | undefined },
): TimelineStore | null {
  const chat = useChat();
  const [store, setStore] = useState<TimelineStore | null>(null);
  const opening = useRef(at);
  useEffect(() => {
    const opened = chat.open(conversationId, threadId);
    setStore(opened.store);
    void opened.store.jump(opening.current);
    return opened.end;
  }, [chat, conversationId, threadId]);
  const shown = useRef(target);
  useEffect(() => {
    if (!store || target === shown.current) return;
    shown.current = target;
    if (target === undefined || store.state.messages.some((message) => message.seq === target)) return;
    void store.jump(target);
  }, [store, target]);
  return store;
}
