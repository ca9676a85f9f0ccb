import type { SipUri } from '../message/uri.ts';
import type { Flow } from '../transport/types.ts';
import type { AgentContext } from './context.ts';

/** How many of a domain's servers are tried for one request. */
const maxPlaces = 3;

/**
 * The servers of a domain that one request is sent to, one after the other (RFC 3263 §4.3): the next one where a server
 * cannot be reached, does not answer at all, or answers 503. Never one of them twice.
 */
export interface Places {
  /** The flow to go over; undefined: every place was tried. Rejects when there is no way at all. */
  open(hop: SipUri, bytes: number): Promise<Flow | undefined>;
  /** Whoever is there does not serve: whether it is worth while to `open` another. */
  failed(flow: Flow): boolean;
}

/** `given`: the one flow that leads there, as of a registration; there is no other place then. */
export function createPlaces(context: AgentContext, given: Flow | undefined): Places {
  const tried = new Set<string>();
  return {
    async open(hop, bytes) {
      const flow = await context.openFlow(given, hop, bytes);
      const { address, port } = flow.remote;
      const place = `${flow.protocol} ${address} ${port}`;
      if (tried.has(place)) return undefined;
      tried.add(place);
      return flow;
    },
    failed(flow) {
      if (given) return false;
      context.avoid(flow);
      return tried.size < maxPlaces;
    },
  };
}
