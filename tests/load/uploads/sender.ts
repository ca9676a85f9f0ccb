import { request } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { contentOf, type PlannedUpload } from './planned.ts';

export interface SenderOptions {
  readonly url: string;
  readonly cookie: string;
  readonly folderId: string;
  readonly seed: number;
  /** Ends the server at once and starts another one; answers when that is ready. */
  killServer(): Promise<void>;
}

const retryMs = 200;
const deadlineMs = 15 * 60_000;
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const tus = { 'tus-resumable': '1.0.0' };

/** What answered; null where nobody did, as while a server starts. */
type Answer = Promise<{ status: number; headers: Headers } | null>;

/**
 * Sends a file by tus, is cut as planned, asks where it is, and goes on until it is whole. Others' cuts come on top of its own.
 *
 * @returns how often a piece of it was sent: one time more than it was broken off.
 */
export async function sendPlanned(options: SenderOptions, upload: PlannedUpload): Promise<number> {
  const { url, seed, folderId } = options;
  const headers = { ...tus, cookie: options.cookie, origin: url };
  const ask = (method: string, path: string, more: Record<string, string> = {}): Answer =>
    fetch(new URL(path, url), { method, headers: { ...headers, ...more } }).then(
      async (answer) => {
        await answer.arrayBuffer();
        return answer;
      },
      () => null,
    );

  /** Sends what is left, or up to the cut. */
  const sendFrom = async (path: string, offset: number, until: number): Promise<void> => {
    const { hostname, port } = new URL(url);
    const sending = request({
      hostname,
      port,
      path,
      method: 'PATCH',
      agent: false,
      headers: {
        ...headers,
        'content-type': 'application/offset+octet-stream',
        'upload-offset': offset,
        'content-length': upload.bytes - offset,
      },
    });
    const ended = new Promise<void>((resolve) => {
      sending.on('response', (answer) => answer.resume().on('close', resolve).on('error', resolve));
      sending.on('close', resolve).on('error', resolve);
    });
    const isWhole = until === upload.bytes;
    await pipeline(contentOf(seed, upload, offset, until), sending, { end: isWhole }).catch(() => {});
    if (!isWhole) {
      if (upload.cut === 'server') await options.killServer();
      sending.destroy();
    }
    await ended;
  };

  const giveUpMs = performance.now() + deadlineMs;
  let path: string | undefined;
  let pieces = 0;
  let hasBeenCut = false;
  for (; performance.now() < giveUpMs; await sleep(retryMs)) {
    if (path === undefined) {
      const begun = await ask('POST', '/api/v1/files/uploads', {
        'upload-length': String(upload.bytes),
        'upload-metadata': `folderId ${base64(folderId)},filename ${base64(upload.name)}`,
      });
      if (begun !== null && begun.status !== 201) throw new Error(`${upload.name}: POST ${begun.status}`);
      path = begun?.headers.get('location') ?? undefined;
      if (path === undefined) continue;
    }
    const known = await ask('HEAD', path);
    // 503 while a server starts.
    if (known === null || known.status === 503) continue;
    if (known.status !== 200) throw new Error(`${upload.name}: HEAD ${known.status}`);
    const offset = Number(known.headers.get('upload-offset'));
    if (offset === upload.bytes) return pieces;
    const isCutNow = !hasBeenCut && offset < upload.cutAt;
    hasBeenCut = true;
    await sendFrom(path, offset, isCutNow ? upload.cutAt : upload.bytes);
    pieces += 1;
  }
  throw new Error(`${upload.name} is not whole after ${deadlineMs / 60_000} minutes`);
}
