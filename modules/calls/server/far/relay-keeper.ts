import { Problem } from '@liaison/core/contract';
import type { Core, Service } from '@liaison/core/floor';
import { OwnedElsewhere, type Ownership } from '@liaison/core/owned';
import type { z } from 'zod';
import { MediaError, type MediaPool, type Relay, type RelayReport } from '../media/media.ts';
import {
  type relayKey,
  relayKeyPressed,
  relayLost,
  relayOrder,
  type relayPicture,
  relayPictureWanted,
  relaysOf,
} from './messages.ts';

/** How often it sees to being reachable, and looks for relays whose owner is gone, in milliseconds. */
const sweepMs = 5000;

/** Offers this process's relays to processes without the duty `media`. */
export function createRelayKeeper({ core, pool }: { core: Core; pool: MediaPool }): Service {
  const { owned, bus, log } = core;
  const relays = new Map<string, { relay: Relay; owner: string }>();
  let ownership: Ownership | undefined;
  let timer: NodeJS.Timeout | undefined;

  const close = async (id: string): Promise<RelayReport> => {
    const kept = relays.get(id);
    relays.delete(id);
    return (await kept?.relay.close()) ?? { ends: [] };
  };

  async function obey(params: unknown): Promise<unknown> {
    const order = relayOrder.parse(params);
    if (order.order === 'create') {
      const relay = await pool.createRelay();
      relays.set(relay.id, { relay, owner: order.owner });
      relay.onLost(() => {
        relays.delete(relay.id);
        bus.publish(relayLost, relay.id);
      });
      relay.onKey((end, { key, isTaken }) =>
        bus.publish(relayKeyPressed, { id: relay.id, end, key, isTaken } satisfies z.infer<typeof relayKey>),
      );
      relay.onPictureWanted((end) =>
        bus.publish(relayPictureWanted, { id: relay.id, end } satisfies z.infer<typeof relayPicture>),
      );
      return { id: relay.id };
    }
    if (order.order === 'close') return close(order.id);
    const kept = relays.get(order.id);
    if (!kept) throw new MediaError('closed', 'there is no such relay');
    // The arguments are checked by the relay's own process as those of any caller are.
    const method = kept.relay[order.method] as (...args: unknown[]) => Promise<unknown>;
    return method.apply(kept.relay, order.args);
  }

  async function claim(): Promise<void> {
    if (ownership?.held) return;
    ownership = undefined;
    try {
      ownership = await owned.claim(relaysOf(owned.processId), {
        async command(_name, params) {
          try {
            return await obey(params);
          } catch (error) {
            if (error instanceof MediaError) throw new Problem(409, error.code, error.message);
            throw error;
          }
        },
        lost: () => {
          for (const id of [...relays.keys()]) void close(id);
        },
      });
    } catch (error) {
      if (!(error instanceof OwnedElsewhere)) throw error;
    }
  }

  owned.onProcessLost((processId) => {
    for (const [id, { owner }] of [...relays]) if (owner === processId) void close(id);
  });

  return {
    name: 'calls.relays',
    async start() {
      await claim();
      timer = setInterval(() => {
        claim().catch((error: Error) =>
          log.warn({ err: error }, 'relays are not offered to others now; trying again'),
        );
      }, sweepMs);
    },
    async stop() {
      clearInterval(timer);
      await ownership?.release();
      ownership = undefined;
      await Promise.all([...relays.keys()].map((id) => close(id)));
    },
  };
}
