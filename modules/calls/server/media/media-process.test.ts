import { fork } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Setup } from './ipc.ts';

const program = fileURLToPath(new URL('./media-process.ts', import.meta.url));

/** Before its second answer the process stands still, as a machine may: its parent goes meanwhile. */
const standsStill = `
  import { writeSync } from 'node:fs';
  const { setImmediate } = globalThis;
  let turns = 0;
  globalThis.setImmediate = (...args) => {
    turns += 1;
    if (turns === 2) {
      writeSync(1, 'asked');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
    }
    return setImmediate(...args);
  };`;

test('an answer to a parent that has gone meanwhile is lost without a word', async () => {
  const child = fork(program, [], {
    execArgv: ['--import', `data:text/javascript,${encodeURIComponent(standsStill)}`],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  try {
    const said = text(child.stderr!);
    const ended = once(child, 'exit');
    const asked = once(child.stdout!, 'data');
    const setup: Setup = {
      op: 'setup',
      ports: { min: 0, max: 0 },
      bind: '127.0.0.1',
      advertise: '127.0.0.1',
      maxTranscoders: 1,
    };
    const ready = once(child, 'message');
    child.send(setup);
    expect(await ready).toMatchObject([[{ notice: 'ready' }], undefined]);
    child.send({ id: 1, relay: 'none', op: 'stats' });
    expect(String((await asked)[0])).toBe('asked');
    child.disconnect();
    expect(await ended).toEqual([0, null]);
    expect(await said).toBe('');
  } finally {
    child.kill('SIGKILL');
  }
});
