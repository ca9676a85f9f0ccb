/** TLS and WebSocket come as further transports behind the same interface. */
export type Protocol = 'udp' | 'tcp' | 'tls' | 'ws' | 'wss';

export interface TransportOptions {
  protocol: 'udp' | 'tcp';
  /** Address to bind. */
  host: string;
  /** 0 is any free port. */
  port: number;
}

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/**
 * A path to one peer: a UDP socket of ours and the peer's address, or one stream connection (RFC 5626 §2). Plain data:
 * a registration stores it. `id` is unique within the process for a connection, and says the same thing again after a
 * restart for UDP.
 */
export interface Flow {
  readonly id: string;
  readonly protocol: Protocol;
  readonly remote: Endpoint;
  readonly local: Endpoint;
}

/** What a transport tells its user. `bytes` is one datagram or one message cut from a stream. */
export interface TransportEvents {
  received(bytes: Buffer, flow: Flow): void;
  /** A stream connection is gone. */
  closed(flow: Flow): void;
  /** Something that only the log needs to know. */
  noted(message: string, fields: Record<string, unknown>): void;
}

/** One listening socket and what it has opened. `stop` closes all of it. */
export interface Transport {
  readonly protocol: Protocol;
  /** Where it listens; known once started. */
  readonly local: Endpoint;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The flow to an address (an IP address, not a name); a stream connects, or uses the connection it has opened before. */
  open(remote: Endpoint): Flow;
  isOpen(flow: Flow): boolean;
  /** `failed` is called later and at most once; never throws. */
  send(flow: Flow, bytes: Buffer, failed: (error: Error) => void): void;
}
