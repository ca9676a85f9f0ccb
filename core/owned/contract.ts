/** Something that lives in one process's memory: a call, a room, an open document, a telephone's flow. */
export interface Thing {
  /** At most 60 characters. */
  readonly kind: string;
  /** At most 200 characters. */
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
  /** Gives the thing back: somebody else may claim it at once. `lost()` is not called. */
  release(): Promise<void>;
}

export interface OwnerHandlers {
  /** Throw a Problem to refuse: it reaches the sender as one. Anything else arrives as 500 `command-failed`. */
  command(name: string, params: unknown, meta: CommandMeta): Promise<unknown>;
  /** The lease lapsed (this process was too slow, or cut off): stop at once, somebody else may have it. */
  lost(): void;
}

/** The thing has another living owner, or is already owned in this process. */
export class OwnedElsewhere extends Error {
  override name = 'OwnedElsewhere';
  /** Equal to one's own `processId` when this process has it already. */
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
  /**
   * This process, as other rows name it; a new id with every start, and another one after this process was taken for
   * dead and joined again. Read it when you need it and do not keep it.
   */
  readonly processId: string;
  /**
   * @throws OwnedElsewhere while another process's lease holds, or when this process already has it.
   * @throws Problem 503 `not-running` before `start`, after `stop` and while this process has no lease of its own; 503
   *   `draining` after `drain`, but for what is this process's own (a thing named by its `processId`).
   */
  claim(thing: Thing, handlers: OwnerHandlers): Promise<Ownership>;
  /**
   * Params and results are JSON, also within one process. Deadline 5 s unless told.
   *
   * @throws NotOwned, OutcomeUnknown; what the owner threw as a Problem comes back as a Problem.
   */
  send(
    thing: Thing,
    command: string,
    params: unknown,
    options?: { timeoutMs?: number; idempotencyKey?: string },
  ): Promise<unknown>;
  /** The living owner's process. */
  ownerOf(thing: Thing): Promise<string | null>;
  /** Which of these things of one kind, of whatever organisation, have a living owner: one question for many. */
  owned(kind: string, ids: readonly string[]): Promise<Set<string>>;
  /**
   * Living processes with a duty, by their ids; the one that asks may be among them. `taking`: without those that drain, for
   * whoever has something new for one of them.
   */
  processesWith(duty: string, options?: { taking?: boolean }): Promise<string[]>;
  /** Ids of processes on this machine, living or lately dead: who holds a port here now has followed them. */
  processesOfThisHost(): Promise<string[]>;
  /**
   * Called once in every process for each process that was found dead, once its leases have lapsed (within 10 s of a
   * kill). A process that was taken for dead itself is told of its own earlier id after it has joined again. A clean
   * stop is no loss. A process that starts is told of those of the last day, so that nothing is forgotten where
   * everybody died: handlers clean up and do not count.
   */
  onProcessLost(handler: (processId: string) => void): void;
  start(): Promise<void>;
  /** Takes nothing new on until the next `start`. What this process has it keeps, and answers for. */
  drain(): Promise<void>;
  readonly draining: boolean;
  /** How this machine's clock differs from the database's, in words, once that is more than some seconds; else null. */
  readonly clockFault: string | null;
  /** Gives everything back at once. */
  stop(): Promise<void>;
}
