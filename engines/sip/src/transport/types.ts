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
