import { useHoldReload, useSession, useWelcome } from '@liaison/core/web';
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import { createUploadQueue, type ShownUpload, type UploadQueue } from './upload-queue.ts';

const UploadsContext = createContext<UploadQueue | null>(null);

/** Keeps uploads going while pages change. */
export function UploadsProvider({ children }: { children: ReactNode }) {
  const { personId } = useSession();
  const [queue, setQueue] = useState<UploadQueue | null>(null);
  useEffect(() => {
    const made = createUploadQueue(personId);
    setQueue(made);
    return () => made.stop();
  }, [personId]);
  useWelcome(({ again }) => again && queue?.connected());
  return (
    <UploadsContext value={queue}>
      {queue ? <HoldReload queue={queue} /> : null}
      {children}
    </UploadsContext>
  );
}

/** A page that sends something is not reloaded for a newer one. */
function HoldReload({ queue }: { queue: UploadQueue }) {
  const list = useSyncExternalStore(queue.onChange, queue.list);
  useHoldReload(list.some(({ state }) => state === 'running'));
  return null;
}

const none: readonly ShownUpload[] = [];
const never = () => () => {};

/** The uploads of this page, and what is done with them; null for the moment before they are known. */
export function useUploads(): { queue: UploadQueue | null; uploads: readonly ShownUpload[] } {
  const queue = useContext(UploadsContext);
  const uploads = useSyncExternalStore(queue?.onChange ?? never, queue?.list ?? (() => none));
  return { queue, uploads };
}
