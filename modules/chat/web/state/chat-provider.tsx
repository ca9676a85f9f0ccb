import {
  api,
  isPassing,
  routeKey,
  useConnection,
  useLiveEvent,
  useResync,
  useSession,
  useSignal,
  useWelcome,
} from '@liaison/core/web';
import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useSyncExternalStore } from 'react';
import {
  type Conversation,
  conversationChanged,
  conversationCreated,
  getConversation,
  listConversations,
  type Message,
  markRead,
  messageChanged,
  messageSent,
  readMoved,
  typing,
} from '../../contract/index.ts';
import { createCatchUp } from './catch-up.ts';
import { type Chat, createChat } from './chat.ts';
import {
  type Conversations,
  countAll,
  takeConversation,
  takeReadMark,
  takeSent,
  touchesRow,
} from './conversations.ts';
import type { Kept } from './kept.ts';
import type { SeenFile } from './pending-files.ts';
import type { SendQueueState } from './send-queue.ts';
import { typingPlace } from './typing.ts';

interface ChatView {
  readonly chat: Chat;
  readonly list: ListKeeper;
}

const ChatContext = createContext<ChatView | null>(null);

/** Stands around the shell: one queue, one list of conversations, one ear for events. */
export function ChatProvider({ children }: { children: ReactNode }) {
  const { personId } = useSession();
  const client = useQueryClient();
  const chat = useMemo(() => createChat(personId), [personId]);
  const list = useMemo(() => createListKeeper(client, personId, chat.kept), [client, personId, chat]);
  const view = useMemo(() => ({ chat, list }), [chat, list]);
  useEffect(() => chat.start(), [chat]);
  return (
    <ChatContext value={view}>
      <Ear />
      {children}
    </ChatContext>
  );
}

/** What chat keeps: the queue, who writes, and lists of messages. */
export function useChat(): Chat {
  return useView().chat;
}

function useView(): ChatView {
  const view = useContext(ChatContext);
  if (!view) throw new Error('useChat needs the ChatProvider');
  return view;
}

/** Hears of everything that happens in my conversations, whatever page is open. */
function Ear(): null {
  const { chat, list } = useView();
  const { personId } = useSession();
  const { status } = useConnection();
  useLiveEvent<Message | null>(messageSent.name, ({ data }) => {
    if (!data) return;
    chat.take(data);
    list.sent(data);
    if (data.authorId) chat.typing.ended(typingPlace(data.conversationId, data.threadId), data.authorId);
  });
  useLiveEvent<Message | null>(messageChanged.name, ({ data }) => {
    if (!data) return;
    chat.take(data);
    list.changed(data);
  });
  useLiveEvent(readMoved, ({ data, at }) => list.readMoved({ ...data, readAt: at }));
  useLiveEvent(conversationCreated, ({ data }) => list.refresh(data.conversationId));
  useLiveEvent(conversationChanged, ({ data }) => list.refresh(data.conversationId));
  useSignal(typing, (data) => {
    if (data.personId !== personId) {
      chat.typing.heard(typingPlace(data.conversationId, data.threadId), data.personId);
    }
  });
  useResync(() => chat.refetch());
  useWelcome(({ again }) => {
    // Before the first welcome an event may have passed between an answer and the socket; later ones are replayed.
    if (!again) chat.refetch();
    chat.wake();
    list.wake();
    chat.files.wake();
    chat.queue.wake();
  });
  useEffect(() => {
    if (status !== 'live') return;
    chat.files.wake();
    chat.queue.wake();
  }, [status, chat]);
  return null;
}

/** Not the route's own key: what is kept here is the bare list. */
const listKey = ['api', 'chat', 'conversations'];

/** Keeps the cached list of conversations true by events instead of asking for it anew. */
interface ListKeeper {
  fetch(signal: AbortSignal): Promise<Conversations>;
  /** The line is back: what could not be asked for is asked for now. */
  wake(): void;
  sent(message: Message): void;
  changed(message: Message): void;
  readMoved(mark: { conversationId: string; readSeq: number; readAt: string }): void;
  refresh(conversationId: string): void;
  put(conversation: Conversation): void;
}

function createListKeeper(client: QueryClient, me: string, kept: Kept): ListKeeper {
  type Change = (list: Conversations) => Conversations;
  /** What happened since each question that is not answered yet: an answer may be older than it. */
  const meanwhile = new Set<Change[]>();
  const waiting = new Map<string, ReturnType<typeof setTimeout>>();
  const held = (): Conversations | undefined => client.getQueryData<Conversations>(listKey);

  const catchUp = createCatchUp(() => void client.invalidateQueries({ queryKey: listKey }));

  function apply(change: Change): void {
    for (const changes of meanwhile) changes.push(change);
    client.setQueryData<Conversations>(listKey, (list) => (list ? change(list) : list));
  }
  function refresh(conversationId: string): void {
    if (waiting.has(conversationId)) return;
    // A burst of edits is one question.
    const timer = setTimeout(() => {
      waiting.delete(conversationId);
      api(getConversation, { params: { conversationId } }).then(
        (conversation) => {
          apply((list) => takeConversation(list, conversation));
          client.setQueryData(routeKey(getConversation, { params: { conversationId } }), conversation);
        },
        () => void client.invalidateQueries({ queryKey: listKey }),
      );
    }, 150);
    waiting.set(conversationId, timer);
  }
  return {
    async fetch(signal) {
      const changes: Change[] = [];
      meanwhile.add(changes);
      let old = false;
      try {
        const { rows } = await kept.or(
          'conversations',
          () => api(listConversations, {}, { signal }),
          isPassing,
          () => {
            old = true;
          },
        );
        if (old) catchUp.behind();
        else catchUp.level();
        return changes.reduce<Conversations>((list, change) => change(list), rows);
      } finally {
        meanwhile.delete(changes);
      }
    },
    wake: catchUp.wake,
    sent(message) {
      if (held() && !held()?.some((each) => each.id === message.conversationId))
        refresh(message.conversationId);
      apply((list) => takeSent(list, message, me));
    },
    changed(message) {
      const list = held();
      if (list && touchesRow(list, message)) refresh(message.conversationId);
    },
    readMoved(mark) {
      const list = held();
      if (list && takeReadMark(list, mark).unsure) refresh(mark.conversationId);
      apply((each) => takeReadMark(each, mark).list);
    },
    refresh,
    put: (conversation) => apply((list) => takeConversation(list, conversation)),
  };
}

/** My conversations, the one with the newest message first. */
export function useConversations() {
  const { list } = useView();
  return useQuery({
    queryKey: listKey,
    queryFn: ({ signal }) => list.fetch(signal),
    staleTime: 5 * 60_000,
  });
}

/** Puts a conversation that was just opened or made into the list. */
export function usePutConversation(): (conversation: Conversation) => void {
  return useView().list.put;
}

/** How much waits for me. */
export function useUnread(): { unread: number; mentions: number } {
  const { data } = useConversations();
  return useMemo(() => countAll(data ?? []), [data]);
}

/** Moves my read mark at once here, and on the server. */
export function useMarkRead(): (conversation: Conversation, seq: number) => void {
  const { list } = useView();
  return useMemo(() => {
    const asked = new Map<string, number>();
    return (conversation, seq) => {
      const { id } = conversation;
      if (seq <= conversation.readSeq || seq <= (asked.get(id) ?? 0)) return;
      asked.set(id, seq);
      const sure = seq >= conversation.lastSeq;
      if (sure) list.readMoved({ conversationId: id, readSeq: seq, readAt: new Date().toISOString() });
      api(markRead, { params: { conversationId: id }, body: { seq } }).then(
        () => {
          if (!sure) list.refresh(id);
        },
        () => {
          // Not reached: the next look at the newest message tries again.
          asked.delete(id);
          list.refresh(id);
        },
      );
    };
  }, [list]);
}

export function useQueue(): SendQueueState {
  const { queue } = useChat();
  return useSyncExternalStore(queue.subscribe, () => queue.state);
}

/** Files that were chosen and are not sent. */
export function usePendingFiles(): readonly SeenFile[] {
  const { files } = useChat();
  return useSyncExternalStore(files.subscribe, () => files.files);
}

/** Who writes in a conversation or thread now. */
export function useTyping(place: string): readonly string[] {
  const { typing: who } = useChat();
  return useSyncExternalStore(who.subscribe, () => who.in(place));
}
