import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { checkServerIdentity, connect, type PeerCertificate, rootCertificates } from 'node:tls';
import { type Examined, failed, good, reasonOf, type Said, type Step, warning } from './finding.ts';
import { namesOf } from './names.ts';
import { lookupOutside } from './outside-names.ts';

/** Less than this left is told; whoever renews by himself renews 30 days and more before. */
const soonDays = 14;
const dayMs = 86_400_000;
const patienceMs = 5000;

interface Shown {
  readonly validFrom: Date;
  readonly validTo: Date;
  /** Why nobody elsewhere would believe it: `CERT_HAS_EXPIRED`, `UNABLE_TO_VERIFY_LEAF_SIGNATURE`; null when all is well. */
  readonly distrust: string | null;
  /** Signed by the authority that this installation made for itself. */
  readonly selfMade: boolean;
  fits(name: string): boolean;
}

/**
 * What browsers and telephones are shown, where they come in: the HTTPS and SIPS doors of this machine, the public address
 * (which may be a proxy's), and the operator's own files, also while nothing runs.
 */
export const certificatesStep: Step = {
  name: 'certificate',
  limitMs: 3 * patienceMs,
  async look(examined) {
    const { settings, host } = examined;
    const authority = await readFile(join(settings.dataFolder, 'tls', 'authority.pem'), 'utf8').catch(
      () => null,
    );
    const said: Said[] = [];
    const { tlsCertificateFile: file } = settings;
    if (file !== undefined) said.push(await judgeFile(file));
    const doors = [
      {
        what: `the HTTPS port ${settings.httpsPort}`,
        host,
        port: settings.httpsPort,
        setting: 'LIAISON_HTTPS_PORT',
      },
      ...(settings.duties.includes('sip')
        ? [
            {
              what: `the SIPS port ${settings.sipsPort}`,
              host,
              port: settings.sipsPort,
              setting: 'LIAISON_SIPS_PORT',
            },
          ]
        : []),
    ].filter(({ port }) => port !== 0);
    const names = namesOf(settings);
    for (const door of doors) {
      try {
        const shown = await shownAt({ ...door, name: names[0] ?? null, authority });
        said.push(judge(`at ${door.what}`, shown, names));
      } catch (error) {
        said.push(
          failed(
            `${door.what} of ${door.host} shows no certificate: ${reasonOf(error)}`,
            `look whether the server runs, and whether ${door.setting} is its port`,
          ),
        );
      }
    }
    if (settings.publicUrl?.startsWith('https:')) said.push(await judgePublic(settings.publicUrl, authority));
    return said.length > 0 ? said : [good('there is no port for HTTPS whose certificate could be looked at')];
  },
};

async function judgePublic(publicUrl: string, authority: string | null): Promise<Said> {
  const url = new URL(publicUrl);
  const port = Number(url.port || 443);
  const name = url.hostname.replace(/^\[|\]$/g, '');
  try {
    const shown = await shownAt({ host: name, port, name, authority });
    return judge(`at ${url.host}`, shown, [name]);
  } catch (error) {
    return warning(
      `${url.host} cannot be reached from this machine: ${reasonOf(error)}`,
      'look whether the proxy runs and LIAISON_PUBLIC_URL is its address; right where this machine cannot reach its own public address',
    );
  }
}

async function judgeFile(file: string): Promise<Said> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return failed(
      `${file} cannot be read: ${reasonOf(error)}`,
      'name a PEM file that the server may read in LIAISON_TLS_CERT',
    );
  }
  try {
    const leaf = new X509Certificate(text);
    return judge(
      `in ${file}`,
      {
        validFrom: new Date(leaf.validFrom),
        validTo: new Date(leaf.validTo),
        distrust: null,
        selfMade: false,
        fits: () => true,
      },
      [],
    );
  } catch {
    return failed(
      `${file} is no certificate`,
      'name a PEM file with the chain, the server’s own certificate first, in LIAISON_TLS_CERT',
    );
  }
}

/** What is shown at a door; a handshake that fails rejects. */
function shownAt(door: {
  host: string;
  port: number;
  name: string | null;
  authority: string | null;
}): Promise<Shown> {
  return new Promise((resolve, reject) => {
    const socket = connect(
      {
        host: door.host,
        port: door.port,
        timeout: patienceMs,
        lookup: lookupOutside,
        ...(door.name !== null && isIP(door.name) === 0 ? { servername: door.name } : {}),
        ca: [...rootCertificates, ...(door.authority === null ? [] : [door.authority])],
        // What is shown is judged below, in words; a refusal would say less.
        rejectUnauthorized: false,
        checkServerIdentity: () => undefined,
      },
      () => {
        const seen = socket.getPeerCertificate(true);
        const { authorizationError } = socket;
        socket.destroy();
        resolve({
          validFrom: new Date(seen.valid_from),
          validTo: new Date(seen.valid_to),
          distrust:
            authorizationError === null || authorizationError === undefined
              ? null
              : String(authorizationError),
          selfMade: door.authority !== null && isIssuedBy(seen, door.authority),
          fits: (name) => checkServerIdentity(name, seen) === undefined,
        });
      },
    );
    socket.on('error', reject);
    socket.on('timeout', () => socket.destroy(new Error('no handshake in time')));
  });
}

function isIssuedBy(seen: PeerCertificate, authority: string): boolean {
  try {
    return new X509Certificate(seen.raw).checkIssued(new X509Certificate(authority));
  } catch {
    return false;
  }
}

/** Exported for its test. */
export function judge(where: string, shown: Shown, names: readonly string[], nowMs = Date.now()): Said {
  const left = shown.validTo.getTime() - nowMs;
  const days = Math.floor(left / dayMs);
  const figure = { value: days, unit: 'days left' };
  const date = (when: Date) => when.toISOString().slice(0, 10);
  const renew = shown.selfMade
    ? 'restart the server, which renews it; look at the clock of this machine'
    : 'renew it, and put the new chain where LIAISON_TLS_CERT and LIAISON_TLS_KEY, or the proxy, look for it';
  if (left <= 0) return failed(`the certificate ${where} ended on ${date(shown.validTo)}`, renew, figure);
  if (shown.validFrom.getTime() > nowMs)
    return failed(
      `the certificate ${where} holds from ${date(shown.validFrom)} only`,
      'look at the clock of this machine, or take the certificate that holds now',
      figure,
    );
  const missing = names.filter((name) => !shown.fits(name));
  if (missing.length > 0)
    return failed(
      `the certificate ${where} is not for ${missing.join(', ')}`,
      'get one for every name in LIAISON_PUBLIC_URL and LIAISON_ADVERTISE, or remove names that nobody uses',
      figure,
    );
  if (days < soonDays) return warning(`the certificate ${where} ends in ${days} days`, renew, figure);
  if (shown.distrust !== null)
    return failed(
      `nobody believes the certificate ${where}: ${shown.distrust}`,
      'put the certificates between yours and the authority into the same file, after yours',
      figure,
    );
  return good(
    `the certificate ${where} holds for ${days} days more${shown.selfMade ? ', for whoever trusts its self-made authority (/trust)' : ''}`,
    figure,
  );
}

export type { Examined };
