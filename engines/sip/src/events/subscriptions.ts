import { SipRefusal } from '../refusal.ts';
import type { ServerTransaction } from '../transaction/types.ts';
import type { Flow } from '../transport/types.ts';
import type { AgentContext } from '../user-agent/context.ts';
import { parseEvent } from './event-header.ts';
import { createIncomingSubscription } from './subscription.ts';
import type { IncomingSubscription, SubscriptionLimits } from './types.ts';

/** The subscriptions of one user agent: who gets one, and how many there are. */
export interface Subscriptions {
  /** Throws SipRefusal. */
  open(
    transaction: ServerTransaction,
    flow: Flow,
    principal: unknown,
    localTag: string,
  ): IncomingSubscription;
  readonly size: number;
  /** Tells all that this program stops: they may subscribe anew at once. Resolves when they have answered. */
  stop(): Promise<void>;
}

export function createSubscriptions(
  context: AgentContext,
  packages: readonly string[],
  limits: SubscriptionLimits = {},
): Subscriptions {
  const all = new Set<ReturnType<typeof createIncomingSubscription>>();
  const perPeer = new Map<string, number>();
  const maxAll = limits.subscriptions ?? 20_000;
  const maxPerPeer = limits.subscriptionsPerPeer ?? 1_000;

  return {
    get size() {
      return all.size;
    },
    open(transaction, flow, principal, localTag) {
      const { package: name } = parseEvent(transaction.request);
      if (!packages.includes(name)) {
        throw new SipRefusal(489, 'Bad Event', [['allow-events', packages.join(', ')]]);
      }
      const { address } = flow.remote;
      const count = perPeer.get(address) ?? 0;
      if (all.size >= maxAll || count >= maxPerPeer) {
        throw new SipRefusal(503, 'Too Many Subscriptions', [['retry-after', '60']]);
      }
      const subscription = createIncomingSubscription(context, transaction, flow, principal, localTag, () => {
        all.delete(subscription);
        const left = (perPeer.get(address) ?? 1) - 1;
        if (left === 0) perPeer.delete(address);
        else perPeer.set(address, left);
      });
      all.add(subscription);
      perPeer.set(address, count + 1);
      return subscription;
    },
    async stop() {
      const open = [...all];
      for (const subscription of open) subscription.terminate('deactivated');
      await Promise.all(open.map((subscription) => subscription.settled()));
    },
  };
}
