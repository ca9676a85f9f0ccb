/** Something that lives in one process's memory: a call, a room, an open document, a telephone's flow. */
export interface Thing {
  readonly kind: string;
  readonly id: string;
  readonly orgId: string;
}

export interface CommandMeta {
  /** The owner's epoch; it rises with every change of owner. */
  readonly epoch: number;
  /** The same key is carried out once; a repeat gets the first answer. */
  readonly idempotencyKey: string;
}

export interface Ownership {
  readonly thing: Thing;
  readonly epoch: number;
  /** True until the lease lapsed or was given back; an owner asks before it acts. */
  readonly held: boolean;
  release(): Promise<void>;
}

/** The thing has another living owner. */
export class OwnedElsewhere extends Error {
  override name = 'OwnedElsewhere';
  readonly processId: string;
  constructor(processId: string) {
    super('another process owns this');
    this.processId = processId;
  }
}

/** Nobody answered in time: the command may or may not have been carried out. */
export class OutcomeUnknown extends Error {
  override name = 'OutcomeUnknown';
}

/** Nobody owns the thing (any more). */
export class NotOwned extends Error {
  override name = 'NotOwned';
}

/**
 * One owner per thing, by a lease in PostgreSQL that its process renews; commands go to the owner over the bus with a
 * deadline, the epoch and an idempotency key. On one process it is a function call.
 */
export interface Owned {
  /** This process, as other rows name it; a new id with every start. */
  readonly processId: string;
  /** @throws OwnedElsewhere while another process's lease holds. */
  claim(
    thing: Thing,
    handlers: {
      command(name: string, params: unknown, meta: CommandMeta): Promise<unknown>;
      /** The lease lapsed (this process was too slow, or cut off): stop at once, somebody else may have it. */
      lost(): void;
    },
  ): Promise<Ownership>;
  /**
   * @throws NotOwned, OutcomeUnknown; what the owner threw as a Problem comes back as a Problem.
   */
  send(
    thing: Thing,
    command: string,
    params: unknown,
    options?: { timeoutMs?: number; idempotencyKey?: string },
  ): Promise<unknown>;
  ownerOf(thing: Thing): Promise<string | null>;
  /** Called in every process when a process was found dead, once its leases have lapsed (within 10 s of a kill). */
  onProcessLost(handler: (processId: string) => void): void;
  start(): Promise<void>;
  stop(): Promise<void>;
}
