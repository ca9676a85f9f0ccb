import { fileURLToPath } from 'node:url';
import { listenError, type Settings } from '@liaison/core/config';
import { openApi, serveWebApp } from '@liaison/core/http';
import type { Log } from '@liaison/core/log';
import { createTls, type Tls } from '@liaison/core/tls';
import { serveStatusPage } from '@liaison/sites/live';
import type { Suite } from './compose.ts';
import type { Lifecycle } from './lifecycle.ts';
import { serveTrustPage } from './trust-page.ts';

export interface Doors {
  readonly httpPort: number;
  readonly httpsPort: number | null;
  /** The self-made authority, where the operator has no certificate. */
  readonly authority: Tls['authority'];
}

/** HTTP and HTTPS, opened last: who can reach us finds everything ready. */
export async function openDoors(options: {
  suite: Suite;
  settings: Settings;
  log: Log;
  lifecycle: Lifecycle;
  tls: Tls;
}): Promise<Doors> {
  const { suite, settings, lifecycle, tls } = options;
  const { http } = suite.core;
  serveTrustPage(http, tls.authority);
  serveStatusPage(http, suite.sites.status);
  http.fastify.get('/api/v1/openapi.json', async () => openApi(http.routes(), 'Liaison'));
  await serveWebApp(http, fileURLToPath(new URL('../web/dist/', import.meta.url)));
  lifecycle.atEnd('http', () => http.close());
  try {
    const ports = await http.listen({
      host: settings.bind,
      httpPort: settings.httpPort,
      httpsPort: settings.httpsPort,
      tls: tls.options(),
      onTlsServer: (server) => tls.keepCurrent(server),
    });
    return { ...ports, authority: tls.authority };
  } catch (error) {
    const port = typeof error === 'object' && error !== null && 'port' in error ? error.port : undefined;
    const https = port !== undefined && port === settings.httpsPort;
    throw listenError(
      error,
      https ? 'LIAISON_HTTPS_PORT' : 'LIAISON_HTTP_PORT',
      `${settings.bind}:${https ? settings.httpsPort : settings.httpPort}`,
    );
  }
}

/** The certificate of the doors; it looks for changes until the end. */
export async function openTls({
  settings,
  log,
  lifecycle,
}: Pick<Parameters<typeof openDoors>[0], 'settings' | 'log' | 'lifecycle'>) {
  const tls = await createTls({ settings, log });
  lifecycle.atEnd('tls', async () => tls.stop());
  return tls;
}
