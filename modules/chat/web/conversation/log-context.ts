import { createContext, useContext } from 'react';
import type { Conversation, Message } from '../../contract/index.ts';
import type { usePeople } from '../state/people.ts';

/** What every row of a list of messages needs; stable, so that rows are drawn again only when they change. */
export interface LogView {
  readonly conversation: Conversation;
  readonly names: ReturnType<typeof usePeople>;
  /** Null inside a thread: its messages have no replies of their own. */
  readonly openThread: ((message: Message) => void) | null;
  readonly edit: (message: Message) => void;
}

export const LogContext = createContext<LogView | null>(null);

export function useLogView(): LogView {
  const view = useContext(LogContext);
  if (!view) throw new Error('a message needs a LogContext');
  return view;
}
