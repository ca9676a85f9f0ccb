// The generator of small files, in a process and on a core of its own.
import { close, fsync, open } from 'node:fs';
import { promisify } from 'node:util';
import { batchLine, maxBatchFiles } from '@liaison/files';
import { KeptConnection } from './kept-connection.ts';

export type Order = {
  readonly do: 'send';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly files: number;
  readonly connections: number;
  readonly bytes: number;
} & (
  | { readonly kind: 'tus' | 'batch'; readonly folderId: string }
  /** Synced by us after each answer, because its server does not. */
  | { readonly kind: 'put'; readonly folder: string }
);
export type Answer =
  | { readonly ok: true; readonly seconds: number; readonly busy: number }
  | { readonly ok: false; readonly error: string };

/** Made before the clock runs. */
interface Prepared {
  readonly request: Buffer;
  /** What is synced once it is answered. */
  readonly path?: string;
}

/** What is sent is read, found and looked through for numbers: words, as notes have them, behind a name that nobody else has. */
const words =
  'the pilot waits for high water off the bar and brings her in before the wind turns to the north ';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const openFile = promisify(open);
const syncFile = promisify(fsync);
const closeFile = promisify(close);

function prepare(order: Order): Prepared[] {
  const run = Math.random().toString(36).slice(2);
  const files = Array.from({ length: order.files }, (_, at) => {
    const name = `${run}-${at}.txt`;
    return {
      name,
      content: Buffer.alloc(order.bytes, words).fill(name, 0, Math.min(name.length, order.bytes)),
    };
  });
  const { host } = new URL(order.url);
  const requestOf = (method: string, path: string, headers: Record<string, string>, body: Buffer): Buffer => {
    const all = { host, ...order.headers, ...headers, 'content-length': String(body.length) };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`), body]);
  };
  if (order.kind === 'put') {
    return files.map(({ name, content }) => ({
      request: requestOf('PUT', `/files/${name}`, {}, content),
      path: `${order.folder}/${name}`,
    }));
  }
  const { folderId } = order;
  if (order.kind === 'tus') {
    return files.map(({ name, content }) => ({
      request: requestOf(
        'POST',
        '/api/v1/files/uploads',
        {
          'tus-resumable': '1.0.0',
          'content-type': 'application/offset+octet-stream',
          'upload-length': String(content.length),
          'upload-metadata': `folderId ${base64(folderId)},filename ${base64(name)}`,
        },
        content,
      ),
    }));
  }
  const batches: Prepared[] = [];
  for (let from = 0; from < files.length; from += maxBatchFiles) {
    const some = files.slice(from, from + maxBatchFiles);
    const line = batchLine(
      some.map(({ name, content }) => ({ folderId, name, type: 'text/plain', bytes: content.length })),
    );
    const body = Buffer.concat([Buffer.from(line), ...some.map(({ content }) => content)]);
    batches.push({
      request: requestOf(
        'POST',
        '/api/v1/files/batches',
        { 'content-type': 'application/octet-stream' },
        body,
      ),
    });
  }
  return batches;
}

async function send(order: Order): Promise<Answer> {
  const { hostname, port } = new URL(order.url);
  const prepared = prepare(order);
  const wanted = order.kind === 'batch' ? 200 : 201;
  const folder = order.kind === 'put' ? await openFile(order.folder, 'r') : null;
  const connections = await Promise.all(
    Array.from({ length: order.connections }, () => KeptConnection.open(hostname, Number(port))),
  );
  const cpu = process.cpuUsage();
  const began = performance.now();
  let next = 0;
  await Promise.all(
    connections.map(async (connection) => {
      for (let each = prepared[next++]; each; each = prepared[next++]) {
        const status = await connection.send(each.request);
        if (status !== wanted) throw new Error(`${order.kind} was answered ${status}`);
        if (each.path === undefined || folder === null) continue;
        const file = await openFile(each.path, 'r');
        await Promise.all([syncFile(file), syncFile(folder)]);
        await closeFile(file);
      }
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  for (const connection of connections) connection.close();
  if (folder !== null) await closeFile(folder);
  return { ok: true, seconds, busy: (user + system) / 1e6 / seconds };
}

process.on('message', (order: Order) => {
  send(order)
    .catch((error: unknown): Answer => ({ ok: false, error: String(error) }))
    .then((answer) => process.send?.(answer));
});
