import type { NameAddr } from './name-addr.ts';
import type { Params } from './params.ts';
import { isSipUri, type Uri } from './uri.ts';

/*
 * What is read of a message is a piece of its text to V8, and keeps the whole. What outlives its message is copied.
 */

/** The same text, without that which it was cut from. */
export function detached(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

/** Shared: most addresses have no parameters. Nobody adds to those of an address. */
const noParams: Params = new Map();

function detachedParams(params: Params): Params {
  if (params.size === 0) return noParams;
  return new Map(
    [...params].map(([name, value]) => [detached(name), value === null ? null : detached(value)]),
  );
}

export function detachedUri<Kind extends Uri>(uri: Kind): Kind;
export function detachedUri(uri: Uri): Uri {
  if (!isSipUri(uri)) return { scheme: detached(uri.scheme), opaque: detached(uri.opaque) };
  return {
    scheme: uri.scheme,
    ...(uri.user !== undefined && { user: detached(uri.user) }),
    ...(uri.password !== undefined && { password: detached(uri.password) }),
    host: detached(uri.host),
    ...(uri.port !== undefined && { port: uri.port }),
    params: detachedParams(uri.params),
    ...(uri.headers !== undefined && { headers: detached(uri.headers) }),
  };
}

export function detachedAddress({ displayName, uri, params }: NameAddr): NameAddr {
  return {
    ...(displayName !== undefined && { displayName: detached(displayName) }),
    uri: detachedUri(uri),
    params: detachedParams(params),
  };
}
