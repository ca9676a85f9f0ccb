/** What the service worker tells a page after a press on a notification. */
export type WorkerMessage =
  | { readonly t: 'liaison.go'; readonly path: string }
  | { readonly t: 'liaison.answer'; readonly callId: string };

/**
 * Hears what the worker tells this page, and asks for what it kept for a page that was opened just now.
 *
 * @returns how to hear nothing more.
 */
export function onWorkerMessage<T extends WorkerMessage['t']>(
  t: T,
  handler: (message: Extract<WorkerMessage, { t: T }>) => void,
): () => void {
  // There is none on pages over plain HTTP.
  const worker = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  if (!worker) return () => {};
  const hear = ({ data }: MessageEvent): void => {
    if ((data as WorkerMessage | null)?.t === t) handler(data as Extract<WorkerMessage, { t: T }>);
  };
  worker.addEventListener('message', hear);
  worker.startMessages();
  worker.controller?.postMessage({ t: 'liaison.opened', waitsFor: t });
  return () => worker.removeEventListener('message', hear);
}
