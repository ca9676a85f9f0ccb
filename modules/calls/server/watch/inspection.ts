/** What a call says of itself to an administrator; made by the process that holds it. */
export interface CallInspection {
  readonly state: 'ringing' | 'connected' | 'ended';
  /** How the sound goes; null before it does. */
  readonly path: 'direct' | 'relay' | null;
  readonly legs: readonly {
    /** Also the name of its end in the relay. */
    readonly id: string;
    readonly role: 'caller' | 'callee' | 'rings';
    readonly kind: string;
    readonly personId: string | null;
    readonly held: boolean;
  }[];
}
