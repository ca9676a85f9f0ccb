import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { bareEnvironment, watch } from './watched.ts';

const program = fileURLToPath(new URL('./draw-child.ts', import.meta.url));

export interface ToDraw {
  /** Paths of the picture and of the WebP that is made of it. */
  readonly from: string;
  readonly to: string;
  /** Longest side in pixels. */
  readonly side: number;
  /** What it is: of a document its first page is drawn. */
  readonly kind: 'picture' | 'pdf';
}

export type Drawn =
  | { readonly ok: true; readonly width: number; readonly height: number }
  | { readonly ok: false; readonly why: string };

export interface Drawer {
  /** One at a time. What takes too long or too much is an answer too: that it could not be drawn. */
  draw(wanted: ToDraw): Promise<Drawn>;
  close(): void;
}

/** Memory of a process that draws, all of it. */
const maxBytes = 700 * 1024 ** 2;
/** A process that nobody needs for so long ends. */
const idleMs = 30_000;

/** A process that is started when it is needed, and again after one that had to be killed. */
export function createDrawer({ maxMs = 20_000 }: { maxMs?: number } = {}): Drawer {
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
    draw: (wanted) =>
      new Promise((resolve) => {
        const drawing = ready();
        drawing.ref();
        const unwatch = watch(drawing, { maxMs, maxBytes });
        const settle = (drawn: Drawn): void => {
          unwatch();
          drawing.off('message', heard);
          drawing.off('exit', exited);
          drawing.unref();
          clearTimeout(idle);
          idle = setTimeout(end, idleMs);
          idle.unref();
          resolve(drawn);
        };
        const heard = (drawn: unknown): void => settle(drawn as Drawn);
        const exited = (): void => settle({ ok: false, why: 'its process took too long or too much memory' });
        drawing.on('message', heard);
        drawing.on('exit', exited);
        drawing.send(wanted, (error) => {
          if (error) drawing.kill('SIGKILL');
        });
      }),
    close: end,
  };
}
