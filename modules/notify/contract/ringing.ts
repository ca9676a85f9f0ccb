/** A call that rings for somebody. */
export interface RingingCall {
  readonly orgId: string;
  readonly personId: string;
  readonly callId: string;
  /** Who calls, as she is shown it. */
  readonly from: string;
  /** When it will have rung long enough. */
  readonly until: Date;
}

/** Pages that are closed, and whose browsers may be woken: what a call asks, in the process that owns it. */
export interface ClosedPages {
  /** Whether a call now would wake one: a browser of hers is subscribed, and she has no quiet hours in which calls are silent. */
  mayRing(orgId: string, personId: string): Promise<boolean>;
  /** Wakes them. Nobody waits for it; what fails is as if nobody had picked up. */
  ring(call: RingingCall): void;
  /** It rings no more: answered, refused or given up. Heard after `ring`, however long that takes. */
  stopRinging(call: Pick<RingingCall, 'orgId' | 'personId' | 'callId'>): void;
}
