import { startGeneratorProcess } from '../measure/generator-process.ts';
import type { Answer, Order, TransferFigures, TrioAccounts } from './transfer-generator.ts';

export interface TransferGenerator {
  run(perSecond: number, seconds: number): Promise<TransferFigures>;
  /** All of them again, which holds for 600 s. */
  register(): Promise<void>;
  end(): Promise<void>;
}

/** Starts the telephones that transfer on the generators' core, and registers them. */
export async function startTransferGenerator(
  domain: string,
  port: number,
  trios: readonly TrioAccounts[],
): Promise<TransferGenerator> {
  const generator = startGeneratorProcess<Order, Answer>(new URL('./transfer-generator.ts', import.meta.url));
  await generator.obey({ do: 'open', domain, port, trios });
  return {
    run: async (perSecond, seconds) => (await generator.obey({ do: 'run', perSecond, seconds })).figures,
    async register() {
      await generator.obey({ do: 'register' });
    },
    end: generator.end,
  };
}
