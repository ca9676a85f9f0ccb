import { type Bus, BusTimeout } from '@liaison/core/bus';
import { z } from 'zod';

/** A bus that can lose answers, as a network does; nobody waits for what will not come. */
export interface LossyBus extends Bus {
  /** From now on the answers to this order of the calls module are lost, so many times: it is carried out, and nobody hears of it. */
  loseAnswersTo(order: string, times: number): void;
  /** How many were lost since. */
  readonly lost: number;
}

const ordered = z.object({ command: z.string(), params: z.object({ order: z.string() }) });

export function createLossyBus(bus: Bus): LossyBus {
  let which = '';
  let left = 0;
  let lost = 0;
  return {
    ...bus,
    get lost() {
      return lost;
    },
    loseAnswersTo(order, times) {
      which = order;
      left = times;
      lost = 0;
    },
    async request(subject, data, options) {
      const answer = await bus.request(subject, data, options);
      if (left === 0 || ordered.safeParse(data).data?.params.order !== which) return answer;
      left -= 1;
      lost += 1;
      throw new BusTimeout(`the answer to ${which} was lost`);
    },
  };
}
