import { useHoldReload } from '@liaison/core/web';
import { useMemo } from 'react';
import { useChat, usePendingFiles } from '../state/chat-provider.tsx';
import { placeOf, type SeenFile } from '../state/pending-files.ts';

export interface Uploads {
  readonly files: readonly SeenFile[];
  /** One that would be lost with the page is on its way: its message waits for it. */
  readonly busy: boolean;
  /** Adds files; answers how many were too many or too large, and how many the device cannot keep. */
  readonly add: (files: readonly File[]) => { tooMany: number; tooLarge: number; notKept: number };
  readonly remove: (key: string) => void;
  readonly retry: (key: string) => void;
}

/** The files that lie in a composer: chosen here, or left by a page that was reloaded. */
export function useUploads(conversationId: string, threadId: string | null): Uploads {
  const { files: pending } = useChat();
  const all = usePendingFiles();
  const place = placeOf(conversationId, threadId);
  const files = useMemo(() => all.filter((each) => each.place === place), [all, place]);
  const busy = files.some((each) => !each.kept && each.attachment === null && each.state !== 'refused');
  useHoldReload(files.some((each) => !each.kept));
  return {
    files,
    busy,
    add: (added) => pending.add(conversationId, place, added),
    remove: (key) => pending.remove(key),
    retry: (key) => pending.retry(key),
  };
}
