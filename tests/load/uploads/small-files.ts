// The generator of small files, in a process and on a core of its own.
import { open } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { dirname } from 'node:path';

export type Order = {
  readonly do: 'send';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly files: number;
  readonly atOnce: number;
  readonly bytes: number;
} & (
  | { readonly kind: 'tus'; readonly folderId: string }
  /** Synced by us after each answer, because its server does not. */
  | { readonly kind: 'put'; readonly folder: string }
);
export type Answer =
  | { readonly ok: true; readonly seconds: number; readonly busy: number }
  | { readonly ok: false; readonly error: string };

const base64 = (text: string): string => Buffer.from(text).toString('base64');

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  await handle.sync().finally(() => handle.close());
}

async function send(order: Order): Promise<Answer> {
  const { hostname, port } = new URL(order.url);
  const agent = new Agent({ keepAlive: true, maxSockets: order.atOnce });
  const run = Math.random().toString(36).slice(2);
  const one = async (at: number): Promise<void> => {
    const name = `${run} ${at}.txt`.replace(' ', '-');
    const body = Buffer.alloc(order.bytes, `${name} `);
    const asked =
      order.kind === 'tus'
        ? {
            method: 'POST',
            path: '/api/v1/files/uploads',
            headers: {
              'tus-resumable': '1.0.0',
              'content-type': 'application/offset+octet-stream',
              'upload-length': String(body.length),
              'upload-metadata': `folderId ${base64(order.folderId)},filename ${base64(name)}`,
            },
          }
        : { method: 'PUT', path: `/files/${name}`, headers: {} };
    const status = await new Promise<number>((resolve, reject) => {
      const sending = request({
        hostname,
        port,
        agent,
        method: asked.method,
        path: asked.path,
        headers: { ...order.headers, ...asked.headers, 'content-length': body.length },
      });
      sending.on('response', (answer) => {
        answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
      });
      sending.on('error', reject).end(body);
    });
    if (status !== 201) throw new Error(`${asked.method} ${asked.path} was answered ${status}`);
    if (order.kind === 'tus') return;
    const path = `${order.folder}/${name}`;
    await sync(path);
    await sync(dirname(path));
  };
  const cpu = process.cpuUsage();
  const began = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: order.atOnce }, async () => {
      while (next < order.files) {
        next += 1;
        await one(next);
      }
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  agent.destroy();
  return { ok: true, seconds, busy: (user + system) / 1e6 / seconds };
}

process.on('message', (order: Order) => {
  send(order)
    .catch((error: unknown): Answer => ({ ok: false, error: String(error) }))
    .then((answer) => process.send?.(answer));
});
