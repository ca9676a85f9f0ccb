import type { RouteDefinition } from '../contract/route.ts';
import { addressOf, newRequestId, readAnswer } from './request.ts';
import { RequestProblem } from './request-problem.ts';
import type { LooseArgs, RouteArgs, RouteResult } from './route-args.ts';

export interface UploadOptions {
  /** Sent and all bytes; `total` is the file's size. */
  readonly onProgress?: (sent: number, total: number) => void;
  readonly signal?: AbortSignal;
  /** Sent as `content-type`; the file's own, or bytes, unless told. */
  readonly type?: string;
}

/**
 * Sends a file as the body of a `raw` route. By XMLHttpRequest, because `fetch` does not tell how much has gone.
 *
 * @throws as `api` does.
 */
export function upload<Route extends RouteDefinition>(
  route: Route,
  args: Omit<RouteArgs<Route>, 'body'>,
  file: Blob,
  { onProgress, signal, type }: UploadOptions = {},
): Promise<RouteResult<Route>> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const requestId = newRequestId();
    const request = new XMLHttpRequest();
    const giveUp = (): void => request.abort();
    request.open(route.method, addressOf(route, args as LooseArgs));
    request.setRequestHeader('accept', 'application/json');
    request.setRequestHeader('x-request-id', requestId);
    request.setRequestHeader('content-type', type || file.type || 'application/octet-stream');
    if (onProgress) request.upload.onprogress = (event) => onProgress(event.loaded, file.size);
    request.onload = () => {
      try {
        resolve(readAnswer(request.status, request.responseText, requestId) as RouteResult<Route>);
      } catch (error) {
        reject(error);
      }
    };
    request.onerror = () =>
      reject(new RequestProblem(0, 'offline', 'The server cannot be reached.', { requestId }));
    request.onabort = () => reject(signal?.reason ?? new DOMException('given up', 'AbortError'));
    request.onloadend = () => signal?.removeEventListener('abort', giveUp);
    signal?.addEventListener('abort', giveUp, { once: true });
    request.send(file);
  });
}
