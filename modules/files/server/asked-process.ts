import { type ChildProcess, fork } from 'node:child_process';
import { bareEnvironment, watch } from './watched.ts';

/** A program that answers each message with one, as drawing and reading what strangers made is done: outside of our process. */
export interface AskedProcess<Wanted extends object, Answer> {
  /** One at a time. Null when it took too long or too much memory, or ended otherwise. */
  ask(wanted: Wanted): Promise<Answer | null>;
  close(): void;
}

export interface AskedProcessOptions {
  /** The path of the program. */
  readonly program: string;
  /** For one answer. */
  readonly maxMs: number;
  /** Of the process, all of it. */
  readonly maxBytes: number;
}

/** A process that nobody needs for so long ends. */
const idleMs = 30_000;

/** A process that is started when it is needed, and again after one that had to be killed. It knows no secret of ours. */
export function createAskedProcess<Wanted extends object, Answer>({
  program,
  maxMs,
  maxBytes,
}: AskedProcessOptions): AskedProcess<Wanted, Answer> {
  let child: ChildProcess | null = null;
  let idle: NodeJS.Timeout | undefined;

  const end = (): void => {
    clearTimeout(idle);
    child?.kill('SIGKILL');
    child = null;
  };
  function ready(): ChildProcess {
    clearTimeout(idle);
    if (child) return child;
    const begun = fork(program, [], {
      execArgv: ['--max-old-space-size=256'],
      env: { ...bareEnvironment(), MALLOC_ARENA_MAX: '2' },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    begun.once('exit', () => {
      if (child === begun) child = null;
    });
    // It is seen as the process's end.
    begun.on('error', () => {});
    begun.unref();
    child = begun;
    return begun;
  }

  return {
    ask: (wanted) =>
      new Promise((resolve) => {
        const asked = ready();
        asked.ref();
        const unwatch = watch(asked, { maxMs, maxBytes });
        const settle = (answer: Answer | null): void => {
          unwatch();
          asked.off('message', heard);
          asked.off('exit', exited);
          asked.unref();
          clearTimeout(idle);
          idle = setTimeout(end, idleMs);
          idle.unref();
          resolve(answer);
        };
        const heard = (answer: unknown): void => settle(answer as Answer);
        const exited = (): void => settle(null);
        asked.on('message', heard);
        asked.on('exit', exited);
        asked.send(wanted, (error) => {
          if (error) asked.kill('SIGKILL');
        });
      }),
    close: end,
  };
}
