/**
 * Wakes other processes and carries requests to them. It may lose anything without harm to what is stored: the outbox
 * is read again by position, a request that gets no answer is *unknown* to its caller.
 *
 * Messages are JSON of at most `maxPayloadBytes`; subjects are words joined by dots.
 */
export interface Bus {
  /**
   * Delivered at most once to every subscriber in every process, this one included. `data` must be JSON. It never
   * throws for data: what is too large is logged and dropped, and so is, for other processes, what cannot be sent now.
   */
  publish(subject: string, data: unknown): void;
  /** @returns what ends the subscription. A throwing handler is logged and disturbs nobody. */
  subscribe(subject: string, handler: (data: unknown) => void): () => void;
  /** Answers requests on a subject. One process answers: subjects carry the name of the process they are for. */
  respond(subject: string, handler: (data: unknown) => Promise<unknown>): () => void;
  /**
   * @throws BusTimeout when nobody answered in time: what happened is then unknown.
   * @throws BusRefused when the handler threw, and `too-large` when the request or its answer was.
   */
  request(subject: string, data: unknown, options: { timeoutMs: number }): Promise<unknown>;
  /** True when other processes may be listening too. */
  readonly shared: boolean;
  close(): Promise<void>;
}

/** Nobody answered within the deadline; the request may or may not have been carried out. */
export class BusTimeout extends Error {
  override name = 'BusTimeout';
}

/** The other side answered with an error. */
export class BusRefused extends Error {
  override name = 'BusRefused';
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** As the log of the process, so far as a bus needs it. */
export interface BusLog {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}
