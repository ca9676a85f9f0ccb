import { isIP } from 'node:net';
import type { SipRequest } from '../message/message.ts';
import { ParseError } from '../message/parse-error.ts';
import { parseVia, type Via } from '../message/typed-headers.ts';
import type { Flow } from './types.ts';

/** A request passes fewer proxies of ours. */
const maxVias = 10;

/**
 * The address that a request began its way to us at, as far as that can be believed: each trusted proxy notes in the Via below
 * its own where it had the request from (RFC 3261 §18.2.1), and what lies below the first who is not trusted is anybody's word.
 */
export function originOf(
  request: SipRequest,
  flow: Pick<Flow, 'remote'>,
  trusts: (address: string) => boolean,
): string {
  let address = flow.remote.address;
  if (!trusts(address)) return address;
  for (const via of belowOf(request)) {
    const noted = via.params.get('received') ?? via.host;
    const bare = noted.startsWith('[') ? noted.slice(1, -1) : noted;
    // A proxy adds `received` wherever the host is a name, so this one is not to be believed after all.
    if (isIP(bare) === 0) return address;
    address = bare;
    if (!trusts(address)) return address;
  }
  return address;
}

function belowOf(request: SipRequest): Via[] {
  try {
    return request.headers.list('via').slice(1, maxVias).map(parseVia);
  } catch (error) {
    if (error instanceof ParseError) return [];
    throw error;
  }
}
