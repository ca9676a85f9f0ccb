import { isIP } from 'node:net';
import { connect, createServer, type PeerCertificate, type Server, type TLSSocket } from 'node:tls';
import { addressBytes } from './address-bytes.ts';
import type { ConnectionBudget, ConnectionLimits } from './limits.ts';
import { admit, close, listen, remoteOf } from './listening.ts';
import { createStreamPool } from './stream-pool.ts';
import type { Endpoint, TlsOptions, Transport, TransportEvents } from './types.ts';

export interface TlsTransport extends Transport {
  /** From now on; connections that are there keep theirs. Throws when the two do not belong together. */
  setCertificate(certificate: string | Buffer, key: string | Buffer): void;
}

/** RFC 3261 §26.3.1 names older suites; what is offered is what is safe today (RFC 9325 §3.1.1). */
export const minTlsVersion = 'TLSv1.2';

/**
 * The SIP domains of a certificate (RFC 5922 §7.1): `sip:` URIs among the subject's other names or, when there are
 * none, its DNS names.
 */
export function certificateDomains(certificate: Pick<PeerCertificate, 'subjectaltname'>): string[] {
  const names = (certificate.subjectaltname ?? '').split(/,\s*/);
  const uris = names
    .map((name) => /^URI:sip:([^@;?:]+)$/i.exec(name)?.[1]) // A user part means another kind of identity.
    .filter((domain) => domain !== undefined);
  if (uris.length > 0) return uris.map((domain) => domain.toLowerCase());
  return names
    .map((name) => /^DNS:(.+)$/i.exec(name)?.[1]?.toLowerCase())
    .filter((domain) => domain !== undefined);
}

/** RFC 5922 §7.2: the whole name, without regard to case; no wildcard matches. An address must be named as one. */
export function isCertificateFor(
  certificate: Pick<PeerCertificate, 'subjectaltname'>,
  domain: string,
): boolean {
  if (isIP(domain)) {
    const names = (certificate.subjectaltname ?? '').split(/,\s*/);
    const wanted = addressBytes(domain);
    return names.some((name) => {
      const named = addressBytes(/^IP Address:(.+)$/i.exec(name)?.[1] ?? '');
      return named !== undefined && wanted?.equals(named);
    });
  }
  return certificateDomains(certificate).includes(domain.toLowerCase());
}

/** SIP over TLS (RFC 3261 §26.2.1): a listener and its connections, theirs and ours. */
export function createTlsTransport(
  options: { host: string; port: number; tls: TlsOptions },
  limits: ConnectionLimits,
  budget: ConnectionBudget,
  events: TransportEvents,
): TlsTransport {
  const { ca, askClientCertificate = false, verifyServers = true } = options.tls;
  const trust = ca === undefined ? {} : { ca: Array.isArray(ca) ? [...(ca as Buffer[])] : (ca as Buffer) };
  let { certificate, key } = options.tls;
  let server: Server | undefined;
  let local: Endpoint = { address: options.host, port: options.port };
  const pool = createStreamPool('tls', limits, events, () => local);

  function context() {
    return { cert: certificate, key, ...trust, minVersion: minTlsVersion } as const;
  }

  function secured(socket: TLSSocket): void {
    const remote = remoteOf(socket);
    const proven = socket.authorized ? certificateDomains(socket.getPeerCertificate()) : [];
    pool.adopt(socket, remote, proven);
  }

  return {
    protocol: 'tls',
    get local() {
      return local;
    },
    async start() {
      const opened = createServer(
        {
          ...context(),
          handshakeTimeout: limits.handshakeTimeoutMs ?? 10_000,
          requestCert: askClientCertificate,
          // Whoever shows none, or one that we do not know, signs in like others.
          rejectUnauthorized: false,
        },
        secured,
      );
      server = opened;
      // Before the handshake: half-open ones count too.
      opened.on('connection', (socket) => admit(socket, budget));
      opened.on('tlsClientError', (error, socket) => {
        events.noted('TLS handshake failed', { peer: socket.remoteAddress, error: error.message });
        socket.destroy();
      });
      local = await listen(opened, options, events);
    },
    async stop() {
      const closing = server;
      server = undefined;
      await pool.drain(close(closing));
    },
    open(remote, serverName) {
      const name = serverName ?? remote.address;
      return pool.open(
        `${remote.address} ${remote.port} ${name}`,
        remote,
        () =>
          connect({
            host: remote.address,
            port: remote.port,
            ...context(), // Our own certificate is shown to servers that ask (RFC 5922 §8.1).
            ...(isIP(name) ? {} : { servername: name }),
            rejectUnauthorized: verifyServers,
            checkServerIdentity: (_host, peer) =>
              isCertificateFor(peer, name) ? undefined : new Error(`The certificate is not for ${name}`),
          }),
        'secureConnect',
      );
    },
    isOpen: pool.isOpen,
    send: pool.send,
    vouch: pool.vouch,
    setCertificate(newCertificate, newKey) {
      const former = { certificate, key };
      certificate = newCertificate;
      key = newKey;
      try {
        server?.setSecureContext(context());
      } catch (error) {
        ({ certificate, key } = former);
        throw error;
      }
    },
  };
}
