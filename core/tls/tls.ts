import { X509Certificate } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Server } from 'node:tls';
import type { Settings } from '../config/index.ts';
import type { Log } from '../log/index.ts';
import { type Authority, ownCertificate } from './authority.ts';
import { fileMark, type KeyPair, readKeyPair } from './key-pair.ts';

export interface Tls {
  /** Options for `https.createServer`, `tls.createServer` and Fastify's `https`, as they are now. */
  options(): { cert: string; key: string; minVersion: 'TLSv1.2' };
  /** Keeps a listener on the newest certificate; connections that are open stay as they are. Undone when it closes. */
  keepCurrent(server: Pick<Server, 'setSecureContext' | 'once'>): void;
  /** The self-made authority, or undefined with the operator's own certificate. */
  readonly authority: Authority | undefined;
  /** End of the certificate that is in use. */
  readonly validUntil: Date;
  /** Stops looking for changes. */
  stop(): void;
}

export interface TlsOptions {
  settings: Pick<Settings, 'dataFolder' | 'advertise'> &
    Partial<Pick<Settings, 'publicUrl' | 'tlsCertificateFile' | 'tlsKeyFile'>>;
  log: Log;
  /** How often changed files, or the need of a renewal, are looked for. */
  lookEveryMs?: number;
  /** For tests. */
  now?: () => number;
}

/**
 * The certificate of this installation: the operator's files, read again when they change, or one from a self-made
 * authority in the data folder, renewed by itself. Throws a `StartError` for files that cannot be used; later, a bad file
 * is logged and the good certificate stays.
 */
export async function createTls(options: TlsOptions): Promise<Tls> {
  const { settings, now = Date.now, lookEveryMs = 30_000 } = options;
  const log = options.log.child({ part: 'tls' });
  const { tlsCertificateFile: certificateFile, tlsKeyFile: keyFile } = settings;
  const files =
    certificateFile !== undefined && keyFile !== undefined
      ? ([certificateFile, keyFile] as const)
      : undefined;
  const names = namesOf(settings);
  const servers = new Set<Pick<Server, 'setSecureContext'>>();
  let mark = '';
  let pair: KeyPair;
  let authority: Authority | undefined;

  const load = async (): Promise<boolean> => {
    if (files !== undefined) {
      const current = await fileMark(...files);
      if (current === mark) return false;
      mark = current;
      pair = await readKeyPair(...files);
      return true;
    }
    const own = await ownCertificate({ folder: join(settings.dataFolder, 'tls'), names, now: now() });
    authority = own.authority;
    const isNew = (pair as KeyPair | undefined)?.certificate !== own.leaf.certificate;
    pair = own.leaf;
    return isNew;
  };
  await load();

  const tlsOptions = () => ({ cert: pair.certificate, key: pair.key, minVersion: 'TLSv1.2' as const });
  const validUntil = () => new Date(new X509Certificate(pair.certificate).validTo);
  let looking = false;
  const look = async () => {
    if (looking) return;
    looking = true;
    try {
      if (await load()) {
        for (const server of servers) server.setSecureContext(tlsOptions());
        log.info({ validUntil: validUntil() }, 'a new certificate is in use');
      }
    } catch (error) {
      log.error({ err: error }, 'the new certificate cannot be used; the earlier one stays');
    } finally {
      looking = false;
    }
  };
  const timer = setInterval(() => void look(), lookEveryMs).unref();
  if (validUntil().getTime() < now() + 14 * 86_400_000)
    log.warn({ validUntil: validUntil() }, 'the certificate ends soon');

  return {
    options: tlsOptions,
    keepCurrent(server) {
      servers.add(server);
      server.once('close', () => servers.delete(server));
    },
    get authority() {
      return authority;
    },
    get validUntil() {
      return validUntil();
    },
    stop: () => clearInterval(timer),
  };
}

/** What the self-made certificate is for: where others reach us, and this machine itself. */
function namesOf(settings: TlsOptions['settings']): string[] {
  const host = hostname().toLowerCase();
  const names = [
    'localhost',
    '127.0.0.1',
    '::1',
    ...settings.advertise.map((name) => name.toLowerCase().replace(/\.$/, '')),
  ];
  if (/^[a-z0-9]([a-z0-9-]{0,62})(\.[a-z0-9-]{1,63})*$/.test(host) && host.length <= 253) names.push(host);
  if (settings.publicUrl !== undefined)
    names.push(new URL(settings.publicUrl).hostname.replace(/^\[|\]$/g, ''));
  return [...new Set(names)];
}
