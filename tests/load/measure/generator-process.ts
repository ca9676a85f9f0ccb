import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { endOnSignal, generatorCore, pinned } from './server.ts';

/** What a generator does, one order after another, each answered. */
export interface GeneratorProcess<Order, Answer> {
  /** @throws when the generator could not do it, or ended. */
  obey(order: Order): Promise<Answer & { ok: true }>;
  end(): Promise<void>;
}

/** Starts a program on the core of the generators, which takes orders from its parent. */
export function startGeneratorProcess<
  Order extends { readonly do: string },
  Answer extends { readonly ok: true } | { readonly ok: false; readonly error: string },
>(program: URL): GeneratorProcess<Order, Answer> {
  const [command, args] = pinned(generatorCore, process.execPath, [fileURLToPath(program)]);
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
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
      return answer as Answer & { ok: true };
    },
    async end() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
