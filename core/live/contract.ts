import type { z } from 'zod';
import type {
  CommandDefinition,
  EventDefinition,
  OutboxEvent,
  PersonActor,
  SignalDefinition,
} from '../contract/index.ts';
import type { CommandContext } from './commands.ts';
import type { KeepsPages } from './sending-away.ts';

/**
 * Whom a signal is for: all pages of people, of a space's members, of an organisation (where guests may not see everything,
 * without theirs), or one page.
 */
export type SignalTarget =
  | { readonly personIds: readonly string[] }
  | { readonly spaceId: string }
  | { readonly orgId: string; readonly guests?: false }
  | { readonly connectionId: string };

/** One open page, as other modules may know it. */
export interface Connection {
  readonly id: string;
  readonly actor: PersonActor;
  readonly openedAt: Date;
}

/**
 * What turns committed events of one kind into what readers get: called once per process and batch, not per reader.
 * Answers in the order of `events`. `guests` are those whose pages of this process follow the stream.
 */
export type Presenter<Payload extends Record<string, unknown>> = (
  orgId: string,
  events: readonly OutboxEvent<Payload>[],
  guests: readonly string[],
) => Promise<readonly Presented[]>;

/** Those for whom an event is not see a hidden one, so that positions stay dense. */
export interface Presented {
  readonly data: unknown;
  /** It is for these people alone. */
  readonly only?: readonly string[];
  /** Of guests it is for these alone, and for everybody who is no guest. */
  readonly guests?: readonly string[];
}

export interface Live {
  command<P extends z.ZodType, R extends z.ZodType>(
    definition: CommandDefinition<P, R>,
    handler: (context: CommandContext, params: z.output<P>) => Promise<z.input<R>>,
  ): void;
  /** All commands answered so far: the tests of rights and of bad input are made from it. */
  commands(): readonly CommandDefinition[];
  present<Payload extends Record<string, unknown>>(
    event: EventDefinition<Payload>,
    presenter: Presenter<Payload>,
  ): void;
  /** Pushes to open pages in all processes; nobody who is not there gets it later. */
  signal<D extends z.ZodType>(target: SignalTarget, definition: SignalDefinition<D>, data: z.input<D>): void;
  /** Several signals of one kind at once: one message on the bus, and one write to each page. */
  signalAll<D extends z.ZodType>(
    target: SignalTarget,
    definition: SignalDefinition<D>,
    data: readonly z.input<D>[],
  ): void;
  /** To these pages of this process: for what each process finds out itself about the pages that it holds. */
  signalHere<D extends z.ZodType>(
    connectionIds: readonly string[],
    definition: SignalDefinition<D>,
    data: readonly z.input<D>[],
  ): void;
  /** Called in the process that holds the socket. */
  onOpen(handler: (connection: Connection) => void): void;
  onClose(handler: (connection: Connection) => void): void;
  /** Ends sockets in all processes: of a revoked session, or of everything a person has open. */
  cut(whom: { sessionId: string } | { personId: string }): void;
  /** Sockets open in this process. */
  connections(): readonly Connection[];
  /** Those of the pages it is asked about that it answers stay although their process drains: they are in the middle of something. */
  keepWhileDraining(keeps: KeepsPages): void;
  /**
   * Lets no page in any more, and sends those there are to other processes, spread over so many milliseconds; whoever is kept
   * follows when he no longer is.
   */
  drain(withinMs: number): void;
  start(): Promise<void>;
  stop(): Promise<void>;
}
