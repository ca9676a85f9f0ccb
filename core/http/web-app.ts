import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import { type Http, newNonce } from './http.ts';
import { pagePolicy } from './security-headers.ts';

/**
 * Serves the built web app: hashed assets for ever, the page itself (with a fresh nonce) for every other address that
 * a browser navigates to, so that a reload on any page works.
 */
export async function serveWebApp(http: Http, folder: string): Promise<void> {
  if (!existsSync(join(folder, 'index.html'))) return;
  const page = await readFile(join(folder, 'index.html'), 'utf8');
  await http.fastify.register(fastifyStatic, {
    root: folder,
    index: false,
    wildcard: false,
    preCompressed: true,
    setHeaders(reply, path) {
      reply.header(
        'cache-control',
        path.startsWith(join(folder, 'assets')) ? 'public, max-age=31536000, immutable' : 'no-cache',
      );
    },
  });
  const sendPage = (reply: import('fastify').FastifyReply) => {
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
