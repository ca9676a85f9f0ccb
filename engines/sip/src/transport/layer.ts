import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { SipMessage } from '../message/message.ts';
import { parseMessage } from '../message/parse.ts';
import { ParseError } from '../message/parse-error.ts';
import type { SipUri } from '../message/uri.ts';
import { createTcpTransport, type TcpLimits } from './tcp.ts';
import type { Endpoint, Flow, Protocol, Transport, TransportEvents, TransportOptions } from './types.ts';
import { createUdpTransport } from './udp.ts';
import { markSource } from './via.ts';

export interface TransportLayerEvents {
  received(message: SipMessage, flow: Flow): void;
  /** A request with a fault, when `error.request` is set; otherwise nobody can be answered. */
  malformed(error: ParseError, flow: Flow): void;
  closed(flow: Flow): void;
  noted(message: string, fields: Record<string, unknown>): void;
}

export interface TransportLayer {
  start(): Promise<void>;
  stop(): Promise<void>;
  send(flow: Flow, bytes: Buffer, failed: (error: Error) => void): void;
  isOpen(flow: Flow): boolean;
  /** The flow towards a URI's host; rejects when there is no such transport or name. */
  openTo(uri: SipUri): Promise<Flow>;
  /** Host and port that others reach us at over this protocol, for Via and Contact; an IPv6 host is bracketed. */
  sentBy(protocol: Protocol): { host: string; port: number };
  port(protocol: Protocol): number | undefined;
}

export function createTransportLayer(
  options: {
    transports: readonly TransportOptions[];
    advertise?: string | undefined;
    limits?: TcpLimits | undefined;
  },
  events: TransportLayerEvents,
): TransportLayer {
  const below: TransportEvents = { received: receive, closed: events.closed, noted: events.noted };
  const transports: Transport[] = options.transports.map((transport) =>
    transport.protocol === 'udp'
      ? createUdpTransport(transport, below)
      : createTcpTransport(transport, options.limits ?? {}, below),
  );

  function receive(bytes: Buffer, flow: Flow): void {
    let message: SipMessage;
    try {
      message = parseMessage(bytes);
      if (message.kind === 'request') markSource(message, flow);
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      if (error.request) markSource(error.request, flow);
      events.malformed(error, flow);
      return;
    }
    events.received(message, flow);
  }

  function forFlow(flow: Flow): Transport | undefined {
    const same = transports.filter((transport) => transport.protocol === flow.protocol);
    return same.find((transport) => transport.local.port === flow.local.port) ?? same[0];
  }

  function forProtocol(protocol: Protocol): Transport | undefined {
    return transports.find((transport) => transport.protocol === protocol);
  }

  return {
    async start() {
      try {
        for (const transport of transports) await transport.start();
      } catch (error) {
        await Promise.all(transports.map((transport) => transport.stop()));
        throw error;
      }
    },
    async stop() {
      await Promise.all(transports.map((transport) => transport.stop()));
    },
    send(flow, bytes, failed) {
      const transport = forFlow(flow);
      if (transport) transport.send(flow, bytes, failed);
      else queueMicrotask(() => failed(new Error(`No ${flow.protocol} transport`)));
    },
    isOpen: (flow) => forFlow(flow)?.isOpen(flow) ?? false,
    async openTo(uri) {
      // RFC 3261 §26.2.2: a sips URI must not go out in the clear.
      const wanted = uri.params.get('transport')?.toLowerCase() ?? (uri.scheme === 'sips' ? 'tls' : 'udp');
      const transport = forProtocol(wanted as Protocol);
      if (!transport || uri.scheme === 'sips')
        throw new Error(`No transport for ${uri.scheme} over ${wanted}`);
      return transport.open(await resolve(uri, transport.local));
    },
    sentBy(protocol) {
      const local = forProtocol(protocol)?.local ?? { address: '127.0.0.1', port: 5060 };
      const host = options.advertise ?? reachable(local.address);
      return { host: isIP(host) === 6 ? `[${host}]` : host, port: local.port };
    },
    port: (protocol) => forProtocol(protocol)?.local.port,
  };
}

/** TODO(RFC 3263): NAPTR and SRV; until then the host's address. */
async function resolve(uri: SipUri, local: Endpoint): Promise<Endpoint> {
  const host = uri.host.startsWith('[') ? uri.host.slice(1, -1) : uri.host;
  const port = uri.port ?? 5060;
  if (isIP(host)) return { address: host, port };
  const { address } = await lookup(host, { family: isIP(local.address) === 6 ? 0 : 4 });
  return { address, port };
}

/** A socket bound to every address is known by the first one that leaves the machine. */
function reachable(address: string): string {
  if (address !== '0.0.0.0' && address !== '::') return address;
  const family = address === '::' ? 'IPv6' : 'IPv4';
  for (const addresses of Object.values(networkInterfaces())) {
    const outward = addresses?.find((one) => one.family === family && !one.internal);
    if (outward) return outward.address;
  }
  return family === 'IPv6' ? '::1' : '127.0.0.1';
}
