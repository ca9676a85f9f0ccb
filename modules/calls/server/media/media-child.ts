import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { inOneMessage, saidIn } from './in-one-message.ts';
import { type Notice, parseFromProcess, type RelayRequest, type Request, type Setup } from './ipc.ts';
import { MediaError } from './media-error.ts';

const PROGRAM = fileURLToPath(new URL('./media-process.ts', import.meta.url));
const START_TIMEOUT_MS = 20_000;
const REPLY_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 2_000;
/**
 * Of the young generation. Each packet leaves a buffer to be collected, and while thousands of them are, the packets of every
 * call wait: of 16 MB that takes milliseconds at a time, of this a few tenths, for a third of a microsecond more per packet.
 */
const YOUNG_MEGABYTES = 2;

export interface MediaChild {
  readonly pid: number;
  /** Rejects with `MediaError`: the process's own answer, `timeout`, or `lost`. */
  ask(relay: string, request: RelayRequest): Promise<unknown>;
  /** Closes what it has and ends it, by force if need be. */
  stop(): Promise<void>;
}

export interface MediaChildOptions {
  setup: Omit<Setup, 'op'>;
  onNotice(notice: Notice): void;
  /** It ended, asked to or not; called once. */
  onExit(how: { asked: boolean; code: number | null; signal: string | null }): void;
}

/** What the process may see of ours: nothing with a secret in it. */
const environment = () =>
  Object.fromEntries(
    ['PATH', 'NODE_ENV', 'TZ', 'LANG'].flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

/** Starts a process and waits until it is ready. Rejects with `MediaError` `lost`. */
export async function startMediaChild(options: MediaChildOptions): Promise<MediaChild> {
  const pending = new Map<
    number,
    { resolve: (result: unknown) => void; reject: (error: MediaError) => void; timer: NodeJS.Timeout }
  >();
  let nextId = 1;
  let asked = false;
  let ended = false;
  let lastError = '';

  const child: ChildProcess = fork(PROGRAM, [], {
    execArgv: ['--expose-gc', `--max-semi-space-size=${YOUNG_MEGABYTES}`],
    // Few arenas: the library's threads would each keep one of their own.
    env: { ...environment(), MALLOC_ARENA_MAX: '2' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exited = new Promise<void>((resolve) => {
    const end = (code: number | null, signal: string | null) => {
      if (ended) return;
      ended = true;
      for (const { reject, timer } of pending.values()) {
        clearTimeout(timer);
        reject(new MediaError('lost', 'The media process ended'));
      }
      pending.clear();
      resolve();
      options.onExit({ asked, code, signal });
    };
    child.once('exit', end);
    child.once('error', (error) => {
      lastError = error.message;
      if (child.pid === undefined) end(null, null);
    });
  });

  const ready = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new MediaError('lost', 'The media process did not start in time'));
      child.kill('SIGKILL');
    }, START_TIMEOUT_MS);
    void exited.then(() => {
      clearTimeout(timer);
      reject(
        new MediaError('lost', `The media process cannot be started: ${lastError || 'it ended at once'}`),
      );
    });
    const hear = (said: unknown) => {
      const parsed = parseFromProcess(said);
      if (!parsed) {
        options.onNotice({ notice: 'error', message: 'A message that does not read' });
      } else if ('notice' in parsed) {
        if (parsed.notice === 'error') lastError = parsed.message;
        if (parsed.notice === 'ready') {
          clearTimeout(timer);
          resolve();
        } else options.onNotice(parsed);
      } else {
        const waiting = pending.get(parsed.id);
        if (!waiting) return;
        pending.delete(parsed.id);
        clearTimeout(waiting.timer);
        if (parsed.ok) waiting.resolve(parsed.result);
        else waiting.reject(new MediaError(parsed.code, parsed.message));
      }
    };
    child.on('message', (message) => {
      for (const said of saidIn(message)) hear(said);
    });
  });
  // A pipe that breaks, now or at the first message, is seen as the process's end, which rejects `ready`.
  child.on('error', () => {});
  child.send({ op: 'setup', ...options.setup } satisfies Setup, () => {});
  await ready;

  const tell = inOneMessage<Request>((requests) => {
    child.send(requests, (error) => {
      if (!error) return;
      for (const { id } of requests) {
        const waiting = pending.get(id);
        pending.delete(id);
        clearTimeout(waiting?.timer);
        waiting?.reject(new MediaError('lost', 'The media process ended'));
      }
    });
  });

  return {
    pid: child.pid ?? 0,
    ask(relay, request) {
      if (ended) return Promise.reject(new MediaError('lost', 'The media process ended'));
      return new Promise((resolve, reject) => {
        const id = nextId++;
        const timer = setTimeout(() => {
          pending.delete(id);
          reject(new MediaError('timeout', `The media process did not answer "${request.op}" in time`));
        }, REPLY_TIMEOUT_MS);
        pending.set(id, { resolve, reject, timer });
        tell({ id, relay, ...request });
      });
    },
    async stop() {
      asked = true;
      if (ended) return;
      if (child.connected) child.disconnect();
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}
