import { mediaAddress } from '@liaison/core/config';
import { Problem } from '@liaison/core/contract';
import type { Core } from '@liaison/core/floor';
import type { People } from '@liaison/people';
import { isSipUri, type ReplacesHeader } from '@liaison/sip';
import type { EndReason } from '../../contract/index.ts';
import type { Call } from '../call.ts';
import { whoIsDialled } from '../dial-plan.ts';
import type { Leg, NamedCall, Referral } from '../leg.ts';
import { refusalStatus } from '../sip-leg.ts';
import type { Transfers } from './transfers.ts';

/** What a telephone may dial: a user part may hold any escaped sign (RFC 3261 §19.1.2), none of ours a control sign or more. */
export const isDialable = (text: string): boolean => text.length <= 254 && !/\p{Cc}/u.test(text);

const statusOf: Readonly<Record<string, number>> = {
  'transfer-offline': refusalStatus.offline,
  'transfer-busy': refusalStatus.busy,
  'transfer-do-not-disturb': refusalStatus['do-not-disturb'],
  'own-number': 486,
  'talks-already': 486,
  'same-person': 486,
  'not-found': 404,
  'call-gone': 481,
};

/** The status by which a telephone is told why its transfer came to nothing. */
const statusFor = (error: unknown): number =>
  error instanceof Problem ? (statusOf[error.code] ?? 503) : 500;

/**
 * Transfers that telephones ask for by REFER inside a call (RFC 3515, RFC 5589): blind by an address of ours, attended by
 * Replaces, which names another dialog of the same person with us. Answered 202; how it went is told by NOTIFY, and the
 * telephone hangs up, or we do a moment later.
 */
export function createReferrals({
  core,
  people,
  transfers,
  findCallOfDialog,
}: {
  core: Core;
  people: People;
  transfers: Pick<Transfers, 'transfer' | 'join'>;
  /** The call of a telephone's dialog with whatever process of ours, and whose telephone that is. */
  findCallOfDialog(dialog: ReplacesHeader): Promise<NamedCall | null>;
}): (call: Call, leg: Leg, referral: Referral) => void {
  const { db, settings, log } = core;

  async function attended(call: Call, personId: string, referral: Referral): Promise<void> {
    const other =
      referral.other === undefined
        ? referral.replaces && (await findCallOfDialog(referral.replaces))
        : referral.other;
    // Nobody takes part in another's call by naming it, nor learns that it exists.
    if (!other || other.personId !== personId || other.call.orgId !== call.orgId) return referral.reject(481);
    if (other.call.id === call.id) return referral.reject(482);
    referral.accept();
    await transfers.join(call.orgId, personId, call.id, other.call.id, true);
    referral.notify(200);
  }

  async function blind(call: Call, personId: string, referral: Referral): Promise<void> {
    const { uri } = referral.target;
    if (!isSipUri(uri) || !uri.user || !isDialable(uri.user)) return referral.reject(404);
    const { user } = uri;
    const host = uri.host.toLowerCase();
    const { isOurs, target } = await db.read(call.orgId, async (tx) => {
      const realm = await people.realmOf(tx);
      return {
        isOurs: [realm.toLowerCase(), mediaAddress(settings)].includes(host),
        target:
          (await whoIsDialled(people, tx, user)) ?? (await whoIsDialled(people, tx, `${user}@${realm}`)),
      };
    });
    // Calls that leave the house are not made for a telephone's transfer.
    if (!isOurs) return referral.reject(403, 'Foreign domain');
    referral.accept();
    if (!target) return referral.notify(404);
    await transfers.transfer(call, personId, target.id, {
      park: true,
      outcome(how) {
        referral.notify(how === 'ringing' ? 180 : how === 'answered' ? 200 : refusalStatus[how as EndReason]);
      },
    });
  }

  return (call, leg, referral) => {
    const { personId } = leg;
    // RFC 3515 §2.4.2: what it asks for must be a thing that we do.
    if (personId === null || referral.method !== 'INVITE') return referral.reject(501);
    const isAttended = referral.replaces !== undefined || referral.other !== undefined;
    const work = isAttended ? attended(call, personId, referral) : blind(call, personId, referral);
    work.catch((error: unknown) => {
      if (!(error instanceof Problem)) log.warn({ err: error, callId: call.id }, 'a transfer failed');
      const status = statusFor(error);
      // The one of the two that comes too late is ignored by the engine.
      referral.reject(status);
      referral.notify(status);
    });
  };
}
