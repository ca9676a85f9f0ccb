export type Protocol = 'udp' | 'tcp' | 'tls' | 'ws' | 'wss';

/** PEM texts. `ca` and `verifyServers` concern the connections that we open. */
export interface TlsOptions {
  certificate: string | Buffer;
  key: string | Buffer;
  /** Certificates of those who may sign a server's, instead of the machine's list. */
  ca?: string | Buffer | readonly (string | Buffer)[];
  /** Refuse servers whose certificate is not for the domain asked for (RFC 5922 §7.2). Default true. */
  verifyServers?: boolean;
  /**
   * Ask clients for a certificate, signed by one of `ca`. It is never demanded: the domains that it proves are in
   * `Flow.provenDomains` (RFC 5922 §7.3), for `authenticate` to judge.
   */
  askClientCertificate?: boolean;
}

interface Listening {
  /** Address to bind; `::` takes IPv4 too. */
  host: string;
  /** 0 is any free port. */
  port: number;
}

/**
 * One listening socket. A WebSocket transport `withoutListener` opens none: its sockets are handed over by
 * `UserAgent.acceptUpgrade`, so that a web server which listens already serves them.
 */
export type TransportOptions =
  | ({ protocol: 'udp' | 'tcp' } & Listening)
  | ({ protocol: 'tls'; tls: TlsOptions } & Listening)
  | ({ protocol: 'ws' } & Listening)
  | ({ protocol: 'wss'; tls: TlsOptions } & Listening)
  | { protocol: 'ws' | 'wss'; withoutListener: true };

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
  /** SIP domains that the peer's certificate proves, when it was asked for one and it is valid. */
  readonly provenDomains?: readonly string[];
}

/** What a transport tells its user. `bytes` is one datagram, one WebSocket message or one message cut from a stream. */
export interface TransportEvents {
  /**
   * A datagram, before anything else is done about it. What is answered is sent back to where it came from, and that is all;
   * null: nothing is done. The address is plain.
   */
  glanced?(bytes: Buffer, address: string, port: number): Buffer | null | undefined;
  received(bytes: Buffer, flow: Flow): void;
  /** A stream connection is gone. */
  closed(flow: Flow): void;
  /** Something that only the log needs to know; `debug` unless told. */
  noted(message: string, fields: Record<string, unknown>, level?: 'debug' | 'info' | 'warn'): void;
}

/** One listening socket and what it has opened. `stop` closes all of it. */
export interface Transport {
  readonly protocol: Protocol;
  /** Where it listens; known once started. */
  readonly local: Endpoint;
  start(): Promise<void>;
  stop(): Promise<void>;
  /**
   * The flow to an address (an IP address, not a name); a stream connects, or uses the connection it has opened
   * before. `serverName` is the domain that was asked for: TLS checks it.
   */
  open(remote: Endpoint, serverName?: string): Flow;
  isOpen(flow: Flow): boolean;
  /** `failed` is called later and at most once; never throws. */
  send(flow: Flow, bytes: Buffer, failed: (error: Error) => void): void;
  /** The peer of this flow has signed in: its connection may stay idle for long. */
  vouch?(flow: Flow): void;
  /** Sends something to itself that waits where received messages wait; `back` is called when it is read, if ever. */
  probe?(back: () => void): boolean;
  /** How many messages were lost since it was asked last because nobody read them in time; 0 where nobody knows. */
  lost?(): Promise<number>;
  /** How many were lost so since it listens; undefined where nobody knows. */
  dropped?(): Promise<number | undefined>;
  /** What was asked of the system to hold unread messages in, and what it granted. */
  readonly receiveQueue?: ReceiveQueue | undefined;
}

export interface ReceiveQueue {
  readonly askedBytes: number;
  readonly grantedBytes: number;
}
