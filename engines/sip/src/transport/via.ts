import type { SipRequest } from '../message/message.ts';
import { formatVia } from '../message/typed-headers.ts';
import type { Flow } from './types.ts';

function bare(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host;
}

/** Notes in the top Via where the request really came from (RFC 3261 §18.2.1, RFC 3581 §4). */
export function markSource(request: SipRequest, flow: Flow): void {
  const via = request.topVia;
  const wantsPort = via.params.has('rport');
  if (!wantsPort && bare(via.host) === flow.remote.address) return;
  const params = new Map(via.params);
  if (wantsPort) params.set('rport', String(flow.remote.port));
  params.set('received', flow.remote.address.replace(/%.*$/, '')); // An IPv6 zone means nothing to others.
  const rest = request.headers.list('via').slice(1);
  request.headers.set('via', [formatVia({ ...via, params }), ...rest].join(', '));
}

/**
 * Where the response goes (RFC 3261 §18.2.2, RFC 3581 §4): back over the connection, or by UDP to where the request
 * came from. Without `rport`, a client that is plainly not behind a NAT gets it on the port that its Via names.
 * Departs from RFC 3261 §18.2.2: behind a NAT the source port is used even if `rport` was not asked for, since the port
 * in the Via means nothing on this side of the NAT.
 */
export function responseFlow(request: SipRequest, flow: Flow): Flow {
  if (flow.protocol !== 'udp') return flow;
  const via = request.topVia;
  if (via.params.has('rport') || bare(via.host) !== flow.remote.address) return flow;
  const port = via.port ?? 5060;
  return port === flow.remote.port ? flow : { ...flow, remote: { address: flow.remote.address, port } };
}
