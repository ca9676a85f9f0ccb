import { startGeneratorProcess } from '../measure/generator-process.ts';
import type { Account, Answer, Figures, Order } from './register-generator.ts';

export interface RegisterGenerator {
  /** Every account once. */
  all(port: number, atOnce: number): Promise<Figures>;
  /** As fast as answers come, so many at a time. */
  flood(port: number, atOnce: number, seconds: number): Promise<Figures>;
  /** At a rate, whatever comes back. */
  rate(port: number, perSecond: number, seconds: number): Promise<Figures>;
  end(): Promise<void>;
}

/** Starts the registering telephones on their own core. */
export async function startRegisterGenerator(
  domain: string,
  accounts: readonly Account[],
  /** The one port of all; several free ones unless told. */
  port?: number,
): Promise<RegisterGenerator> {
  const { obey, end } = startGeneratorProcess<Order, Answer>(
    new URL('./register-generator.ts', import.meta.url),
  );
  await obey({ do: 'open', domain, accounts, ...(port === undefined ? {} : { port }) });
  const figuresOf = async (order: Order) => (await obey(order)).figures!;
  return {
    all: (port, atOnce) => figuresOf({ do: 'all', port, atOnce }),
    flood: (port, atOnce, seconds) => figuresOf({ do: 'flood', port, atOnce, seconds }),
    rate: (port, perSecond, seconds) => figuresOf({ do: 'rate', port, perSecond, seconds }),
    end,
  };
}
