import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyReply } from 'fastify';
import { type Http, newNonce } from './http.ts';
import { pagePolicy, workerPolicy } from './security-headers.ts';

/**
 * Serves the built web app: hashed assets for ever, the page itself (with a fresh nonce) for every other address that
 * a browser navigates to, so that a reload on any page works. A build that replaces the one before is served at once.
 */
export async function serveWebApp(http: Http, folder: string): Promise<void> {
  const index = join(folder, 'index.html');
  if (!existsSync(index)) return;
  await http.fastify.register(fastifyStatic, {
    root: folder,
    index: false,
    preCompressed: true,
    setHeaders(reply, path) {
      const forEver = path.startsWith(join(folder, 'assets'));
      reply.header('cache-control', forEver ? 'public, max-age=31536000, immutable' : 'no-cache');
      // A worker is bound by the policy of its own answer, not by its page's; compressed it is another file.
      if (/^sw\.js(\.\w+)?$/.test(relative(folder, path)))
        reply.header('content-security-policy', workerPolicy);
    },
  });
  let page = '';
  let readAt = 0;
  const sendPage = async (reply: FastifyReply): Promise<FastifyReply> => {
    const { mtimeMs } = await stat(index);
    if (mtimeMs !== readAt) {
      page = await readFile(index, 'utf8');
      readAt = mtimeMs;
    }
    const nonce = newNonce();
    return reply
      .header('content-security-policy', pagePolicy(nonce))
      .header('cache-control', 'no-cache')
      .type('text/html; charset=utf-8')
      .send(page.replaceAll('__NONCE__', nonce));
  };
  http.fastify.get('/', async (_request, reply) => sendPage(reply));
  http.fallback((request, reply) => {
    const navigation = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html');
    return navigation && !request.url.startsWith('/api/') ? sendPage(reply) : null;
  });
}
