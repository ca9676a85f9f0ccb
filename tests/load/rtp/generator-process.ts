import { startGeneratorProcess } from '../measure/generator-process.ts';
import type { Answer, Figures, Order } from './generator.ts';

export interface Generator {
  /** Where callers and called sit. */
  readonly ports: [number, number];
  send(relays: [number, number][], seconds: number): Promise<Figures>;
  end(): Promise<void>;
}

/** Starts the telephones on their own core. */
export async function startGenerator(): Promise<Generator> {
  const { obey, end } = startGeneratorProcess<Order, Answer>(new URL('./generator.ts', import.meta.url));
  const { ports } = await obey({ do: 'open' });
  return {
    ports: ports!,
    send: async (relays, seconds) => (await obey({ do: 'send', relays, seconds })).figures!,
    end,
  };
}
