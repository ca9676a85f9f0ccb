import type { Bus, BusLog } from './bus.ts';
import { createInProcessBus } from './in-process-bus.ts';
import { createNatsBus } from './nats-bus.ts';

export * from './bus.ts';
export * from './in-process-bus.ts';
export * from './nats-bus.ts';
export { maxPayloadBytes } from './payload.ts';

/** The bus that the settings ask for: over NATS where a server is named, otherwise within this process. */
export function createBus(natsUrl: string | undefined, log: BusLog): Bus {
  return natsUrl === undefined ? createInProcessBus(log) : createNatsBus({ url: natsUrl, log });
}
