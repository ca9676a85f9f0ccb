/** A room full of connected members, of whichever server: what the generator drives. */
export interface Room {
  readonly size: number;
  /** Says something as one of the members; settles when the server has acknowledged it. */
  send(member: number, number: number): Promise<void>;
  /** Told for each message that reaches a member, her own included. */
  onReceived(handler: (member: number, number: number) => void): void;
  close(): void;
}

/** What the generator is told by the benchmark, one at a time. */
export type Order =
  | { readonly do: 'open'; readonly room: RoomPlace }
  | { readonly do: 'step'; readonly room: string; readonly perSecond: number; readonly seconds: number }
  | { readonly do: 'close'; readonly room: string };

export type RoomPlace =
  | {
      readonly kind: 'liaison';
      readonly name: string;
      readonly url: string;
      readonly conversationId: string;
      readonly cookies: readonly string[];
    }
  | {
      readonly kind: 'xmpp';
      readonly name: string;
      readonly port: number;
      readonly room: string;
      readonly size: number;
    };

export interface Step {
  readonly sent: number;
  readonly acknowledged: number;
  readonly delivered: number;
  /** Milliseconds from sending to receipt, over all members and messages; what never came counts as infinite. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** From the first message to the last delivery. */
  readonly seconds: number;
  /** Processor time of the generator in it. */
  readonly generatorCpuSeconds: number;
}

export type Answer =
  | { readonly ok: true; readonly step?: Step }
  | { readonly ok: false; readonly error: string };
