import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { endOnSignal, generatorCore, pinned } from '../measure/server.ts';
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
  const [program, args] = pinned(generatorCore, process.execPath, [
    fileURLToPath(new URL('./register-generator.ts', import.meta.url)),
  ]);
  const child: ChildProcess = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  endOnSignal(child);
  const exited = once(child, 'exit');

  async function obey(order: Order): Promise<Answer & { ok: true }> {
    const answered = once(child, 'message');
    child.send(order);
    const [answer] = (await Promise.race([
      answered,
      exited.then(() => {
        throw new Error('the generator ended');
      }),
    ])) as [Answer];
    if (!answer.ok) throw new Error(`${order.do}: ${answer.error}`);
    return answer;
  }

  await obey({ do: 'open', domain, accounts, ...(port === undefined ? {} : { port }) });
  const figuresOf = async (order: Order) => (await obey(order)).figures!;
  return {
    all: (port, atOnce) => figuresOf({ do: 'all', port, atOnce }),
    flood: (port, atOnce, seconds) => figuresOf({ do: 'flood', port, atOnce, seconds }),
    rate: (port, perSecond, seconds) => figuresOf({ do: 'rate', port, perSecond, seconds }),
    async end() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
