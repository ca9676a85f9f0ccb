import { z } from 'zod';

/** What a person can be reached for now, the strongest first: of several claims the first one that holds is shown. */
export const reachStates = ['ringing', 'call', 'meeting', 'dnd', 'away', 'free', 'offline'] as const;
export type ReachState = (typeof reachStates)[number];

export const reachabilitySchema = z.object({
  personId: z.uuid(),
  state: z.enum(reachStates),
  /** When it ends, where that is known (ISO 8601). */
  until: z.string().nullable(),
  /** Since when it is so (ISO 8601); null for somebody never seen. */
  since: z.string().nullable(),
  /** Whether a telephone is registered, whatever the state. */
  telephone: z.boolean(),
  /** Whether a page is open somewhere, idle or not. */
  page: z.boolean(),
});
export type Reachability = z.infer<typeof reachabilitySchema>;

/** What can be claimed about a person. */
export const claimKinds = ['connection', 'telephone', 'ringing', 'call', 'meeting', 'dnd', 'away'] as const;
export type ClaimKind = (typeof claimKinds)[number];

export interface Claim {
  readonly orgId: string;
  readonly personId: string;
  readonly kind: ClaimKind;
  /** What it stands for (a connection, a call, a registration); one claim per person, kind and ref. */
  readonly ref: string;
  readonly until?: Date | null;
  /** A connection whose person has not touched anything for a while. */
  readonly idle?: boolean;
  /** Outlives the process that makes it (do-not-disturb, a registration with its own end); else it ends with it. */
  readonly lasting?: boolean;
}

/**
 * The one truth about whether a person can be reached now. Others claim what they know and release it; nobody stores
 * a state. A claim ends by release, at its `until`, or within 10 s of its process's death.
 */
export interface Reach {
  claim(claim: Claim): Promise<void>;
  release(claim: Pick<Claim, 'orgId' | 'personId' | 'kind' | 'ref'>): Promise<void>;
  /** Whether that is claimed now, whatever else hides it in the state. */
  holds(claim: Pick<Claim, 'orgId' | 'personId' | 'kind' | 'ref'>): Promise<boolean>;
  /** Whether a page of hers is in use: open somewhere, and touched within some minutes. */
  usesPage(orgId: string, personId: string): Promise<boolean>;
  statesOf(orgId: string, personIds: readonly string[]): Promise<Map<string, Reachability>>;
  /**
   * Told in every process, within a second, of whose state may have changed: the news, not the state, for news may be
   * late or lost, so ask `statesOf`.
   *
   * @returns how to hear no more.
   */
  onChanged(handler: (orgId: string, personIds: readonly string[]) => void): () => void;
}
