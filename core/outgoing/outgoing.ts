import type { LookupAddress } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { type IncomingHttpHeaders, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isPublicAddress } from './addresses.ts';

/** It was not asked: the address is of a kind, or at a place, that this program does not go to. */
export class OutgoingRefused extends Error {
  override readonly name = 'OutgoingRefused';
}

export interface OutgoingRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** For all of it: looking up the name, connecting, and the answer. */
  readonly timeoutMs: number;
  /** More of the answer than this is not read; it ends there. */
  readonly maxBytes: number;
}

export interface OutgoingAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The one way out to addresses that strangers gave us. */
export interface Outgoing {
  /** Whether it would be tried at all, before any name is looked up. */
  allows(url: string): boolean;
  /**
   * Asks without following redirects.
   *
   * @throws OutgoingRefused for anything but https, and for addresses that are not public, at the moment of connecting.
   */
  request(asked: OutgoingRequest): Promise<OutgoingAnswer>;
}

/**
 * @param options.mayReach addresses beside the public ones, also by plain http: a test's own servers
 * @param options.nameServers those of the system unless told
 */
export function createOutgoing(
  options: { mayReach?: (address: string) => boolean; nameServers?: readonly string[] } = {},
): Outgoing {
  const { mayReach = () => false, nameServers } = options;
  const isAllowed = (address: string): boolean => isPublicAddress(address) || mayReach(address);

  /** The address that was looked at is the one that is connected to: a name may answer otherwise a moment later. */
  const lookup: LookupFunction = (hostname, how, callback) => {
    addressesOf(hostname, nameServers).then(
      (found) => {
        // A name that has also an address of ours is somebody's who tries.
        const refused = found.find(({ address }) => !isAllowed(address));
        const [first] = found;
        if (refused || !first) {
          return callback(new OutgoingRefused(`${hostname} is at an address that is not public`), '', 0);
        }
        if (how.all) return callback(null, found);
        return callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, '', 0),
    );
  };

  function refusalOf(text: string): OutgoingRefused | null {
    if (!URL.canParse(text)) return new OutgoingRefused('this is no address');
    const url = new URL(text);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const isLiteral = isIP(host) !== 0;
    // This machine, whatever DNS says of it.
    const isHere = /(?:^|\.)localhost\.?$/.test(host);
    if (isHere || (isLiteral && !isAllowed(host))) return new OutgoingRefused(`${host} is not public`);
    const isPlain = url.protocol === 'http:' && isLiteral && mayReach(host);
    if (url.protocol !== 'https:' && !isPlain)
      return new OutgoingRefused(`${url.protocol} is not spoken here`);
    if (url.username !== '' || url.password !== '')
      return new OutgoingRefused('a name in an address is not sent');
    return null;
  }

  return {
    allows: (url) => refusalOf(url) === null,
    request(asked) {
      const refusal = refusalOf(asked.url);
      if (refusal) return Promise.reject(refusal);
      const url = new URL(asked.url);
      const signal = AbortSignal.timeout(asked.timeoutMs);
      return new Promise<OutgoingAnswer>((resolve, reject) => {
        const send = url.protocol === 'https:' ? requestHttps : requestHttp;
        const request = send(
          url,
          {
            method: asked.method,
            headers: {
              'user-agent': 'Liaison',
              ...asked.headers,
              'content-length': String(asked.body?.length ?? 0),
            },
            lookup,
            signal,
            // Nobody's next request shares what a stranger holds open.
            agent: false,
            maxHeaderSize: 16_384,
          },
          (response) => {
            const chunks: Buffer[] = [];
            let bytes = 0;
            const finish = (): void => {
              resolve({
                status: response.statusCode ?? 0,
                headers: response.headers,
                body: Buffer.concat(chunks).subarray(0, asked.maxBytes),
              });
            };
            response.on('data', (chunk: Buffer) => {
              chunks.push(chunk);
              bytes += chunk.length;
              if (bytes > asked.maxBytes) {
                finish();
                response.destroy();
              }
            });
            response.once('end', finish);
            response.once('error', reject);
          },
        );
        request.once('error', reject);
        request.end(asked.body);
      });
    },
  };
}

/** Of one question to one server. */
const askedForMs = 2000;

/**
 * Asks DNS itself. The system's resolver has few places in a process, and a name that a stranger's server does not answer about keeps
 * one for ten seconds and more: with some of those the database would not be found.
 */
async function addressesOf(name: string, servers: readonly string[] | undefined): Promise<LookupAddress[]> {
  // A new one each time knows the servers of the network that the machine is in now.
  const resolver = new Resolver({ timeout: askedForMs, tries: 2 });
  if (servers !== undefined) resolver.setServers(servers);
  const of = (family: 4 | 6, found: Promise<string[]>) =>
    found.then((addresses) => addresses.map((address) => ({ address, family })));
  const answers = await Promise.allSettled([of(4, resolver.resolve4(name)), of(6, resolver.resolve6(name))]);
  const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  const [first] = answers;
  if (found.length === 0 && first.status === 'rejected') throw first.reason;
  return found;
}
