import { useRef, useState } from 'react';
import type { RouteDefinition } from '../contract/route.ts';
import type { RouteArgs, RouteResult } from './route-args.ts';
import { type UploadOptions, upload } from './upload.ts';

export interface Uploading<Route extends RouteDefinition> {
  /** How much of the file has gone, from 0 to 1; null while none is sent. At 1 the server looks at it. */
  readonly sent: number | null;
  /** Why the last one was not taken; null as soon as another begins. */
  readonly error: unknown;
  /** Does nothing while one is on its way. */
  send(args: Omit<RouteArgs<Route>, 'body'>, file: Blob): Promise<void>;
  /** Gives up what is on its way; that is no error. */
  stop(): void;
}

/** Sends one file at a time to a `raw` route. A page that is left goes on sending. */
export function useUpload<Route extends RouteDefinition>(
  route: Route,
  onDone: (result: RouteResult<Route>) => void,
  options: Pick<UploadOptions, 'type'> = {},
): Uploading<Route> {
  const sending = useRef<AbortController | null>(null);
  const [sent, setSent] = useState<number | null>(null);
  const [error, setError] = useState<unknown>(null);
  return {
    sent,
    error,
    async send(args, file) {
      if (sending.current) return;
      const controller = new AbortController();
      sending.current = controller;
      setError(null);
      setSent(0);
      try {
        const result = await upload(route, args, file, {
          ...options,
          onProgress: (done, total) => setSent(total > 0 ? done / total : 1),
          signal: controller.signal,
        });
        onDone(result);
      } catch (problem) {
        if (!controller.signal.aborted) setError(problem);
      } finally {
        sending.current = null;
        setSent(null);
      }
    },
    stop: () => sending.current?.abort(),
  };
}
