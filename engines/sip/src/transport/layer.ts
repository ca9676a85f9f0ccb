import { isIP, isIPv4, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { SipMessage } from '../message/message.ts';
import { parseMessage } from '../message/parse.ts';
import { ParseError } from '../message/parse-error.ts';
import type { SipUri } from '../message/uri.ts';
import { type ConnectionLimits, createConnectionBudget } from './limits.ts';
import { locate, type Target } from './locate.ts';
import type { MessageObserver } from './observer.ts';
import { createCachingResolver, createSystemResolver, type Resolver } from './resolver.ts';
import { createTcpTransport } from './tcp.ts';
import { createTlsTransport } from './tls.ts';
import type {
  Endpoint,
  Flow,
  Protocol,
  ReceiveQueue,
  Transport,
  TransportEvents,
  TransportOptions,
} from './types.ts';
import { createUdpTransport } from './udp.ts';
import { markSource } from './via.ts';
import { createWebSocketTransport, type WebSocketTransport } from './websocket.ts';

export interface TransportLayerEvents {
  /** See `TransportEvents.glanced`; such a datagram is not observed either. */
  glanced?: TransportEvents['glanced'];
  received(message: SipMessage, flow: Flow): void;
  /** A request with a fault, when `error.request` is set; otherwise nobody can be answered. */
  malformed(error: ParseError, flow: Flow): void;
  closed(flow: Flow): void;
  noted: TransportEvents['noted'];
}

export interface TransportLayer {
  start(): Promise<void>;
  stop(): Promise<void>;
  send(flow: Flow, bytes: Buffer, failed: (error: Error) => void): void;
  isOpen(flow: Flow): boolean;
  /**
   * The flow towards a URI's host, for a request of that size; rejects when there is no such transport or name.
   * Of several places (RFC 3263 §4) the first that was not `avoid`ed lately.
   */
  openTo(uri: SipUri, bytes?: number): Promise<Flow>;
  /** Whoever is at the other end of this flow could not be reached. */
  avoid(flow: Flow): void;
  /** Host and port that the peer of this flow reaches us at, for Via and Contact; an IPv6 host is bracketed. */
  sentBy(flow: Flow): { host: string; port?: number };
  port(protocol: Protocol): number | undefined;
  /** The peer of this flow has signed in. */
  vouch(flow: Flow): void;
  /** The transport that takes sockets over, secure ones and others; the other kind where there is but one. */
  webSocket(isSecure: boolean): WebSocketTransport | undefined;
  setCertificate(certificate: string | Buffer, key: string | Buffer): void;
  /** See `Transport.probe`; of the datagram transport, whose queue nobody else holds back. */
  probe(back: () => void): boolean;
  /** See `Transport.lost`; of all of them. */
  lost(): Promise<number>;
  /** See `Transport.dropped`; of all that know. */
  dropped(): Promise<number | undefined>;
  readonly receiveQueue: ReceiveQueue | undefined;
}

/** RFC 3261 §18.1.1: greater ones would be cut into fragments, or lost. */
const maxDatagramBytes = 1300;
/** A place that failed is asked last for so long (RFC 3263 §4.3). */
const avoidMs = 60_000;
const maxAvoided = 1000;
/** A machine that gets another address is known by it after so long. */
const reachedAtMs = 2000;

export function createTransportLayer(
  options: {
    transports: readonly TransportOptions[];
    advertise?: string | undefined;
    limits?: ConnectionLimits | undefined;
    observer?: MessageObserver | undefined;
    resolver?: Resolver | undefined;
    now(): number;
  },
  events: TransportLayerEvents,
): TransportLayer {
  const { observer, now } = options;
  const limits = options.limits ?? {};
  const budget = createConnectionBudget(limits);
  const below: TransportEvents = {
    ...(events.glanced && { glanced: events.glanced }),
    received: receive,
    closed: events.closed,
    noted: events.noted,
  };
  const transports = options.transports.map(createTransport);
  const resolver = createCachingResolver(options.resolver ?? createSystemResolver(), now);
  /** Places that failed, and until when they are avoided. */
  const avoided = new Map<string, number>();
  /** What the machine was known by lately: asking it takes as long as all else of a message. */
  const reachedAt = new Map<'IPv4' | 'IPv6', { address: string; untilMs: number }>();

  function createTransport(transport: TransportOptions): Transport {
    if (transport.protocol === 'udp') return createUdpTransport(transport, below, now);
    if (transport.protocol === 'tcp') return createTcpTransport(transport, limits, budget, below);
    if (transport.protocol === 'tls') return createTlsTransport(transport, limits, budget, below);
    const { protocol } = transport;
    const listener = 'withoutListener' in transport ? undefined : transport;
    const tls = 'tls' in transport ? transport.tls : undefined;
    return createWebSocketTransport({ protocol, listener, tls }, limits, budget, below);
  }

  function receive(bytes: Buffer, flow: Flow): void {
    observer?.({ direction: 'in', flow, bytes, timeMs: now() });
    let message: SipMessage;
    try {
      // RFC 7118 §5: one WebSocket message is one SIP message.
      message = parseMessage(bytes, { isWhole: flow.protocol === 'ws' || flow.protocol === 'wss' });
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
    const { address, port } = flow.local;
    let found: Transport | undefined;
    for (const transport of transports) {
      if (transport.protocol !== flow.protocol) continue;
      const { local } = transport;
      if (local.port === port && local.address === address) return transport;
      if (!found || (local.port === port && found.local.port !== port)) found = transport;
    }
    return found;
  }

  function forProtocol(protocol: Protocol, address?: string): Transport | undefined {
    const same = transports.filter((transport) => transport.protocol === protocol);
    return same.find(({ local }) => address === undefined || canReach(local.address, address));
  }

  function families(): Map<Protocol, (4 | 6)[]> {
    const found = new Map<Protocol, (4 | 6)[]>();
    for (const { protocol, local } of transports) {
      const reached: (4 | 6)[] = isIPv4(local.address) ? [4] : local.address === '::' ? [4, 6] : [6];
      const all = local.address.endsWith('.invalid') ? ([4, 6] as const) : reached;
      found.set(protocol, [...new Set([...(found.get(protocol) ?? []), ...all])].sort());
    }
    return found;
  }

  /** The host that is put into Via and Contact towards a peer: never an address of the other family. */
  function ownHost(own: string, remote: string): string {
    const { advertise } = options;
    const isOtherFamily = advertise !== undefined && isIPv6(remote) && isIPv4(advertise);
    if (advertise !== undefined && !isOtherFamily) return advertise;
    if (own !== '0.0.0.0' && own !== '::') return own;
    const family = isIPv6(remote) ? 'IPv6' : 'IPv4';
    const known = reachedAt.get(family);
    if (known && known.untilMs > now()) return known.address;
    const address = reachable(family);
    reachedAt.set(family, { address, untilMs: now() + reachedAtMs });
    return address;
  }

  function isAvoided({ protocol, remote }: Target): boolean {
    return (avoided.get(placeKey(protocol, remote)) ?? 0) > now();
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
      if (!transport) {
        queueMicrotask(() => failed(new Error(`No ${flow.protocol} transport`)));
        return;
      }
      observer?.({ direction: 'out', flow, bytes, timeMs: now() });
      transport.send(flow, bytes, failed);
    },
    isOpen: (flow) => forFlow(flow)?.isOpen(flow) ?? false,
    async openTo(uri, bytes = 0) {
      const found = await locate(uri, { resolver, families: families(), random: Math.random });
      const targets = bytes > maxDatagramBytes ? found.flatMap(preferStream(uri)) : found;
      const target = targets.find((one) => !isAvoided(one)) ?? targets[0];
      const transport = target && forProtocol(target.protocol, target.remote.address);
      if (!transport) throw new Error(`No way to ${uri.scheme}:${uri.host}`);
      const host = bareHost(uri);
      return transport.open(target.remote, isIP(host) ? undefined : host);
    },
    avoid(flow) {
      if (avoided.size >= maxAvoided) avoided.clear();
      avoided.set(placeKey(flow.protocol, flow.remote), now() + avoidMs);
    },
    sentBy(flow) {
      const local = forFlow(flow)?.local ?? flow.local;
      if (local.address.endsWith('.invalid')) return { host: local.address };
      const host = ownHost(local.address, flow.remote.address);
      return { host: isIPv6(host) ? `[${host}]` : host, port: local.port };
    },
    port(protocol) {
      const port = forProtocol(protocol)?.local.port;
      return port === 0 ? undefined : port;
    },
    vouch: (flow) => forFlow(flow)?.vouch?.(flow),
    probe: (back) => transports.find(({ probe }) => probe)?.probe?.(back) ?? false,
    async lost() {
      const counts = await Promise.all(transports.map((transport) => transport.lost?.() ?? 0));
      return counts.reduce((sum, count) => sum + count, 0);
    },
    async dropped() {
      const counts = await Promise.all(transports.map((transport) => transport.dropped?.()));
      const known = counts.filter((count) => count !== undefined);
      return known.length === 0 ? undefined : known.reduce((sum, count) => sum + count, 0);
    },
    get receiveQueue() {
      return transports.find(({ receiveQueue }) => receiveQueue)?.receiveQueue;
    },
    webSocket(isSecure) {
      const all = transports.filter(isWebSocket);
      return all.find(({ protocol }) => (protocol === 'wss') === isSecure) ?? all[0];
    },
    setCertificate(certificate, key) {
      for (const transport of transports) {
        if ('setCertificate' in transport) {
          (transport as WebSocketTransport).setCertificate(certificate, key);
        }
      }
    },
  };
}

function isWebSocket(transport: Transport): transport is WebSocketTransport {
  return 'acceptUpgrade' in transport;
}

function bareHost(uri: SipUri): string {
  return uri.host.startsWith('[') ? uri.host.slice(1, -1) : uri.host;
}

function canReach(own: string, remote: string): boolean {
  return own === '::' || own.endsWith('.invalid') || isIP(own) === isIP(remote);
}

function placeKey(protocol: Protocol, remote: Endpoint): string {
  return `${protocol} ${remote.address} ${remote.port}`;
}

/** RFC 3261 §18.1.1: by TCP first, where the URI leaves the choice; by UDP after all where TCP is refused. */
function preferStream(uri: SipUri): (target: Target) => Target[] {
  const isNamed = uri.params.has('transport');
  return (target) =>
    target.protocol === 'udp' && !isNamed ? [{ ...target, protocol: 'tcp' }, target] : [target];
}

/** A socket bound to every address is known by the first one that leaves the machine. */
function reachable(family: 'IPv4' | 'IPv6'): string {
  for (const addresses of Object.values(networkInterfaces())) {
    const outward = addresses?.find(
      (one) => one.family === family && !one.internal && !one.address.startsWith('fe80:'),
    );
    if (outward) return outward.address;
  }
  return family === 'IPv6' ? '::1' : '127.0.0.1';
}
