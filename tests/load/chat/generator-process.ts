import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { endOnSignal, generatorCore, pinned } from '../measure/server.ts';
import type { Answer, Order } from './room.ts';

export interface Generator {
  /** @throws when the generator could not do it, or ended. */
  obey(order: Order): Promise<Answer & { ok: true }>;
  end(): Promise<void>;
}

/** Starts the load generator on its own core. */
export function startGenerator(): Generator {
  const [program, args] = pinned(generatorCore, process.execPath, [
    fileURLToPath(new URL('./generator.ts', import.meta.url)),
  ]);
  const child: ChildProcess = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  endOnSignal(child);
  const exited = once(child, 'exit');
  return {
    async obey(order) {
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
    },
    async end() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
