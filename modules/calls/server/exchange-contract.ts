import type { PersonActor } from '@liaison/core/contract';
import type { InviteSession, ReplacesHeader } from '@liaison/sip';
import type { CallView } from '../contract/index.ts';
import type { Call } from './call.ts';
import type { NamedCall } from './leg.ts';
import type { Order } from './orders.ts';
import type { Principal } from './registrations.ts';

/** The calls of this process, and the way to those of others. */
export interface Exchange {
  /** A page rings somebody. */
  startFromPage(actor: PersonActor, connectionId: string, to: string): Promise<CallView>;
  /** A telephone rings somebody. */
  startFromTelephone(session: InviteSession, principal: Principal): Promise<void>;
  /** The call, here or elsewhere, that a telephone's dialog with this process belongs to. */
  callOfDialog(dialog: ReplacesHeader): NamedCall | null;
  /** The same of a dialog with any process. */
  findCallOfDialog(dialog: ReplacesHeader): Promise<NamedCall | null>;
  /** Hands the other one of a call over to whoever is meant by what was typed. */
  transfer(actor: PersonActor, callId: string, to: string): Promise<void>;
  /** Joins the others of two calls of hers. */
  join(actor: PersonActor, callId: string, withId: string): Promise<void>;
  /** Carries an order to the call's owner, wherever that is. */
  order(orgId: string, callId: string, order: Order): Promise<unknown>;
  /**
   * Her calls, wherever they are. One whose process does not answer (it may be dying) is left out with `skip`.
   *
   * @throws Problem 503 `outcome-unknown` for such a one with `refuse`.
   */
  viewsFor(orgId: string, personId: string, silent: 'refuse' | 'skip'): Promise<CallView[]>;
  /** The call, where this process owns it. */
  callHere(callId: string): Call | undefined;
  /** Ends every call of this process. */
  stop(): Promise<void>;
  readonly running: number;
}
