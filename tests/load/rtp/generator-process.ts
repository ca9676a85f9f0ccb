import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { endOnSignal, generatorCore, pinned } from '../measure/server.ts';
import type { Answer, Figures, Order } from './generator.ts';

export interface Generator {
  /** Where callers and called sit. */
  readonly ports: [number, number];
  send(relays: [number, number][], seconds: number): Promise<Figures>;
  end(): Promise<void>;
}

/** Starts the telephones on their own core. */
export async function startGenerator(): Promise<Generator> {
  const [program, args] = pinned(generatorCore, process.execPath, [
    fileURLToPath(new URL('./generator.ts', import.meta.url)),
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

  const { ports } = await obey({ do: 'open' });
  return {
    ports: ports!,
    async send(relays, seconds) {
      return (await obey({ do: 'send', relays, seconds })).figures!;
    },
    async end() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
